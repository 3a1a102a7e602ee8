import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  condition,
  TemporalFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import { isErrorCode } from '../domain/errors.ts';
import { type FailureReason, failureReason } from './failure-reason.ts';
import { handingOver, isHandingOver } from './handing-over.ts';

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Does work on our own database, and repeats it while the database is away. What fails for another reason is thrown after
 * some attempts: it would fail for ever, and everything else would wait for it.
 *
 * @param mustStop whether the next run has to go on instead
 * @throws the work's failure; HANDING_OVER where it must stop
 */
export async function whenStored<Result>(work: () => Promise<Result>, mustStop: () => boolean): Promise<Result> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (failure) {
      if (!isAway(failure)) throw failure;
    }
    if (mustStop() || (await condition(mustStop, pause))) throw handingOver();
  }
}

/** Whether work on our own database failed; anything else is an error of the workflow's. */
export const isStoreFailure = (failure: unknown): failure is TemporalFailure =>
  failure instanceof TemporalFailure && !isHandingOver(failure);

/** Whether this is no answer of ours but a failure that no attempt got past. */
export function isUnforeseen(failure: unknown): boolean {
  if (!isStoreFailure(failure)) return false;
  const cause = causeOf(failure);
  return !(cause instanceof CancelledFailure) && !(cause instanceof ApplicationFailure && cause.nonRetryable);
}

/** A local activity's failure is its own; others come wrapped. */
const causeOf = (failure: TemporalFailure): unknown => (failure instanceof ActivityFailure ? failure.cause : failure);

/** Why work on our own database failed, as operators are told. What an unforeseen error says may tell of people. */
export function storeFailure(failure: unknown): FailureReason {
  const { code, message } = failureReason(failure);
  if (isErrorCode(code)) return { code, message };
  return {
    code: 'UNEXPECTED_FAILURE',
    message: `It failed in every attempt, unexpectedly (${code}). The log of the worker says more.`,
  };
}

const AWAY: ReadonlySet<string> = new Set(['STORE_UNAVAILABLE', 'ENGINE_UNAVAILABLE']);

function isAway(failure: unknown): boolean {
  if (!isUnforeseen(failure)) return false;
  const cause = causeOf(failure as TemporalFailure);
  return cause instanceof TimeoutFailure || (cause instanceof ApplicationFailure && AWAY.has(cause.type ?? ''));
}
