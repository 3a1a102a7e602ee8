import type { OnProgress } from './progress.ts';
import { claimServiceFolder } from './service-folder.ts';
import type { ServiceHandle } from './service-handle.ts';

/** One run of a service: what of it can be ended. */
export interface Running {
  readonly stop: () => Promise<void>;
  readonly kill: () => Promise<void>;
}

export interface OwnedService {
  readonly dataDir: string;
  /** Its folder in the data folder. */
  readonly name: string;
  readonly onProgress: OnProgress;
  /** Starts it and waits until it serves. */
  readonly start: (folder: string) => Promise<Running>;
}

/** Runs a service on a folder that nobody else uses meanwhile. */
export async function ownService({ dataDir, name, onProgress, start }: OwnedService): Promise<ServiceHandle> {
  async function begin() {
    const folder = await claimServiceFolder(dataDir, name, onProgress);
    try {
      return { folder, running: await start(folder.path) };
    } catch (error) {
      folder.release();
      throw error;
    }
  }
  async function end(how: keyof Running) {
    const ended = current;
    current = undefined;
    await ended?.running[how]();
    ended?.folder.release();
  }
  let current: Awaited<ReturnType<typeof begin>> | undefined = await begin();
  return {
    stop: () => end('stop'),
    kill: () => end('kill'),
    async restart() {
      await end('stop');
      current = await begin();
    },
  };
}
