import { setTimeout as delay } from 'node:timers/promises';
import { isUsable } from '../../../domain/call-grid.ts';
import type { RateLimit } from '../../../domain/target-rules.ts';

export interface CallTurns {
  /** Waits until a call may be made. Urgent ones go before all others that wait in this process. */
  take(limit: RateLimit, urgent: boolean, signal: AbortSignal): Promise<void>;
  /** Nobody waits, and no call that was taken may still be made: it can be forgotten. */
  isIdle(): boolean;
}

interface Waiting {
  readonly urgent: boolean;
  go(): void;
  fail(error: unknown): void;
}

/** At a tenth of a second's calls at once, a busy target costs ten writes a second and worker. */
const leaseOf = ({ perSecond, burst }: RateLimit, waiting: number): number =>
  Math.max(1, Math.min(burst, Math.max(Math.ceil(perSecond / 10), Math.min(waiting, Math.ceil(perSecond / 4)))));

/**
 * The calls of one target in one process, one after another by the rate that all processes share. Who goes is decided
 * when a moment has come, not when it was taken: an urgent step that arrives late still goes next.
 *
 * @param lease takes moments for good
 */
export function createCallTurns(
  lease: (count: number, limit: RateLimit) => Promise<readonly number[]>,
  now: () => number,
): CallTurns {
  let waiting: Waiting[] = [];
  let moments: number[] = [];
  let isServing = false;
  let limit: RateLimit;

  async function serve(): Promise<void> {
    isServing = true;
    try {
      while (waiting.length > 0) {
        moments = moments.filter((moment) => isUsable(moment, limit, now()));
        if (moments.length === 0) moments = [...(await lease(leaseOf(limit, waiting.length), limit))];
        const rest = (moments[0] ?? 0) - now();
        if (rest > 0) await delay(rest);
        const next = waiting.find(({ urgent }) => urgent) ?? waiting[0];
        if (next === undefined) return;
        moments.shift();
        waiting = waiting.filter((other) => other !== next);
        next.go();
      }
    } catch (error) {
      for (const { fail } of waiting.splice(0)) fail(error);
    } finally {
      isServing = false;
    }
  }

  return {
    isIdle: () => !isServing && waiting.length === 0 && !moments.some((moment) => isUsable(moment, limit, now())),
    take(current, urgent, signal) {
      limit = current;
      return new Promise<void>((go, fail) => {
        if (signal.aborted) return fail(signal.reason);
        const leave = (): void => {
          waiting = waiting.filter((other) => other !== own);
          fail(signal.reason);
        };
        const own: Waiting = {
          urgent,
          go: () => {
            signal.removeEventListener('abort', leave);
            go();
          },
          fail,
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(own);
        if (!isServing) void serve();
      });
    },
  };
}
