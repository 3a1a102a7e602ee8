import type { Request, RequestHandler } from 'express';
import rateLimit, { ipKeyGenerator } from 'express-rate-limit';
import { ProvostError } from '../domain/errors.ts';
import { principalOf } from './identify/authenticate.ts';

/**
 * So many requests a second for each client, in this process; behind authentication. Each client by its credential:
 * many share an address, and one may have many.
 *
 * @param perSecond 0 sets no limit
 */
export const limitRate = (perSecond: number): RequestHandler | undefined =>
  limit(perSecond, (request) => principalOf(request).credential);

/**
 * The same for whoever does not say who it is, by address: descriptions, sign-in pages, the token endpoint. Requests with
 * credentials for anything else are limited once those are known.
 */
export const limitAnonymousRate = (perSecond: number): RequestHandler | undefined =>
  limit(
    perSecond,
    (request) => ipKeyGenerator(request.ip ?? ''),
    (request) => request.headers.authorization !== undefined && !request.path.startsWith('/oauth2/'),
  );

function limit(
  perSecond: number,
  keyOf: (request: Request) => string,
  skip?: (request: Request) => boolean,
): RequestHandler | undefined {
  if (perSecond === 0) return undefined;
  return rateLimit({
    windowMs: 1_000,
    limit: perSecond,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: keyOf,
    ...(skip === undefined ? {} : { skip }),
    handler: (_request, _response, next) => {
      next(
        new ProvostError('CLIENT_THROTTLED', `More than ${perSecond} requests a second; slow down.`, {
          retryAfterMs: 1_000,
        }),
      );
    },
  });
}
