/** The worker process: serves the workflows and every target's queue until it is asked to end. */
import { ConfigurationError, loadConfig, unknownVariables } from '../platform/config.ts';
import { createLogger } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import { onShutdown } from '../platform/shutdown.ts';
import { installTemporalRuntime } from '../platform/temporal-worker.ts';
import { startHealthServer } from './health-server.ts';
import { openWorker } from './open-worker.ts';
import type { RunningWorker } from './start-worker.ts';

try {
  await run();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLogger({ service: 'worker', level: config.log.level });
  for (const variable of unknownVariables(process.env)) log.warn({ variable }, 'unknown variable; is it misspelt?');
  const metrics = createMetrics('worker');
  installTemporalRuntime({
    log,
    ...(config.worker.sdkMetricsPort === undefined
      ? {}
      : { sdkMetricsAddress: `${config.worker.metricsHost}:${config.worker.sdkMetricsPort}` }),
  });

  let worker: RunningWorker | undefined;
  let isStopping = false;
  const health = await startHealthServer({
    host: config.worker.metricsHost,
    port: config.worker.metricsPort,
    isReady: () => worker !== undefined && !isStopping,
    metrics: metrics.expose,
  });
  onShutdown(
    async () => {
      isStopping = true;
      metrics.setReady(false);
      await worker?.stop();
      await health.stop();
    },
    { log, graceMs: config.shutdown.graceMs },
  );

  worker = await openWorker(config, { log, metrics });
  metrics.setReady(true);
  log.info({ metricsPort: health.port, taskQueue: config.temporal.taskQueue }, 'worker is ready');
  worker.failed.catch((error: unknown) => {
    log.fatal({ err: error }, 'a worker died; ending so that it is started anew');
    process.exit(1);
  });
}
