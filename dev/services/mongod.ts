import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from './child.ts';
import { mongodbAnswers } from './mongodb-answers.ts';
import type { Running } from './owned-service.ts';
import { endRecorded } from './process-record.ts';
import type { OnProgress } from './progress.ts';
import { untilReady } from './until-ready.ts';

export interface MongodOptions {
  readonly mongod: string;
  readonly folder: string;
  readonly port: number;
  readonly onProgress: OnProgress;
}

const NAME = 'MongoDB';

/** A single MongoDB server. Provost needs no replica set: it uses neither transactions nor change streams. */
export async function runMongod({ mongod, folder, port, onProgress }: MongodOptions): Promise<Running> {
  const data = join(folder, 'mongod');
  mkdirSync(data, { recursive: true });
  const child = await startChild({
    name: NAME,
    program: mongod,
    args: ['--dbpath', data, '--bind_ip', '127.0.0.1', '--port', `${port}`, '--quiet'],
    cwd: folder,
    logFile: join(folder, 'mongod.log'),
    recordFile: mongodRecord(folder),
    stopSignal: 'SIGTERM',
  });
  try {
    await untilReady(NAME, child, () => mongodbAnswers(port));
  } catch (error) {
    await child.kill();
    throw error;
  }
  child.onUnexpectedEnd(onProgress);
  return child;
}

const mongodRecord = (folder: string): string => join(folder, 'mongod.json');

/** Ends what a killed start left, so that its port and data are free again. */
export const endOldMongod = (folder: string): Promise<boolean> => endRecorded(mongodRecord(folder), 'SIGTERM');
