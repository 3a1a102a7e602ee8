import type { ErrorRequestHandler } from 'express';
import { isProvostError, ProvostError } from '../../../domain/errors.ts';

/** The limit that counts for a bulk request, in the words of RFC 7644 §3.7.4 and of REST API 1.1 §3.8. */
export const sayLimit =
  (maxPayloadBytes: number): ErrorRequestHandler =>
  (error: unknown, _request, _response, next) => {
    // Too many operations have a message of their own.
    if (!isProvostError(error, 'TOO_LARGE') || error.cause === undefined) next(error);
    else
      next(
        new ProvostError(
          'TOO_LARGE',
          `The size of the bulk operation exceeds the maxPayloadSize (${maxPayloadBytes}). Divide it.`,
          {},
          { cause: error },
        ),
      );
  };
