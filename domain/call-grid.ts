import type { RateLimit } from './target-rules.ts';

/**
 * A token bucket as a grid of moments, one for each call, `1000 / perSecond` ms apart: whoever takes some gets them for
 * good, by one atomic write, and no two callers ever have the same. A moment may be used until `burst - 1` intervals later.
 * So in any time of n seconds there are at most `burst + n · perSecond` calls (one more where a timer was late), however
 * many workers hold some in stock.
 */
export interface TakenMoments {
  /** Epoch milliseconds of each. */
  readonly moments: readonly number[];
  /** Where the grid goes on; what is to be stored. */
  readonly next: number;
}

/** @param next where the grid goes on; undefined for a target that was never called */
export function takeMoments(
  next: number | undefined,
  count: number,
  { perSecond, burst }: RateLimit,
  now: number,
): TakenMoments {
  const interval = 1000 / perSecond;
  // After a quiet time the last `burst` moments are still there to be used.
  const first = Math.max(next ?? 0, now - (burst - 1) * interval);
  return {
    moments: Array.from({ length: count }, (_, index) => first + index * interval),
    next: first + count * interval,
  };
}

/** Whether a moment that was taken may still be used. */
export const isUsable = (moment: number, { perSecond, burst }: RateLimit, now: number): boolean =>
  now <= moment + (Math.max(1, burst - 1) * 1000) / perSecond;
