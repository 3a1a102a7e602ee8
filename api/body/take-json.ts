import express, { type Request, type RequestHandler } from 'express';
import { charsetOf, decodeText } from './decode-text.ts';
import { parseJson } from './parse-json.ts';

export interface JsonBodies {
  /** Largest body, in bytes, after decompression. */
  readonly limit: number;
  /** Which requests have such a body. */
  readonly isJson: (request: Request) => boolean;
}

/** Takes in JSON bodies, for every protocol alike. An empty one counts as `{}`. */
export const takeJson = ({ limit, isJson }: JsonBodies): readonly RequestHandler[] => [
  express.raw({ limit, type: (request) => isJson(request as Request) }),
  (request, _response, next) => {
    const body: unknown = request.body;
    if (Buffer.isBuffer(body))
      request.body = body.length === 0 ? {} : parseJson(decodeText(body, charsetOf(request.headers['content-type'])));
    next();
  },
];
