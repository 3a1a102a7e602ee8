import { join, resolve } from 'node:path';
import { type Child, startChild } from '../services/child.ts';
import { endRecorded } from '../services/process-record.ts';
import { untilReady } from '../services/until-ready.ts';

export interface PartOptions {
  /** As a person would say it: "the API". */
  readonly name: string;
  readonly script: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Answers 200 when the part serves. */
  readonly readyUrl: string;
}

/** One of our own processes, started like a service: in a process group of its own, with a log of its own. */
export async function startPart({ name, script, dataDir, env, readyUrl }: PartOptions): Promise<Child> {
  const slug = script.replace(/\/.*$/, '');
  const recordFile = join(resolve(dataDir), `${slug}.process.json`);
  await endRecorded(recordFile, 'SIGTERM');
  const child = await startChild({
    name,
    program: process.execPath,
    args: [join(import.meta.dirname, '..', '..', script)],
    cwd: process.cwd(),
    env: { ...process.env, ...env },
    logFile: join(resolve(dataDir), `${slug}.log`),
    recordFile,
    stopSignal: 'SIGTERM',
  });
  await untilReady(name, child, async () => (await fetch(readyUrl)).ok);
  return child;
}
