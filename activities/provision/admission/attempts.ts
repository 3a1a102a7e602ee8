import { isProvostError, ProvostError } from '../../../domain/errors.ts';
import type { RetryPolicy } from '../../../domain/policy.ts';

/**
 * What a step remembers from attempt to attempt, as details of its heartbeat. Temporal counts every time that it hands a
 * step out; only those in which the target was called count here.
 */
export interface Attempts {
  /** Attempts that called the target. */
  readonly tried: number;
  /** Epoch milliseconds of the first of them. */
  readonly firstAt?: number | undefined;
  /** Probes of a target in quarantine; they may have taken effect, and do not count. */
  readonly probed: number;
}

export const NO_ATTEMPTS: Attempts = { tried: 0, probed: 0 };

export const beginAttempt = ({ tried, firstAt, probed }: Attempts, probing: boolean, now: number): Attempts =>
  probing
    ? { tried, probed: probed + 1, ...(firstAt === undefined ? {} : { firstAt }) }
    : { tried: tried + 1, probed, firstAt: firstAt ?? now };

/** A step that was out once may have done something that nobody was told of. */
export const mayHaveActed = ({ tried, probed }: Attempts): boolean => tried + probed > 0;

/**
 * A failure with when to try again, or with the word that it is given up.
 *
 * @param openMs milliseconds since the first attempt in which the target could have been called
 * @param random 0 to 1; pauses are spread, so that what failed together does not come back together
 */
export function withPause(
  error: unknown,
  { tried }: Attempts,
  openMs: number,
  retry: RetryPolicy,
  random: number,
): unknown {
  if (!isProvostError(error) || !error.traits.retryable) return error;
  const isLast = retry.maximumAttempts > 0 && tried >= retry.maximumAttempts;
  const facts = { ...error.facts, ...(isLast || openMs >= retry.giveUpAfterMs ? { givenUp: true } : {}) };
  const doubled = retry.initialIntervalMs * 2 ** Math.min(Math.max(tried - 1, 0), 30);
  const own = Math.min(doubled, retry.maximumIntervalMs) * (0.75 + random / 2);
  const retryAfterMs = Math.round(Math.max(own, (error.facts.retryAfterMs ?? 0) * (1 + random / 10)));
  return new ProvostError(error.code, error.message, { ...facts, retryAfterMs }, { cause: error.cause });
}

/** A failure whose target is in quarantine now: it is tried again when a probe was answered, whatever the failure was. */
export const asWaiting = ({ message, facts }: ProvostError): ProvostError => {
  const said = facts.targetDetail === undefined ? message : `${message}: ${facts.targetDetail}`;
  return new ProvostError('TARGET_CLOSED', `waits: the target is in quarantine. ${said}`, { retryAfterMs: 1_000 });
};
