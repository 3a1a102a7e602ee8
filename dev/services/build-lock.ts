import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { lock } from 'proper-lockfile';
import type { OnProgress } from './progress.ts';

/** A holder renews its lock every few seconds; one that was killed stops doing so and is passed over after this. */
const STALE_AFTER_MS = 15_000;
const ASK_AGAIN_MS = 500;
const GIVE_UP_AFTER_MS = 30 * 60_000;

/**
 * Runs `work` while no other process does the same for `path`, so that two starts at once build a thing once. The one
 * that comes second waits, says so, and should look first whether the thing is there by now.
 *
 * @param what what is being made, for the message: "the Temporal server"
 */
export async function withBuildLock<T>(
  path: string,
  what: string,
  onProgress: OnProgress,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const options = {
    realpath: false,
    stale: STALE_AFTER_MS,
    update: STALE_AFTER_MS / 3,
    onCompromised: () => onProgress(`The lock on ${what} was lost, as after a machine's sleep; going on.`),
  };
  const release = await lock(path, options).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ELOCKED')) throw error;
    onProgress(`Waiting for another start that is preparing ${what}…`);
    const retries = { retries: GIVE_UP_AFTER_MS / ASK_AGAIN_MS, factor: 1, minTimeout: ASK_AGAIN_MS };
    return lock(path, { ...options, retries });
  });
  try {
    return await work();
  } finally {
    await release().catch(() => undefined); // one that was lost cannot be given back
  }
}
