import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';

export interface HealthServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Whether the worker serves its queues. */
  isReady(): boolean;
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** `/healthz`, `/readyz` and `/metrics` of a worker, which has no other HTTP side. */
export async function startHealthServer({ host, port, isReady, metrics }: HealthServerOptions) {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/readyz', (_request, response) => {
    response.status(isReady() ? 200 : 503).json({ status: isReady() ? 'ok' : 'not ready' });
  });
  app.get('/metrics', async (_request, response) => {
    const { contentType, text } = await metrics();
    response.set('Content-Type', contentType).send(text);
  });
  const server = app.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop(): Promise<void> {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
