import {
  ApplicationFailure,
  isGrpcDeadlineError,
  isGrpcServiceError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { isErrorCode, ProvostError } from '../domain/errors.ts';

/** What Temporal's client throws where an update did not succeed, in our own words. */
export function toProvostError(error: unknown): ProvostError {
  if (error instanceof WorkflowUpdateFailedError) {
    const cause = error.cause;
    if (cause instanceof ApplicationFailure && isErrorCode(cause.type)) {
      return new ProvostError(cause.type, cause.message, cause.details?.[0] ?? {}, { cause: error });
    }
    // The run ended before it took the update: the next attempt starts a new one.
    return handingOver(error);
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error)) {
    return new ProvostError(
      'ACKNOWLEDGEMENT_TIMEOUT',
      'The change was taken and is not finished yet. Send the same request with the same Idempotency-Key to learn its outcome.',
      { retryAfterMs: 5_000 },
      { cause: error },
    );
  }
  if (isRunEnded(error)) return handingOver(error);
  return new ProvostError(
    'ENGINE_UNAVAILABLE',
    'The workflow engine does not answer; try again shortly.',
    { retryAfterMs: 5_000 },
    { cause: error },
  );
}

const handingOver = (cause: unknown): ProvostError =>
  new ProvostError(
    'HANDING_OVER',
    'The resource was busy with handing over; try again.',
    { retryAfterMs: 1_000 },
    { cause },
  );

const isRunEnded = (error: unknown): boolean => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause) && /already completed|not found|aborted/i.test(cause.details ?? cause.message))
      return true;
  }
  return false;
};
