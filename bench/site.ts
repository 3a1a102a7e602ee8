import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { Pool } from 'undici';
import { startPart } from '../dev/demo/part.ts';
import { seedDemo } from '../dev/demo/seed-demo.ts';
import type { Child } from '../dev/services/child.ts';
import { claimPort } from '../dev/services/ports.ts';
import { createEncryptionKey, createKeyRing } from '../platform/key-ring.ts';
import { connectMongo } from '../stores/connect.ts';

export interface SiteOptions {
  readonly name: string;
  readonly dataDir: string;
  readonly temporalAddress: string;
  readonly mongodbUri: string;
  /** Without one nothing is provisioned. */
  readonly sandbox?: { readonly url: string; readonly token: string };
  readonly withWorker: boolean;
  /** Changes are kept and sent nowhere. */
  readonly persistOnly?: boolean;
  readonly profile: string | undefined;
}

export type Site = Awaited<ReturnType<typeof openSite>>;

const TENANT = 'demo';
const ADMIN = { username: 'platform-admin', password: 'bench-administrator' };
/** Discard: nothing listens there. */
const NO_TARGET = { url: 'http://127.0.0.1:9/scim/v2', token: 'none' };

/** API and, where asked for, worker as processes of their own on a database of their own, with one tenant. */
export async function openSite(options: SiteOptions) {
  const dataDir = join(options.dataDir, options.name);
  mkdirSync(dataDir, { recursive: true });
  const uri = new URL(options.mongodbUri);
  uri.pathname = `/bench-${options.name}-${randomBytes(4).toString('hex')}`;
  const port = () => claimPort({ port: 0, wantedBy: 'the benchmark', variable: 'none' });
  const [apiPort, workerPort] = [await port(), await port()];
  const api = `http://127.0.0.1:${apiPort}`;
  const material = randomBytes(32);
  const env = {
    NODE_ENV: 'production',
    TEMPORAL_ADDRESS: options.temporalAddress,
    MONGODB_URI: uri.href,
    PROVOST_TASK_QUEUE: uri.pathname.slice(1),
    PROVOST_ENCRYPTION_KEYS: `bench:${material.toString('base64')}`,
    PROVOST_OUTBOUND_ALLOW: '127.0.0.0/8',
    PROVOST_BOOTSTRAP_ADMIN: `${ADMIN.username}:${ADMIN.password}`,
    PROVOST_API_PORT: String(apiPort),
    PROVOST_API_METRICS_PORT: '0',
    PROVOST_WORKER_METRICS_PORT: String(workerPort),
    PROVOST_RATE_LIMIT_PER_SECOND: '0',
    ...(options.profile === undefined
      ? {}
      : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${join(options.profile, options.name)}` }),
  };
  const mongo: Connection = await connectMongo({ uri: uri.href, maxPoolSize: 5 });
  const undo: (() => Promise<unknown>)[] = [() => mongo.close(), () => mongo.dropDatabase()];
  const stop = async (): Promise<void> => {
    for (const end of undo.splice(0).reverse()) await end();
  };
  try {
    const part = async (name: string, script: string, readyUrl: string): Promise<Child> => {
      const started = await startPart({ name, script, dataDir, env, readyUrl });
      undo.push(() => started.stop());
      return started;
    };
    const startWorker = () => part('The worker', 'worker/main.ts', `http://127.0.0.1:${workerPort}/readyz`);
    await part('The API', 'api/main.ts', `${api}/readyz`);
    let worker = options.withWorker ? await startWorker() : undefined;
    const demo = await seedDemo({ api, admin: ADMIN, known: {}, sandbox: options.sandbox ?? NO_TARGET });
    if (options.persistOnly) await sendNowhere(api);
    const pool = new Pool(api, { connections: 64, pipelining: 1 });
    undo.push(() => pool.close());
    const authorization = `Basic ${Buffer.from(`${demo.basic.username}:${demo.basic.password}`).toString('base64')}`;
    const admin = sender(pool, authorization, 'application/json');
    const ask = async <Answer>(
      method: 'GET' | 'POST' | 'PUT',
      path: string,
      body?: object,
      headers?: Readonly<Record<string, string>>,
    ): Promise<Answer> =>
      JSON.parse((await admin(method, `/admin/v1/tenants/${TENANT}${path}`, body, headers)).text) as Answer;
    return {
      /** Asks the administration API about the tenant; the path begins behind it. */
      ask,
      /** The target that the tenant begins with, and the path of its provider's targets. */
      async firstTarget(): Promise<{ readonly provider: string; readonly path: string; readonly id: string }> {
        const provider = (await ask<{ items: { id: string }[] }>('GET', '/identity-providers')).items[0]?.id ?? '';
        const path = `/identity-providers/${provider}/targets`;
        return { provider, path, id: (await ask<{ items: { id: string }[] }>('GET', path)).items[0]?.id ?? '' };
      },
      api,
      mongo,
      uri: uri.href,
      tenant: TENANT,
      /** What the site seals with. */
      keys: createKeyRing([createEncryptionKey('bench', material)]),
      /** Bytes that the worker's process has. */
      async workerMemory(): Promise<number> {
        const metrics = await (await fetch(`http://127.0.0.1:${workerPort}/metrics`)).text();
        return Number(/^process_resident_memory_bytes(?:\{[^}]*\})? (\S+)/m.exec(metrics)?.[1] ?? 0);
      },
      /** Ends the worker as a power cut does, and starts it again. */
      async killWorker(): Promise<void> {
        await worker?.kill();
        worker = await startWorker();
      },
      request: sender(pool, authorization),
      /** The administration API takes another media type. */
      admin,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function sendNowhere(api: string): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${ADMIN.username}:${ADMIN.password}`).toString('base64')}`;
  const pool = new Pool(api);
  const request = sender(pool, authorization, 'application/json');
  const path = `/admin/v1/tenants/${TENANT}/service-providers`;
  const { items } = JSON.parse((await request('GET', path)).text) as { items: { id: string; name: string }[] };
  const provider = items.find(({ name }) => name === 'Demo client');
  if (provider === undefined) throw new Error('the demo has no service provider');
  const { id, resident, ...held } = JSON.parse((await request('GET', `${path}/${provider.id}`)).text) as {
    readonly id: string;
    readonly resident: unknown;
  };
  await request('PUT', `${path}/${id}`, { ...held, mode: 'persist' });
  await pool.close();
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends requests with kept connections, as clients of a server do. @throws Error for an answer of 400 and above */
export const sender =
  (pool: Pool, authorization?: string, mediaType = 'application/scim+json') =>
  async (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
    own: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const {
      statusCode,
      headers,
      body: answer,
    } = await pool.request({
      method,
      path,
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': mediaType }),
        ...own,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (statusCode >= 400) throw new Error(`${method} ${path} answered ${statusCode}: ${text}`);
    return { status: statusCode, headers, text };
  };
