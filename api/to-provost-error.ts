import type { ErrorRequestHandler } from 'express';
import { ProvostError } from '../domain/errors.ts';

/**
 * Turns what express and its parsers throw into our own errors, so that each protocol words one kind of failure. What
 * nobody expected stays what it is: the outermost handler logs it and answers 500 without details.
 */
export const toProvostError: ErrorRequestHandler = (error: unknown, _request, _response, next) => {
  next(translated(error) ?? error);
};

function translated(error: unknown): ProvostError | undefined {
  // Express' own: a path that is not valid percent-encoding.
  if (error instanceof URIError)
    return new ProvostError('INVALID_SYNTAX', 'The path of the request is malformed.', {}, { cause: error });
  if (!(error instanceof Error) || error instanceof ProvostError) return undefined;
  // Of zlib, by way of the body parser.
  if (!('type' in error) && 'status' in error && error.status === 400)
    return new ProvostError(
      'INVALID_SYNTAX',
      'The request body cannot be decompressed: Content-Encoding does not fit it, or it is cut off.',
      {},
      { cause: error },
    );
  if (!('type' in error)) return undefined;
  switch (error.type) {
    case 'entity.too.large':
      return new ProvostError('TOO_LARGE', tooLarge(error), {}, { cause: error });
    case 'entity.parse.failed':
      return new ProvostError('INVALID_SYNTAX', 'The request body is not valid JSON.', {}, { cause: error });
    case 'encoding.unsupported':
      return new ProvostError(
        'UNSUPPORTED_MEDIA_TYPE',
        'The Content-Encoding of the body is not supported; send gzip, deflate, br, zstd, or none.',
        {},
        { cause: error },
      );
    case 'charset.unsupported':
      return new ProvostError(
        'UNSUPPORTED_MEDIA_TYPE',
        'The character set of the body is not supported; send UTF-8.',
        {},
        { cause: error },
      );
    case 'request.aborted':
    case 'request.size.invalid':
    case 'entity.verify.failed':
    case 'stream.encoding.set':
      return new ProvostError('INVALID_SYNTAX', 'The request body did not arrive whole.', {}, { cause: error });
    default:
      return undefined;
  }
}

const tooLarge = (error: Error): string =>
  'limit' in error && typeof error.limit === 'number'
    ? `The request body is larger than ${error.limit} bytes, the most that is taken here.`
    : 'The request body is larger than this server takes.';
