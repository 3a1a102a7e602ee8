import express, { type Request, type RequestHandler } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { takeJson } from '../body/take-json.ts';
import { boundMarkup } from '../xml/bound-markup.ts';
import { decodeXml } from '../xml/decode-xml.ts';
import { readXml } from '../xml/read-xml.ts';
import { bodyFormat } from './format.ts';
import { resourceFromXml } from './xml/resource-from-xml.ts';

/** Takes in a body in either format, not larger than `bytes`. What it says is for {@link readBody}. */
export const takeBody = (bytes: number): readonly RequestHandler[] => [
  (request, _response, next) => {
    if (bodyFormat(request) !== undefined) next();
    else next(new ProvostError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json or application/xml.'));
  },
  ...takeJson({ limit: bytes, isJson: (request) => bodyFormat(request) === 'json' }),
  express.raw({ limit: bytes, type: (request) => bodyFormat(request as Request) === 'xml' }),
  (request, _response, next) => {
    const body: unknown = request.body;
    if (Buffer.isBuffer(body)) {
      const text = decodeXml(body, request.headers['content-type']);
      boundMarkup(text, MOST_TAGS);
      request.body = text;
    }
    next();
  },
];

/** Tags of a resource in XML: a group with some twenty thousand members fits. */
const MOST_TAGS = 100_000;

/**
 * The body of a request as JSON, whatever the client wrote it in.
 *
 * @throws ProvostError `INVALID_SYNTAX`, `TOO_LARGE`
 */
export function readBody(request: Request, type: ResourceTypeDefinition): unknown {
  const body: unknown = request.body;
  if (bodyFormat(request) !== 'xml') return body;
  return resourceFromXml(readXml(typeof body === 'string' ? body : ''), type);
}
