import { Router } from 'express';

export interface HealthDependencies {
  /** Named checks, each of which rejects when its dependency doesn't answer. */
  readonly checks: Readonly<Record<string, () => Promise<unknown>>>;
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Longest a dependency may take to show that it is there, milliseconds. */
const PATIENCE_MS = 2_000;

/** `/healthz`: this process lives. `/readyz`: it can serve, else which dependency is missing. `/metrics`: Prometheus. */
export function createHealthRoutes({ checks, metrics }: HealthDependencies): Router {
  const routes = Router();
  routes.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });

  routes.get('/readyz', async (_request, response) => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, (await answers(check)) ? 'ok' : 'missing'] as const),
    );
    const ready = results.every(([, state]) => state === 'ok');
    response
      .status(ready ? 200 : 503)
      .json({ status: ready ? 'ok' : 'not ready', dependencies: Object.fromEntries(results) });
  });

  routes.get('/metrics', async (_request, response) => {
    const { contentType, text } = await metrics();
    response.set('Content-Type', contentType).send(text);
  });
  return routes;
}

async function answers(check: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), PATIENCE_MS);
  });
  try {
    await Promise.race([check(), late]);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
