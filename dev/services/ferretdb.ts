import { join } from 'node:path';
import { startChild } from './child.ts';
import { mongodbAnswers } from './mongodb-answers.ts';
import type { Running } from './owned-service.ts';
import { startPostgres } from './postgres.ts';
import type { PostgresInstallation } from './postgres-installation.ts';
import { endRecorded } from './process-record.ts';
import type { OnProgress } from './progress.ts';
import { untilReady } from './until-ready.ts';

export interface FerretdbOptions {
  readonly ferretdb: string;
  readonly postgres: PostgresInstallation;
  readonly folder: string;
  readonly port: number;
  readonly durable: boolean;
  readonly onProgress: OnProgress;
}

const NAME = 'FerretDB';

/** FerretDB in front of a PostgreSQL that only it can reach, by a socket in the data folder. */
export async function runFerretdb(options: FerretdbOptions): Promise<Running> {
  const { ferretdb, postgres: installation, folder, port, durable, onProgress } = options;
  const postgres = await startPostgres({ installation, folder, durable, onProgress });
  try {
    const child = await startChild({
      name: NAME,
      program: ferretdb,
      // A socket's path may be 107 bytes long and a data folder's may be longer, hence the way by the working folder.
      args: [
        ...['-listen', `127.0.0.1:${port}`, '-state', folder],
        ...['-postgres', 'postgres://postgres@/postgres?host=/proc/self/cwd'],
      ],
      cwd: postgres.data,
      logFile: join(folder, 'ferretdb.log'),
      recordFile: ferretdbRecord(folder),
      stopSignal: 'SIGTERM',
    });
    try {
      await untilReady(NAME, child, () => mongodbAnswers(port));
    } catch (error) {
      await child.kill();
      throw error;
    }
    child.onUnexpectedEnd(onProgress);
    return {
      async stop() {
        await child.stop();
        await postgres.stop();
      },
      async kill() {
        await Promise.all([child.kill(), postgres.kill()]);
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

const ferretdbRecord = (folder: string): string => join(folder, 'ferretdb.json');

/** Ends what a killed start left, so that its port is free again. */
export const endOldFerretdb = (folder: string): Promise<boolean> => endRecorded(ferretdbRecord(folder), 'SIGTERM');
