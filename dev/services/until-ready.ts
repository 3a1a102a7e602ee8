import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from './child.ts';
import { CannotStartError, messageOf } from './progress.ts';

const ASK_EVERY_MS = 50;

/**
 * Asks again and again until the service answers.
 *
 * @param ready throws, or gives false, as long as it is not
 * @throws {@link CannotStartError} with the end of its log when the process ended or the time is over
 */
export async function untilReady(
  name: string,
  child: Child,
  ready: () => Promise<boolean> | boolean,
  patienceMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  let last = 'no answer yet';
  while (Date.now() < deadline) {
    if (!child.running()) throw new CannotStartError(`${name} ended while it started:\n${child.lastWords()}`);
    try {
      if (await ready()) return;
    } catch (error) {
      last = messageOf(error);
    }
    await delay(ASK_EVERY_MS);
  }
  throw new CannotStartError(
    `${name} was not ready after ${patienceMs / 1000} s (last answer: ${last}):\n${child.lastWords()}`,
  );
}
