/** The worker process: serves the workflows and every target's queue until it is asked to end. */
import { runProcess } from '../platform/run-process.ts';
import { onShutdown } from '../platform/shutdown.ts';
import { startStatusServer } from '../platform/status-server.ts';
import { installTemporalRuntime } from '../platform/temporal-worker.ts';
import { MigrationsPendingError } from '../stores/migrations/require-migrations.ts';
import { openWorker } from './open-worker.ts';
import type { RunningWorker } from './start-worker.ts';

await runProcess(
  'worker',
  async ({ config, log, metrics }) => {
    installTemporalRuntime({
      log,
      ...(config.worker.sdkMetricsPort === undefined
        ? {}
        : { sdkMetricsAddress: `${config.worker.metricsHost}:${config.worker.sdkMetricsPort}` }),
    });

    let worker: RunningWorker | undefined;
    let isStopping = false;
    const health = await startStatusServer({
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
  },
  [MigrationsPendingError],
);
