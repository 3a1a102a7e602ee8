import type { Request, RequestHandler, Response } from 'express';

/** How a client of SCIM 1.1 wants its answer, and may have sent its body. */
export type Format = 'json' | 'xml';

const FORMAT = 'scim1 format';
const SUFFIX = 'scim1 suffix';

/**
 * Finds out the format of the answer: by the suffix of the path (`/Users.xml`), which goes, else by Accept, else JSON
 * (REST API 1.1 §3.6). A client that accepts neither gets JSON all the same.
 */
export const takeFormat: RequestHandler = (request, response, next) => {
  const [path = '', ...query] = request.url.split('?');
  const suffix = /\.(json|xml)$/i.exec(path)?.[1]?.toLowerCase();
  if (suffix !== undefined) request.url = [path.slice(0, -suffix.length - 1), ...query].join('?');
  const wanted = suffix ?? (request.accepts(['application/json', 'application/xml', 'text/xml']) || 'json');
  response.locals[FORMAT] = wanted.endsWith('xml') ? 'xml' : 'json';
  response.locals[SUFFIX] = suffix;
  response.vary('Accept');
  next();
};

export const formatOf = (response: Response): Format => (response.locals[FORMAT] === 'xml' ? 'xml' : 'json');

/**
 * The format of the body: by Content-Type; without one, by the path's suffix, else JSON.
 *
 * @returns undefined for what is neither
 */
export function bodyFormat(request: Request): Format | undefined {
  const type = request.headers['content-type'];
  if (type === undefined) return request.res?.locals[SUFFIX] === 'xml' ? 'xml' : 'json';
  if (/^(?:application|text)\/(?:[\w.-]+\+)?json\b/i.test(type)) return 'json';
  return /^(?:application|text)\/(?:[\w.-]+\+)?xml\b/i.test(type) ? 'xml' : undefined;
}
