/**
 * Health check of a container: succeeds where the one process in it, API or worker, answers on its port.
 *
 * It asks whether the process lives, not whether its dependencies do: a restart would not bring those back.
 */
import { loadConfig } from '../platform/config.ts';

const { api, worker } = loadConfig(process.env);

const lives = async (port: number): Promise<void> => {
  const { ok } = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(4_000) });
  if (!ok) throw new Error('not healthy');
};

await Promise.any([lives(api.port), lives(worker.metricsPort)]).catch(() => {
  console.error(`Nothing healthy answers on port ${api.port} or ${worker.metricsPort}.`);
  process.exitCode = 1;
});
