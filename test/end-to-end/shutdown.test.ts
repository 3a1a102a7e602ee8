import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { loadConfig } from '../../platform/config.ts';
import { connectMongo } from '../../stores/connect.ts';
import { bundleWorkflows } from '../../worker/bundle-workflows.ts';
import { until } from '../until.ts';
import { ownEnvironment } from './environment.ts';
import { freePort, type OwnProcess, startProcess, untilReady } from './processes.ts';
import { type FaultySandbox, startFaultySandbox } from './sandbox.ts';
import { newTenant, settled, type TestTenant } from './tenant.ts';

let folder: string;
let env: Record<string, string>;
let url: string;
let sandbox: FaultySandbox;
let api: OwnProcess;
let worker: OwnProcess;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provost-shutdown-'));
  const bundle = join(folder, 'workflows.js');
  await writeFile(bundle, (await bundleWorkflows()).code);
  const port = await freePort();
  env = ownEnvironment({ PROVOST_API_PORT: String(port), PROVOST_WORKFLOW_BUNDLE: bundle });
  url = `http://127.0.0.1:${port}`;
  sandbox = await startFaultySandbox();
  api = startProcess('api/main.ts', env);
  await untilReady(url);
  worker = startProcess('worker/main.ts', env);
});
after(async () => {
  await Promise.all([api.kill(), worker.kill(), sandbox.stop()]);
  const mongo = await connectMongo(loadConfig(env).mongo);
  await mongo.dropDatabase();
  await mongo.close();
  await rm(folder, { recursive: true, force: true });
});

/** A client whose blocking target answers in a second and a half. */
async function slowTenant(): Promise<TestTenant> {
  const tenant = await newTenant(url, { targets: [{ ...sandbox.wish, blocking: true }] });
  const warm = await tenant.scim('POST', '/Users', { userName: `warm-${tenant.id}` });
  assert.equal(warm.status, 201, warm.text);
  return tenant;
}

test('an API that is asked to end finishes the requests under way, takes no more, and ends well', async () => {
  const tenant = await slowTenant();
  let isAsked = false;
  sandbox.fail(({ method }) => {
    if (method !== 'POST') return undefined;
    isAsked = true;
    return { kind: 'answer', status: 429, headers: { 'retry-after': '2' } };
  });
  const underWay = tenant.scim('POST', '/Users', { userName: 'under-way' });
  await until('the target asked', () => isAsked);
  sandbox.heal();
  const ended = api.terminate();
  await until('no more taken', () =>
    fetch(`${url}/healthz`).then(
      () => false,
      () => true,
    ),
  );
  assert.equal((await underWay).status, 201);
  assert.equal(await ended, 0);
  api = startProcess('api/main.ts', env);
  await untilReady(url);
});

test('a worker that is asked to end finishes the step under way, and the next worker goes on', async () => {
  const tenant = await slowTenant();
  let passing = 0;
  sandbox.fail(({ method }) => {
    if (method === 'POST') passing += 1;
    return undefined;
  });
  sandbox.script({
    kind: 'answer',
    status: 200,
    delayMs: 1_000,
    body: { schemas: [], totalResults: 0, Resources: [] },
  });
  const from = sandbox.received.length;
  const waiting = tenant.scim('POST', '/Users', { userName: 'going-on' });
  await until('the step', () => sandbox.received.length > from);
  assert.equal(await worker.terminate(), 0);
  assert.equal(passing, 1, 'the step that was under way was finished');
  const later = await newTenant(url, { targets: [sandbox.wish] });
  const parkedHere = later.scim('POST', '/Users', { userName: 'after' });
  await pause(100);
  worker = startProcess('worker/main.ts', env);
  assert.equal((await waiting).status, 201);
  const created = await parkedHere;
  assert.equal(created.status, 201, created.text);
  await settled(later, created);
  assert.equal((await sandbox.accounts('going-on')).length, 1);
  assert.equal(passing, 2);
  sandbox.heal();
});
