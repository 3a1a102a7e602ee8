import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from './log.ts';

export interface UntilReadyOptions {
  /** Milliseconds after which no further attempt is made. */
  readonly deadlineMs: number;
  readonly log?: Logger;
  /** Failures that waiting doesn't cure, such as refused credentials: they are thrown at once. */
  readonly isHopeless?: (error: unknown) => boolean;
  readonly clock?: WaitingClock;
}

/** Time as the waiting sees it; a test brings its own. */
export interface WaitingClock {
  now(): number;
  pause(ms: number): Promise<unknown>;
}

/** Something that a process needs to start was not there in time. The cause is the last failure. */
export class NotReadyError extends Error {
  constructor(what: string, deadlineMs: number, cause: unknown) {
    super(`${what} was not ready within ${deadlineMs / 1000} s.`, { cause });
    this.name = 'NotReadyError';
  }
}

const SHORTEST_MS = 250;
const LONGEST_MS = 4000;
const realClock: WaitingClock = { now: () => performance.now(), pause: (ms) => pause(ms) };

/**
 * Tries until it succeeds: processes of one deployment start in any order.
 *
 * @param attempt is given the milliseconds that are left
 * @throws NotReadyError after the deadline
 */
export async function untilReady<T>(
  what: string,
  attempt: (leftMs: number) => Promise<T>,
  { deadlineMs, log, isHopeless = () => false, clock = realClock }: UntilReadyOptions,
): Promise<T> {
  const end = clock.now() + deadlineMs;
  for (let waitMs = SHORTEST_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_MS)) {
    try {
      return await attempt(Math.max(1, end - clock.now()));
    } catch (error) {
      if (isHopeless(error)) throw error;
      if (clock.now() + waitMs >= end) throw new NotReadyError(what, deadlineMs, error);
      log?.info({ what, waitMs, err: error }, 'not ready yet');
      await clock.pause(waitMs);
    }
  }
}
