import { activityInfo, heartbeat } from '@temporalio/activity';
import { ProvostError } from '../../../domain/errors.ts';
import type { RetryPolicy } from '../../../domain/policy.ts';
import { type Attempts, beginAttempt, mayHaveActed, NO_ATTEMPTS } from './attempts.ts';

export type AttemptRecord = ReturnType<typeof createAttemptRecord>;

/** The attempts of the step that runs now, kept in its heartbeat. */
export function createAttemptRecord() {
  const { heartbeatDetails, attempt } = activityInfo();
  const held = (heartbeatDetails ?? undefined) as Attempts | undefined;
  let attempts = held ?? NO_ATTEMPTS;
  // A worker that was lost may have taken the record with it: it may have called, and nobody knows.
  const isUnsure = held === undefined && attempt > 1;
  const before = mayHaveActed(attempts) || isUnsure;

  return {
    get tried() {
      return attempts.tried;
    },
    get probed() {
      return attempts.probed;
    },
    get firstAt() {
      return attempts.firstAt;
    },
    /** An attempt before this one may have taken effect. */
    mayHaveActed: before,
    /** A sign of life, with what is to be remembered. */
    beat: (): void => heartbeat(attempts),
    begin(probing: boolean, now: number): void {
      attempts = beginAttempt(attempts, probing, now);
    },
    /** Where workers were lost in the last attempt that the policy allows. @throws ProvostError `TARGET_TIMED_OUT` */
    refuseFurther({ maximumAttempts }: RetryPolicy): void {
      if (maximumAttempts === 0 || attempts.tried < maximumAttempts) return;
      throw new ProvostError('TARGET_TIMED_OUT', `No attempt of ${maximumAttempts} came to an end.`);
    },
  };
}
