import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadConfig } from '../../platform/config.ts';
import { connectMongo } from '../../stores/connect.ts';
import { until } from '../until.ts';
import { approvers, ask, asked, decide, itemsOf, newPerson, titles } from './approvers.ts';
import { ownEnvironment } from './environment.ts';
import { freePort, type OwnProcess, startProcess, untilReady } from './processes.ts';
import { type FaultySandbox, startFaultySandbox } from './sandbox.ts';
import { newTenant, replacing, settled } from './tenant.ts';

let env: Record<string, string>;
let url: string;
let health: string;
let api: OwnProcess;
let worker: OwnProcess;
let sandbox: FaultySandbox;

const startApi = async (): Promise<void> => {
  api = startProcess('api/main.ts', env);
  await untilReady(url);
};
const startWorker = async (): Promise<void> => {
  worker = startProcess('worker/main.ts', env);
  await untilReady(health);
};

before(async () => {
  const [port, healthPort] = [await freePort(), await freePort()];
  env = ownEnvironment({ PROVOST_API_PORT: String(port), PROVOST_WORKER_METRICS_PORT: String(healthPort) });
  url = `http://127.0.0.1:${port}`;
  health = `http://127.0.0.1:${healthPort}`;
  sandbox = await startFaultySandbox();
  await Promise.all([startApi(), startWorker()]);
});
after(async () => {
  await Promise.all([api.kill(), worker.kill()]);
  const mongo = await connectMongo(loadConfig(env).mongo);
  await mongo.dropDatabase();
  await mongo.close();
  await sandbox.stop();
});

test('API and workers that are killed while a change waits forget neither the question, nor its timers, nor a decision', async () => {
  const tenant = await newTenant(url, { targets: [sandbox.wish] });
  const [boss, chief, subject] = [
    await newPerson(url, tenant, 'boss'),
    await newPerson(url, tenant, 'chief'),
    await newPerson(url, tenant, 'subject'),
  ];
  const escalation = { afterMs: 3_000, approvers: approvers(chief) };
  await ask(tenant, ...titles([{ approvers: approvers(boss), escalation }]));
  const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'Chief'));
  assert.equal(changed.status, 202, changed.text);
  await Promise.all([api.kill(), worker.kill()]);
  await Promise.all([startApi(), startWorker()]);
  await until(
    'the escalation',
    () => chief.admin('GET', '/approvals'),
    (answer) => itemsOf(answer).some(({ id }) => id === asked(changed)),
  );

  await worker.kill();
  const deciding = decide(chief, asked(changed), 'approve');
  await startWorker();
  assert.equal((await deciding).body['state'], 'granted');
  await settled(tenant, changed);
  const read = await tenant.scim('GET', `/Users/${subject.id}`);
  assert.equal(read.body['title'], 'Chief');
  await until(
    'the target',
    () => sandbox.accounts('subject'),
    ([held]) => held?.['title'] === 'Chief',
  );
});
