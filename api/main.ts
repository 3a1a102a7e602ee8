/** The API process: answers HTTP until it is asked to end. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { runProcess } from '../platform/run-process.ts';
import { onShutdown } from '../platform/shutdown.ts';
import { startStatusServer } from '../platform/status-server.ts';
import { MigrationsPendingError } from '../stores/migrations/require-migrations.ts';
import { limitConnections } from './limit-connections.ts';
import { openApi } from './open-api.ts';

await runProcess(
  'api',
  async ({ config, log, metrics }) => {
    const api = await openApi(config, { log, metrics });

    const server = api.app.listen(config.api.port, config.api.host);
    limitConnections(server, config.api);
    await once(server, 'listening');
    let isReady = true;
    const status = await startStatusServer({
      host: config.api.metricsHost,
      port: config.api.metricsPort,
      isReady: () => isReady,
      metrics: metrics.expose,
    });
    metrics.setReady(true);
    const { port } = server.address() as AddressInfo;
    log.info({ port, metricsPort: status.port, publicUrl: config.api.publicUrl }, 'API is ready');

    onShutdown(
      async () => {
        isReady = false;
        metrics.setReady(false);
        const closed = once(server, 'close');
        server.close();
        // Connections that wait for their next request would keep it open; those that are being answered stay.
        server.closeIdleConnections();
        const closing = setInterval(() => server.closeIdleConnections(), 100);
        await closed;
        clearInterval(closing);
        await api.close();
        await status.stop();
      },
      { log, graceMs: config.shutdown.graceMs },
    );
  },
  [MigrationsPendingError],
);
