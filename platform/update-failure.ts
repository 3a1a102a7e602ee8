import {
  ApplicationFailure,
  isGrpcDeadlineError,
  isGrpcServiceError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { isErrorCode, ProvostError } from '../domain/errors.ts';

const NOT_FINISHED =
  'The change was taken and is not finished yet. Send the same request with the same Idempotency-Key to learn its outcome.';

/**
 * What Temporal's client throws where an update did not succeed, in our own words.
 *
 * @param notFinished what is said where the update was sent and its outcome is not known yet
 */
export function toProvostError(error: unknown, notFinished = NOT_FINISHED): ProvostError {
  if (error instanceof WorkflowUpdateFailedError) {
    const cause = error.cause;
    if (cause instanceof ApplicationFailure && isErrorCode(cause.type)) {
      return new ProvostError(cause.type, cause.message, cause.details?.[0] ?? {}, { cause: error });
    }
    // The run ended before it took the update: the next attempt starts a new one.
    return handingOver(error);
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error)) {
    return new ProvostError('ACKNOWLEDGEMENT_TIMEOUT', notFinished, { retryAfterMs: 5_000 }, { cause: error });
  }
  if (saysInside(error, /already completed|not found|aborted/i)) return handingOver(error);
  // The server takes no updates while a killed worker's task has timed out several times and none has done it yet.
  if (saysInside(error, /workflow task in failed state/i)) {
    return new ProvostError(
      'HANDING_OVER',
      'The worker that had this resource is gone, and another is about to take it up; try again.',
      { retryAfterMs: 2_000, catchingUp: true },
      { cause: error },
    );
  }
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

function saysInside(error: unknown, words: RegExp): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause) && (words.test(cause.details ?? '') || words.test(cause.message))) return true;
  }
  return false;
}
