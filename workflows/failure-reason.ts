import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { ErrorFacts } from '../domain/errors.ts';

export interface FailureReason {
  readonly code: string;
  readonly message: string;
}

/** Why a step failed for good: the target's own answer if there was one, however Temporal has wrapped it. */
export function failureReason(failure: unknown): FailureReason {
  let timedOut = false;
  for (let cause = failure; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) return { code: cause.type ?? 'INTERNAL', message: inItsWords(cause) };
    timedOut ||= cause instanceof TimeoutFailure;
  }
  if (timedOut)
    return { code: 'TARGET_TIMED_OUT', message: 'The target gave no answer within the time its retry policy allows.' };
  return {
    code: 'INTERNAL',
    message: failure instanceof ActivityFailure ? 'The step failed without saying why.' : String(failure),
  };
}

/** What we make of it, and the target's own explanation where it gave one. */
function inItsWords({ message, details }: ApplicationFailure): string {
  const facts = details?.[0] as ErrorFacts | undefined;
  return facts?.targetDetail === undefined ? message : `${message}: ${facts.targetDetail}`;
}
