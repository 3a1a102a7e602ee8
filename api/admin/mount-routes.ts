import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { clientHas, etagOf } from '../etag.ts';
import type { AdminRoute, Answer } from './route.ts';

/** Express routes for all of them, and a plain no to every other method on their paths. */
export function mountRoutes(routes: readonly AdminRoute[]): Router {
  const router = Router({ caseSensitive: true });
  for (const route of routes) {
    router[route.method](route.path, async (request, response) => {
      const answer = await route.run(request);
      if (answer.file === undefined) send(route, answer, request, response);
      else await sendFile(answer.file, response);
    });
  }
  for (const [path, methods] of methodsByPath(routes)) {
    router.all(path, (_request, response) => {
      response.set('Allow', methods.join(', '));
      throw new ProvostError('METHOD_NOT_ALLOWED', `This path takes ${methods.join(', ')}.`);
    });
  }
  return router;
}

/** The answer's schema has the last word: what it doesn't name is not sent, whatever a handler returned. */
function send({ method, answer }: AdminRoute, result: Answer<unknown>, request: Request, response: Response): void {
  response.set('Cache-Control', 'no-store');
  if (result.version !== undefined) response.set('ETag', etagOf(result.version));
  if (result.location !== undefined) response.location(`${request.baseUrl}${result.location}`);
  if (method === 'get' && result.version !== undefined && clientHas(request, result.version)) {
    response.status(304).end();
    return;
  }
  response.status(answer.status);
  if (answer.schema === undefined) response.end();
  else response.json(answer.schema.parse(result.body));
}

/** A failure in the middle breaks the connection: a client must not take half a file for a whole one. */
async function sendFile(
  { name, mediaType, chunks }: NonNullable<Answer<unknown>['file']>,
  response: Response,
): Promise<void> {
  response.set({ 'Cache-Control': 'no-store', 'Content-Type': mediaType });
  response.attachment(name).type(mediaType);
  await pipeline(Readable.from(chunks), response);
}

function methodsByPath(routes: readonly AdminRoute[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { path, method } of routes) {
    const methods = found.get(path) ?? [];
    found.set(path, methods);
    methods.push(method.toUpperCase());
    if (method === 'get') methods.push('HEAD');
  }
  return found;
}
