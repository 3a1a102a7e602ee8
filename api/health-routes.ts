import { Router } from 'express';

export interface HealthDependencies {
  /** Named checks, each of which rejects when its dependency doesn't answer. */
  readonly checks: Readonly<Record<string, () => Promise<unknown>>>;
  /** Monotonic milliseconds. */
  now(): number;
}

/** Longest a dependency may take to show that it is there, milliseconds. */
const PATIENCE_MS = 2_000;
/** How long an answer of the dependencies is good for: anybody may ask, and asking must not load them. Milliseconds. */
const FRESH_MS = 1_000;

/** `/healthz`: this process lives. `/readyz`: it can serve, else which dependency is missing. For load balancers. */
export function createHealthRoutes({ checks, now }: HealthDependencies): Router {
  const routes = Router();
  let latest: { readonly states: Promise<readonly (readonly [string, string])[]>; readonly at: number } | undefined;
  routes.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });

  routes.get('/readyz', async (_request, response) => {
    if (latest === undefined || latest.at + FRESH_MS <= now()) latest = { states: ask(checks), at: now() };
    const states = await latest.states;
    const ready = states.every(([, state]) => state === 'ok');
    response
      .status(ready ? 200 : 503)
      .json({ status: ready ? 'ok' : 'not ready', dependencies: Object.fromEntries(states) });
  });
  return routes;
}

const ask = (checks: HealthDependencies['checks']): Promise<readonly (readonly [string, string])[]> =>
  Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, (await answers(check)) ? 'ok' : 'missing'] as const),
  );

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
