import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { until } from '../until.ts';

const ROOT = join(import.meta.dirname, '..', '..');

export interface OwnProcess {
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
  /** Asks it to end. @returns its exit code */
  terminate(): Promise<number | null>;
  readonly isRunning: boolean;
}

/** A process of the product, with an environment of its own. What it writes is kept for the error message alone. */
export function startProcess(
  file: 'api/main.ts' | 'worker/main.ts',
  env: Readonly<Record<string, string>>,
): OwnProcess {
  const child: ChildProcess = spawn(process.execPath, [join(ROOT, file)], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (isRunning()) child.kill(signal);
    return (await ended)[0];
  };
  return {
    kill: async () => void (await end('SIGKILL')),
    terminate: () => end('SIGTERM'),
    get isRunning() {
      return isRunning();
    },
  };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until a process answers that it is ready to work. */
export const untilReady = (url: string): Promise<boolean> =>
  until(
    `${url} ready`,
    async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true,
    Boolean,
    60_000,
  );

/** Numbers that are the same in each run: a failure can be looked at again. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
