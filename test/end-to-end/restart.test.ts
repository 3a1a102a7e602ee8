import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, refusal, startFaultySandbox } from './sandbox.ts';
import { type Answer, newTenant, replacing, settled, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  [provost, sandbox] = await Promise.all([startInstallation(), startFaultySandbox()]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

const posts = (userName: string) =>
  sandbox.received.filter(({ method, body }) => method === 'POST' && body.includes(`"${userName}"`)).length;

/** A client as it should be: it sends the same request with the same key until it has an answer. */
async function insist(tenant: TestTenant, body: object, key: string): Promise<Answer> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await tenant.scim('POST', '/Users', body, { 'idempotency-key': key }).catch(() => undefined);
    if (answer !== undefined && answer.status < 500) return answer;
    await pause(50);
  }
  throw new Error('no answer after 200 attempts');
}

test('a worker that stops between store and target leaves the step to the next one', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  sandbox.script(refusal(503, 'later', { 'retry-after': '1' }));
  const created = await tenant.scim('POST', '/Users', { userName: 'stopped' });
  assert.equal(created.status, 201, created.text);
  await provost.stopWorker();
  assert.deepEqual(await sandbox.accounts('stopped'), []);
  const waiting = tenant.scim('PATCH', `/Users/${created.body['id']}`, replacing('title', 'Head'));
  await provost.startWorker();
  assert.equal((await waiting).status, 200, 'a client that came while there was none is answered as well');
  await settled(tenant, created);
  await until(
    'both',
    () => sandbox.accounts('stopped'),
    ([held]) => held?.['title'] === 'Head',
  );
  assert.equal(posts('stopped'), 1);
});

test('a client whose connection breaks with the API gets its answer by asking again with its key', async () => {
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, blocking: true }] });
  sandbox.script(refusal(503, 'later', { 'retry-after': '2' }));
  const waiting = insist(tenant, { userName: 'patient' }, 'patient');
  await until('the first attempt', () => sandbox.received.some(({ path }) => path.includes('patient')));
  await provost.restartApi();
  const created = await waiting;
  assert.equal(created.status, 201, created.text);
  assert.equal((await sandbox.accounts('patient')).length, 1);
  assert.equal(posts('patient'), 1);
});

test('a create that takes effect and is never answered makes no second account', async () => {
  for (const [kind, userName] of [
    ['pass-then-hang', 'hanging'],
    ['pass-then-drop', 'dropped'],
    ['pass-then-cut', 'cut'],
  ] as const) {
    const tenant = await newTenant(provost.url, {
      targets: [{ ...sandbox.wish, settings: { requestTimeoutMs: 500 } }],
    });
    let isLost = false;
    sandbox.fail(({ method }) => {
      if (method !== 'POST' || isLost) return undefined;
      isLost = true;
      return { kind };
    });
    const created = await tenant.scim('POST', '/Users', { userName, title: 'Clerk' });
    const { steps } = (await settled(tenant, created)) as { steps: { action: string; attempts: number }[] };
    sandbox.heal();
    assert.deepEqual(
      steps.map(({ action, attempts }) => [action, attempts > 1]),
      [['create', true]],
      kind,
    );
    assert.equal((await sandbox.accounts(userName)).length, 1, kind);
    assert.equal(posts(userName), 1, kind);
  }
});

test('a create that takes effect and is answered with 500 makes no second account, even after a worker restart', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  let posted = 0;
  sandbox.fail(({ method }) => {
    if (method === 'POST') posted += 1;
    if (posted === 0) return undefined;
    return method === 'POST' ? { kind: 'pass-then-answer', status: 500 } : { kind: 'answer', status: 500 };
  });
  const created = await tenant.scim('POST', '/Users', { userName: 'unsure' });
  await until('the create', () => posted === 1);
  await provost.stopWorker();
  await provost.startWorker();
  sandbox.heal();
  await settled(tenant, created);
  assert.equal((await sandbox.accounts('unsure')).length, 1);
  assert.equal(posts('unsure'), 1);
});

test('a target that was down gets what it missed, once, in its newest form', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  sandbox.fail(() => ({ kind: 'drop' }));
  const created = await tenant.scim('POST', '/Users', { userName: 'missed', title: 'T0' });
  const answers = [created];
  for (let index = 1; index <= 5; index += 1)
    answers.push(await tenant.scim('PATCH', `/Users/${created.body['id']}`, replacing('title', `T${index}`)));
  const from = sandbox.received.length;
  await until('attempts', () => sandbox.received.length > from + 2);
  sandbox.heal();
  for (const answer of answers) await settled(tenant, answer);
  const accounts = await sandbox.accounts('missed');
  assert.deepEqual(
    accounts.map((account) => account['title']),
    ['T5'],
  );
});

test('Retry-After of a target is obeyed', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  sandbox.script(refusal(429, 'slow down', { 'retry-after': '2' }));
  const from = sandbox.received.length;
  const created = await tenant.scim('POST', '/Users', { userName: 'throttled' });
  await until('the refusal', () => sandbox.received.length > from);
  const refused = performance.now();
  await until('the next attempt', () => sandbox.received.length > from + 1);
  const waited = performance.now() - refused;
  // The target's own retry policy would have come back after 20 ms.
  assert.ok(waited > 1_800 && waited < 8_000, `waited ${waited} ms`);
  await settled(tenant, created);
});
