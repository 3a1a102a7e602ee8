import express, { type Request, type RequestHandler } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { readXml } from '../xml/read-xml.ts';
import { bodyFormat } from './format.ts';
import { resourceFromXml } from './xml/resource-from-xml.ts';

/** Takes in a body in either format, not larger than `bytes`. What it says is for {@link readBody}. */
export const takeBody = (bytes: number): readonly RequestHandler[] => [
  (request, _response, next) => {
    if (bodyFormat(request) !== undefined) next();
    else next(new ProvostError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json or application/xml.'));
  },
  express.json({ limit: bytes, type: (request) => bodyFormat(request as Request) === 'json' }),
  express.text({ limit: bytes, type: (request) => bodyFormat(request as Request) === 'xml' }),
];

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
