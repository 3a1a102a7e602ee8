import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { ChangeRequest } from '../../domain/change.ts';
import {
  asChangeId,
  asJobId,
  asResourceId,
  asServiceProviderId,
  asTargetId,
  asTenantId,
  type ResourceId,
  resourceWorkflowId,
} from '../../domain/ids.ts';
import { jobWorkflowId } from '../../domain/job.ts';
import type { Resource } from '../../domain/scim/resource.ts';
import { USER_TYPE } from '../../domain/scim/schema/resource-types.ts';
import { createKeyRing } from '../../platform/key-ring.ts';
import { createSealer } from '../../platform/seal.ts';
import { createJobStore } from '../../stores/jobs.ts';
import { openStores } from '../../stores/open-stores.ts';
import { toWrite } from '../stores/fresh-store.ts';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { parkedUser } from './parked-user.ts';
import { type FaultySandbox, refusal, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;
let refusing: FaultySandbox;

before(async () => {
  [provost, sandbox, refusing] = await Promise.all([
    startInstallation({ env: { PROVOST_TAKE_UP_AFTER_SECONDS: '1' } }),
    startFaultySandbox(),
    startFaultySandbox(),
  ]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
  await refusing.stop();
});

const LONG_AGO = '2026-01-01T00:00:00.000Z';

const stateOf = async ({ admin }: TestTenant, change: string): Promise<unknown> =>
  (await admin('GET', `/changes/${change}`)).body['state'];

/** As it is when everything lost power after the request was recorded, and after its user was written where `isWritten`. */
async function leaveBehind(tenant: TestTenant, userName: string, isWritten: boolean, receivedAt = LONG_AGO) {
  const stores = openStores(provost.mongo, createSealer(createKeyRing(provost.config.encryption.keys)), {
    policyCacheMs: 0,
    now: Date.now,
  });
  const id = randomUUID();
  const user: ResourceId = asResourceId(randomUUID());
  const resource = { schemas: [USER_TYPE.schema.id], userName } as Resource;
  const request: ChangeRequest = {
    ...{ id: asChangeId(id), tenant: asTenantId(tenant.id), source: 'scim2', actor: tenant.credential.id },
    ...{ serviceProvider: asServiceProviderId(tenant.serviceProvider), operation: 'create', resourceType: 'User' },
    ...{ resourceId: user, body: { kind: 'create', resource }, idempotencyKey: id, fingerprint: id },
    receivedAt,
  };
  const { version } = await stores.policies.current(asTenantId(tenant.id));
  await stores.changes.accept(request, version, false);
  const write = toWrite(asTenantId(tenant.id), USER_TYPE, { userName }, { id: user, change: id });
  if (isWritten) await stores.resources.insert(write);
  return { change: id, user };
}

test('a change whose workflow is gone is taken up again, and reaches its target', async () => {
  const { tenant, change, workflowId } = await parkedUser(provost.url, sandbox, 'bereft');
  await provost.temporal.workflowService.deleteWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
  });
  const done = await inState(tenant, change, 'settled');
  assert.ok((done['timeline'] as { event: string }[]).some(({ event }) => event === 'taken-up-again'));
  assert.equal((await sandbox.accounts('bereft')).length, 1);
});

test('a change that was being compensated when its workflow was lost is compensated further', async () => {
  const tenant = await newTenant(provost.url, {
    targets: [
      { ...sandbox.wish, deprovision: 'delete' },
      { ...refusing.wish, onFailure: 'compensate' },
    ],
  });
  sandbox.fail(({ method }) => (method === 'DELETE' ? refusal(400, 'nobody leaves') : undefined));
  refusing.script({ kind: 'answer', status: 503, headers: { 'retry-after': '1' } });
  refusing.fail(({ method }) => (method === 'POST' ? refusal(400, 'no seats are left') : undefined));
  const created = await tenant.scim('POST', '/Users', { userName: 'half-undone' });
  const change = created.headers.get('provost-change') ?? '';
  await until(
    'parked at one target, compensated at the other',
    async () => (await tenant.admin('GET', `/changes/${change}`)).body,
    ({ state, steps }) =>
      state === 'parked' && (steps as { result: string }[]).some(({ result }) => result === 'compensated'),
  );
  sandbox.heal();
  refusing.heal();
  const user = asResourceId(String(created.body['id']));
  await provost.temporal.workflowService.deleteWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: resourceWorkflowId('User', asTenantId(tenant.id), user) },
  });
  const ended = await inState(tenant, change, 'compensated');
  assert.match(JSON.stringify(ended['error']), /no seats are left/);
  assert.deepEqual([...(await sandbox.accounts('half-undone')), ...(await refusing.accounts('half-undone'))], []);
  assert.equal((await tenant.scim('GET', `/Users/${user}`)).status, 404);
});

test('of two requests that nobody was answered, the one that was written goes on, and the other is not carried out', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const unwritten = await leaveBehind(tenant, 'unwritten', false);
  const written = await leaveBehind(tenant, 'written', true);
  await inState(tenant, written.change, 'settled');
  assert.equal((await sandbox.accounts('written')).length, 1);
  assert.equal(await stateOf(tenant, unwritten.change), 'received');
  assert.equal((await tenant.scim('GET', `/Users/${unwritten.user}`)).status, 404);
});

test('a workflow that somebody terminated is not begun anew', async () => {
  const { tenant, change, workflowId } = await parkedUser(provost.url, sandbox, 'terminated');
  await provost.temporal.workflow.getHandle(workflowId).terminate('enough');
  // The oldest are looked at first.
  const later = await leaveBehind(tenant, 'looked-at-later', true, new Date().toISOString());
  await inState(tenant, later.change, 'settled');
  assert.equal(await stateOf(tenant, change), 'parked');
  assert.deepEqual(await sandbox.accounts('terminated'), []);
});

test('a job that was recorded and never started is started, so that the next one is not refused', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const [target] = tenant.targets;
  const job = randomUUID();
  const store = createJobStore(provost.mongo);
  await store.add({
    ...{ id: asJobId(job), tenant: asTenantId(tenant.id), state: 'running', startedBy: 'admin', startedAt: LONG_AGO },
    ...{
      task: { kind: 'reconcile-target', target: asTargetId(String(target)), dryRun: true },
      examined: 0,
      touched: 0,
    },
  });
  const start = () => tenant.admin('POST', '/jobs', { kind: 'reconcile-target', target });
  assert.equal((await start()).status, 409);
  await until(
    'the job to end',
    async () => (await tenant.admin('GET', `/jobs/${job}`)).body['state'],
    (state) => state === 'done',
  );
  assert.equal((await start()).status, 201);
});

test('a job whose workflow somebody terminated ends as failed', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const id = asJobId(randomUUID());
  const tenantId = asTenantId(tenant.id);
  await provost.temporal.workflow.start('job', {
    workflowId: jobWorkflowId(tenantId, id),
    taskQueue: 'nobody-listens',
    args: [],
  });
  await provost.temporal.workflow.getHandle(jobWorkflowId(tenantId, id)).terminate('enough');
  await createJobStore(provost.mongo).add({
    ...{ id, tenant: tenantId, state: 'running', startedBy: 'admin', startedAt: LONG_AGO, examined: 0, touched: 0 },
    task: { kind: 'resync-target', target: asTargetId('gone') },
  });
  const ended = await until(
    'the job to end',
    async () => (await tenant.admin('GET', `/jobs/${id}`)).body,
    ({ state }) => state !== 'running',
  );
  assert.equal(ended['state'], 'failed');
  assert.match(String(ended['error']), /TERMINATED/);
});
