import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again until the condition holds.
 *
 * @param look what is to be seen; what it last gave is in the error when time is over
 * @param holds default: truthy
 */
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean = Boolean,
  deadlineMs = 20_000,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > end) throw new Error(`${what} did not come about; last seen: ${JSON.stringify(seen)}`);
    await pause(25);
  }
}
