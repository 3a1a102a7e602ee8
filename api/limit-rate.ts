import type { RequestHandler } from 'express';
import rateLimit from 'express-rate-limit';
import { ProvostError } from '../domain/errors.ts';
import { principalOf } from './identify/authenticate.ts';

/**
 * So many requests a second for each client, in this process; behind authentication. Each client by its credential:
 * many share an address, and one may have many.
 *
 * @param perSecond 0 sets no limit
 */
export function limitRate(perSecond: number): RequestHandler | undefined {
  if (perSecond === 0) return undefined;
  return rateLimit({
    windowMs: 1_000,
    limit: perSecond,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (request) => principalOf(request).credential,
    handler: (_request, _response, next) => {
      next(
        new ProvostError('CLIENT_THROTTLED', `More than ${perSecond} requests a second; slow down.`, {
          retryAfterMs: 1_000,
        }),
      );
    },
  });
}
