import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { loadUsers } from '../../bench/load-users.ts';
import { asChangeId, asJobId, asResourceId, asServiceProviderId, asTargetId, asTenantId } from '../../domain/ids.ts';
import { createKeyRing } from '../../platform/key-ring.ts';
import { createSealer } from '../../platform/seal.ts';
import { createChangeStore } from '../../stores/changes.ts';
import { until } from '../until.ts';
import { editTarget, targetEdit } from './edit-target.ts';
import { ownEnvironment } from './environment.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { startProcess } from './processes.ts';
import { type FaultySandbox, refusal, startFaultySandbox } from './sandbox.ts';
import { type Answer, newTenant, patchOf, sender, settled, type TestTenant } from './tenant.ts';

const env = ownEnvironment();
let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  [provost, sandbox] = await Promise.all([startInstallation({ env }), startFaultySandbox()]);
});
afterEach(() => sandbox.heal());
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

async function createUsers(tenant: TestTenant, prefix: string, count: number): Promise<Answer[]> {
  const users = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      tenant.scim('POST', '/Users', { userName: `${prefix}-${index}`, title: index % 2 === 0 ? 'Even' : 'Odd' }),
    ),
  );
  for (const user of users) await settled(tenant, user);
  return users;
}

const ended = (tenant: TestTenant, id: unknown): Promise<Record<string, unknown>> =>
  until(
    `job ${id} ended`,
    async () => (await tenant.admin('GET', `/jobs/${id}`)).body,
    ({ state }) => state !== 'running',
    60_000,
  );

const writes = (from: number) =>
  sandbox.received.slice(from).filter(({ method, path }) => method !== 'GET' && !path.endsWith('.search'));

test('a resync puts right what somebody altered at the target, and sends nothing else', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  await createUsers(tenant, 'resync', 12);
  const [altered, deleted] = await sandbox.accounts('resync-');
  const directly = sender(sandbox.wish.baseUrl, { authorization: `Bearer ${sandbox.wish.token}` });
  await directly('PATCH', `/Users/${altered?.id}`, patchOf({ op: 'replace', path: 'title', value: 'Emperor' }));
  assert.equal((await directly('DELETE', `/Users/${deleted?.id}`)).status, 204);

  const before = sandbox.received.length;
  const job = await tenant.admin('POST', '/jobs', { kind: 'resync-target', target: tenant.targets[0] });
  assert.equal(job.status, 201, job.text);
  const done = await ended(tenant, job.body['id']);
  assert.deepEqual(
    [done['state'], done['examined'], done['touched'], done['progress']],
    ['done', 12, 12, { open: 0, confirmed: 12, failed: 0, parked: 0 }],
  );
  const held = await sandbox.accounts('resync-');
  assert.deepEqual([held.length, held.filter(({ title }) => title === 'Emperor').length], [12, 0]);
  assert.deepEqual(
    writes(before)
      .map(({ method }) => method)
      .sort(),
    ['PATCH', 'POST'],
  );
});

test('a policy edit shows first whom it touches; confirmed, a job brings them along and survives a killed worker', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const users = await createUsers(tenant, 'edit', 40);
  const [target = ''] = tenant.targets;
  const edit = await targetEdit(tenant, target, { scope: { User: 'resource.title == "Even"' } });
  const edits = { targets: [{ identityProvider: tenant.identityProvider, target, edit }] };

  const before = sandbox.received.length;
  const preview = await tenant.admin('POST', '/policy-preview', edits);
  assert.equal(preview.status, 200, preview.text);
  const [effect] = preview.body['targets'] as Record<string, unknown>[];
  assert.deepEqual(
    [preview.body['examined'], effect?.['gains'], effect?.['loses'], effect?.['changes'], effect?.['unknown']],
    [40, 0, 20, 0, 0],
  );
  const sample = effect?.['sample'] as { loses: string[] } | undefined;
  assert.equal(sample?.loses.length, 10);
  assert.equal(sandbox.received.length, before, 'nothing was sent');

  // Everything waits at the target, so that the worker is killed in the middle.
  sandbox.fail(({ method }) => (method === 'GET' ? undefined : refusal(503, 'busy')));
  await provost.stopWorker();
  const doomed = startProcess('worker/main.ts', env);
  try {
    const confirmed = await tenant.admin('POST', '/policy-edits', edits, { 'if-match': `W/"${preview.body['from']}"` });
    assert.equal(confirmed.status, 201, confirmed.text);
    const { id } = confirmed.body['job'] as { id: string };
    await until(
      'some requests at the target',
      () => writes(before).length,
      (count) => count > 3,
      40_000,
    );
    await doomed.kill();
    sandbox.heal();
    await provost.startWorker();
    const done = await ended(tenant, id);
    assert.deepEqual(
      [done['state'], done['kind'], done['examined'], done['touched'], done['progress']],
      ['done', 'policy-edit', 40, 20, { open: 0, confirmed: 20, failed: 0, parked: 0 }],
    );
    const held = await sandbox.accounts('edit-');
    assert.deepEqual(
      held.filter(({ active }) => active === false).map(({ title }) => title),
      Array.from({ length: 20 }, () => 'Odd'),
    );
    assert.equal(users.length, held.length);
  } finally {
    sandbox.heal();
    await doomed.kill();
  }
});

