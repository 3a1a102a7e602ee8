import { setTimeout as delay } from 'node:timers/promises';

export interface KeepLookingOptions {
  /** @returns true where there may be more at once. What it throws is told to {@link failed}. */
  look(stopping: AbortSignal): Promise<boolean | undefined>;
  readonly everyMs: number;
  failed(error: unknown): void;
}

/** Looks at once, and again after each pause, until it is stopped; what failed is looked at again as well. */
export function keepLooking({ look, everyMs, failed }: KeepLookingOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      const isMore = await look(stopping.signal).catch((error: unknown) => failed(error));
      if (isMore !== true) await pause(everyMs, stopping.signal);
    }
  }

  const following = follow();
  return {
    async stop() {
      stopping.abort();
      await following;
    },
  };
}

/** Ends early, and quietly, when there is no use in waiting on. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);
