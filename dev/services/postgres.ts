import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Child, startChild } from './child.ts';
import { type PostgresCommand, postgresCommand } from './postgres-command.ts';
import type { PostgresInstallation } from './postgres-installation.ts';
import { postgresSettings } from './postgres-settings.ts';
import { endRecorded } from './process-record.ts';
import { messageOf, type OnProgress } from './progress.ts';
import { runCommand } from './run-command.ts';
import { untilReady } from './until-ready.ts';

export interface PostgresOptions {
  readonly installation: PostgresInstallation;
  /** Gets `postgres/data` and the log. */
  readonly folder: string;
  readonly durable: boolean;
  readonly onProgress: OnProgress;
}

export interface Postgres extends Child {
  /** The data folder, with the server's socket in it. */
  readonly data: string;
}

const NAME = 'PostgreSQL';
/** The processes of a killed server notice within moments that it is gone; until then its memory cannot be taken over. */
const OLD_MEMORY = 'pre-existing shared memory block';
const OLD_MEMORY_PATIENCE_MS = 15_000;

/** Starts PostgreSQL with DocumentDB on the folder's data, which it makes the first time. */
export async function startPostgres({ installation, folder, durable, onProgress }: PostgresOptions): Promise<Postgres> {
  const home = join(folder, 'postgres');
  const data = join(home, 'data');
  const recordFile = join(folder, 'postgres.json');
  const command = postgresCommand(installation, home);
  const settings = Object.entries(postgresSettings(durable)).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

  if (await endRecorded(recordFile, 'SIGINT')) onProgress(`${NAME} of a start that was killed has been ended.`);
  if (!existsSync(data)) await makeData(command, data, settings);

  const deadline = Date.now() + OLD_MEMORY_PATIENCE_MS;
  for (;;) {
    const child = await startChild({
      name: NAME,
      ...command.line('postgres', '-D', command.data, ...settings),
      cwd: home,
      logFile: join(folder, 'postgres.log'),
      recordFile,
      stopSignal: 'SIGINT', // "fast": ends sessions and writes everything out
    });
    try {
      await untilReady(NAME, child, () => acceptsConnections(data, child.pid));
      child.onUnexpectedEnd(onProgress);
      return { ...child, data };
    } catch (error) {
      await child.kill();
      if (!messageOf(error).includes(OLD_MEMORY) || Date.now() > deadline) throw error;
      await delay(200);
    }
  }
}

/** Makes the data in a folder beside its place, so that a start that is killed meanwhile leaves nothing half made. */
async function makeData(command: PostgresCommand, data: string, settings: readonly string[]): Promise<void> {
  const beside = `${command.data}.unfinished`;
  rmSync(`${data}.unfinished`, { recursive: true, force: true });
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const initdb = command.line('initdb', '-D', beside, '-U', 'postgres', '--auth=trust', ...locale);
  await runCommand(initdb.program, initdb.args);
  // Single-user mode: no server, no socket, no client program.
  const alone = command.line('postgres', '--single', '-D', beside, ...settings, 'postgres');
  const output = await runCommand(alone.program, alone.args, { input: 'CREATE EXTENSION documentdb CASCADE;\n' });
  if (/ERROR/.test(output)) throw new Error(`DocumentDB cannot be set up: ${output}`);
  renameSync(`${data}.unfinished`, data);
}

/** What `pg_ctl` looks at as well: the first line of this file is the process, the eighth its state. */
function acceptsConnections(data: string, pid: number): boolean {
  const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  return lines[0]?.trim() === `${pid}` && lines[7]?.trim() === 'ready';
}