test('a change under way finishes by the version it was decided on, whatever is edited meanwhile', async () => {
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, mapping: titled('old') }] });
  const [target = ''] = tenant.targets;
  sandbox.fail(({ method, body }) =>
    method === 'POST' && body.includes('snapshot') ? refusal(503, 'busy') : undefined,
  );
  const created = await tenant.scim('POST', '/Users', { userName: 'snapshot' });
  await until('an attempt', () => sandbox.received.some(({ body }) => body.includes('snapshot')));
  const from = Number(
    (await tenant.admin('GET', `/changes/${created.headers.get('provost-change')}`)).body['policyVersion'],
  );
  await editTarget(tenant, target, { mapping: titled('new') });
  sandbox.heal();
  await settled(tenant, created);
  assert.equal((await sandbox.accounts('snapshot'))[0]?.['title'], 'old');

  const job = await tenant.admin('POST', '/jobs', { kind: 'policy-edit', from, to: from + 1 });
  assert.equal(job.status, 201, job.text);
  assert.equal((await ended(tenant, job.body['id']))['touched'], 1);
  assert.equal((await sandbox.accounts('snapshot'))[0]?.['title'], 'new');
});

test('a cancelled job asks for nothing more, and what it asked for is done', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  await createUsers(tenant, 'cancel', 5);
  sandbox.fail(() => refusal(503, 'busy'));
  const job = await tenant.admin('POST', '/jobs', { kind: 'resync-target', target: tenant.targets[0] });
  const path = `/jobs/${job.body['id']}`;
  await until(
    'asked for',
    async () => (await tenant.admin('GET', path)).body,
    ({ touched }) => touched === 5,
  );
  assert.equal((await tenant.admin('POST', `${path}/cancel`, {})).status, 202);
  assert.equal((await ended(tenant, job.body['id']))['state'], 'cancelled');
  assert.equal((await tenant.admin('POST', `${path}/cancel`, {})).status, 409);
  sandbox.heal();
  await until(
    'what was asked for',
    async () => (await tenant.admin('GET', path)).body['progress'] as { confirmed: number },
    ({ confirmed }) => confirmed === 5,
  );
});

test('steps of a job have the lowest priority, those of an ordinary change the usual one', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const [user] = await createUsers(tenant, 'priority', 1);
  const job = await tenant.admin('POST', '/jobs', { kind: 'resync-target', target: tenant.targets[0] });
  await ended(tenant, job.body['id']);
  const handles = provost.temporal.workflow.list({ query: `WorkflowId = "user/${tenant.id}/${user?.body['id']}"` });
  const priorities: (number | undefined)[] = [];
  for await (const { workflowId, runId } of handles) {
    const { events } = await provost.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const event of events ?? [])
      if (event.activityTaskScheduledEventAttributes)
        priorities.push(event.activityTaskScheduledEventAttributes.priority?.priorityKey ?? undefined);
  }
  assert.deepEqual(priorities.sort(), [3, 5]);
});

test('an edit that touches 10,000 users is previewed in less than 5 seconds', async (context) => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  await loadUsers(provost.mongo, tenant.id, 10_000);
  const [target = ''] = tenant.targets;
  const department = 'resource["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"].department';
  const edit = await targetEdit(tenant, target, { scope: { User: `${department} == "Department 7"` } });
  const edits = {
    outbound: [tenant.identityProvider],
    targets: [{ identityProvider: tenant.identityProvider, target, edit }],
  };
  const started = performance.now();
  const preview = await tenant.admin('POST', '/policy-preview', edits);
  const took = performance.now() - started;
  context.diagnostic(`${Math.round(took)} ms`);
  assert.equal(preview.status, 200, preview.text);
  const [effect] = preview.body['targets'] as Record<string, unknown>[];
  assert.deepEqual([preview.body['examined'], effect?.['gains'], effect?.['loses']], [10_000, 200, 0]);
  assert.ok(took < 5_000, `${took} ms`);
});

const titled = (title: string) => ({
  kind: 'rules',
  rules: [
    { target: 'userName', source: 'userName' },
    { target: 'title', constant: title },
  ],
});

test('what a killed worker recorded and never handed over is handed over before its job ends, though its user is gone', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const [user] = await createUsers(tenant, 'lost', 1);
  const [target = ''] = tenant.targets;
  const state = `/identity-providers/${tenant.identityProvider}/targets/${target}/state`;
  assert.equal((await tenant.admin('POST', `${state}/pause`, {})).status, 200);
  const job = await tenant.admin('POST', '/jobs', { kind: 'resync-target', target });
  const id = String(job.body['id']);
  await until(
    'the page read',
    async () => (await tenant.admin('GET', `/jobs/${id}`)).body,
    ({ examined }) => examined === 1,
  );
  const gone = '7a0f2c55-aaaa-8aaa-8aaa-000000000001';
  const lost = asChangeId('7a0f2c55-aaaa-8aaa-8aaa-000000000002');
  const changes = createChangeStore(provost.mongo, createSealer(createKeyRing(provost.config.encryption.keys)));
  await changes.accept(
    {
      id: lost,
      tenant: asTenantId(tenant.id),
      source: 'engine',
      actor: 'engine',
      serviceProvider: asServiceProviderId('resident'),
      operation: 'reproject',
      resourceType: 'User',
      resourceId: asResourceId(gone),
      body: { kind: 'reproject', targets: [asTargetId(target)] },
      idempotencyKey: lost,
      fingerprint: lost,
      receivedAt: new Date(Date.now() - 60_000).toISOString(),
      job: asJobId(id),
    },
    1,
    false,
  );
  assert.equal((await tenant.admin('POST', `${state}/resume`, {})).status, 200);
  assert.equal((await ended(tenant, id))['state'], 'done');
  assert.equal((await tenant.admin('GET', `/changes/${lost}`)).body['state'], 'settled');
  assert.ok(user);
});
