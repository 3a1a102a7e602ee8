import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface StartedProcess<Facts> {
  /** What it said when it was ready. */
  readonly facts: Facts;
  /** What the process has counted. Asked beside its own work, so that it costs that next to nothing. One at a time. */
  count(): Promise<number>;
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
    async count() {
      child.send('count');
      const [counted] = (await once(child, 'message')) as [number];
      return counted;
    },
    async stop() {
      if (child.connected) child.send('stop');
      await ended;
    },
  };
}
