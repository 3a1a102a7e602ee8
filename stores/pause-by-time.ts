import { setImmediate as breathe } from 'node:timers/promises';

/** How long the event loop may be kept from others, milliseconds. */
const AT_MOST_MS = 10;

/** Lets others have their turn when the work of this loop has taken so long; to be awaited between two pieces of it. */
export function pauseByTime(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < AT_MOST_MS) return;
    await breathe();
    since = performance.now();
  };
}
