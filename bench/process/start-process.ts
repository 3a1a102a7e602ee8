import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface StartedProcess<Facts> {
  /** What it said when it was ready. */
  readonly facts: Facts;
  stop(): Promise<void>;
}

/**
 * Starts one of the benchmark's own processes and waits until it serves. It ends with this process.
 *
 * @param script path from `bench/`, e.g. `bare/read-server.ts`
 */
export async function startProcess<Facts>(script: string, settings: object): Promise<StartedProcess<Facts>> {
  const child = fork(fileURLToPath(new URL(`../${script}`, import.meta.url)), {
    env: { ...process.env, NODE_ENV: 'production', BENCH_SETTINGS: JSON.stringify(settings) },
  });
  const ended = once(child, 'exit');
  const [facts] = await Promise.race([
    once(child, 'message') as Promise<[Facts]>,
    ended.then(([code]) => Promise.reject(new Error(`${script} ended with ${code} before it served`))),
  ]);
  return {
    facts,
    async stop() {
      if (child.connected) child.send('stop');
      await ended;
    },
  };
}
