import type { RequestHandler } from 'express';
import { ProvostError } from '../domain/errors.ts';

/**
 * Refuses what a page of another site makes a browser send: a browser adds credentials that it keeps (HTTP Basic, cookies) by itself.
 * Browsers say where a request comes from (`Sec-Fetch-Site`, and `Origin` where it is not a plain navigation); programs say
 * neither, and pass. To be put before authentication.
 *
 * @param ownOrigins origins of this server's own pages, e.g. `https://provost.example.com`
 */
export function refuseCrossSite(ownOrigins: readonly string[]): RequestHandler {
  const own: ReadonlySet<string> = new Set(ownOrigins);
  return (request, _response, next) => {
    const { origin, 'sec-fetch-site': site } = request.headers;
    const isForeign =
      site === undefined ? origin !== undefined && !own.has(origin) : site !== 'same-origin' && site !== 'none';
    next(
      isForeign
        ? new ProvostError(
            'FORBIDDEN',
            'Requests from pages of other sites are refused. Send it from a program, without an Origin header.',
          )
        : undefined,
    );
  };
}
