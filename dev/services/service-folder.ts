import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withBuildLock } from './build-lock.ts';
import { forgetProcess, recordedProcess, recordProcess } from './process-record.ts';
import { CannotStartError, type OnProgress } from './progress.ts';

/** The part of the data folder that belongs to one service, while this process owns it. */
export interface ServiceFolder {
  readonly path: string;
  release(): void;
}

/**
 * Takes a service's folder for this process. What a killed owner left is passed over at once, because it is the owner's
 * process that is looked at and not the age of a file.
 *
 * @throws {@link CannotStartError} when a running process has it
 */
export async function claimServiceFolder(
  dataDir: string,
  service: string,
  onProgress: OnProgress,
): Promise<ServiceFolder> {
  const path = join(resolve(dataDir), service);
  mkdirSync(path, { recursive: true });
  const owner = join(path, 'owner.json');
  return withBuildLock(owner, path, onProgress, async () => {
    const holder = recordedProcess(owner);
    if (holder) {
      throw new CannotStartError(
        `The data in ${path} is in use by process ${holder.pid}. Stop that one or choose another data folder.`,
      );
    }
    recordProcess(owner, process.pid);
    return { path, release: () => forgetProcess(owner) };
  });
}
