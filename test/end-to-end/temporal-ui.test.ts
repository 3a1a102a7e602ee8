import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { parkedUser, userWorkflowId } from './parked-user.ts';
import { type FaultySandbox, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  [provost, sandbox] = await Promise.all([startInstallation(), startFaultySandbox()]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

async function parked(userName: string): Promise<{ tenant: TestTenant; user: string; change: string }> {
  const { tenant, user, change } = await parkedUser(provost.url, sandbox, userName, 'the cost centre is closed');
  // The record of a change is written a moment before the task of the workflow that wrote it is done.
  await until(
    'the parked workflow',
    () => shown(handleOf(tenant, user)),
    ({ ProvostState }) => ProvostState === 'parked',
  );
  return { tenant, user, change };
}

const handleOf = (tenant: TestTenant, user: string) =>
  provost.temporal.workflow.getHandle(userWorkflowId(tenant, user));

/** What the UI shows at the top of a workflow's page. */
async function detailsOf(handle: ReturnType<typeof handleOf>): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

const shown = async (handle: ReturnType<typeof handleOf>): Promise<Record<string, unknown>> =>
  Object.fromEntries(
    (await handle.describe()).typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
  );

test('a parked workflow tells in the UI whom it is about, where it waits, why, and what can be done', async () => {
  const { tenant, user, change } = await parked('told');
  const handle = handleOf(tenant, user);
  const attributes = await shown(handle);
  assert.deepEqual(
    { ...attributes },
    {
      ...attributes,
      ProvostTenant: tenant.id,
      ProvostResource: user,
      ProvostOperation: 'create',
      ProvostSource: 'scim2',
      ProvostChange: change,
      ProvostState: 'parked',
      ProvostWaitsFor: tenant.targets[0],
    },
  );
  assert.equal((await handle.describe()).raw.executionConfig?.userMetadata?.summary === undefined, false);
  const details = await detailsOf(handle);
  assert.match(details, new RegExp(`create \\(change ${change}\\) waits for 1 target`));
  assert.match(details, /\*\*target-1\*\*: parked since .*the cost centre is closed \(TARGET_REJECTED\)/);
  assert.match(details, /Send the update retryStep, skipStep or compensateChange\./);

  await tenant.admin('POST', `/changes/${change}/retry`);
  await handle.result();
  const after = await shown(handle);
  assert.deepEqual([after['ProvostState'], after['ProvostWaitsFor']], ['settled', undefined]);
  assert.match(await detailsOf(handle), /Everything is settled\./);
});

test('a list query by state finds exactly the workflows that are parked', async () => {
  const { tenant, user, change } = await parked('found');
  const settled = await tenant.scim('POST', '/Users', { userName: 'fine' });
  await inState(tenant, String(settled.headers.get('provost-change')), 'settled');
  const listed = async (state: string): Promise<string[]> => {
    const ids: string[] = [];
    const query = `ProvostTenant = '${tenant.id}' AND ProvostState = '${state}'`;
    for await (const { workflowId } of provost.temporal.workflow.list({ query })) ids.push(workflowId);
    return ids;
  };
  const id = handleOf(tenant, user).workflowId;
  await until(
    'the parked one',
    () => listed('parked'),
    (ids) => ids.length === 1 && ids[0] === id,
  );
  await until(
    'the settled one',
    () => listed('settled'),
    (ids) => ids.length === 1 && ids[0] !== id,
  );
  const query = `ProvostWaitsFor = '${tenant.targets[0]}'`;
  assert.equal((await provost.temporal.workflow.count(query)).count, 1);
  await tenant.admin('POST', `/changes/${change}/skip`);
  await until(
    'none parked',
    () => listed('parked'),
    (ids) => ids.length === 0,
  );
});

test('an activity that is under way names its target', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', { userName: 'named' });
  const handle = handleOf(tenant, String(created.body['id']));
  await handle.result();
  const { events } = await handle.fetchHistory();
  const scheduled = events?.find((event) => event.activityTaskScheduledEventAttributes);
  const payload = scheduled?.userMetadata?.summary;
  assert.ok(payload, 'it has a summary');
  const [summary] = await (provost.temporal.options.loadedDataConverter.payloadCodecs[0]?.decode([payload]) ?? []);
  assert.equal(Buffer.from(summary?.data ?? []).toString(), '"Provision to target-1"');
});

test('what the engine calls a step in the standing query is what the operator sees', async () => {
  const { tenant, user, change } = await parked('asked');
  const standing = await handleOf(tenant, user).query<{ changes: unknown[]; targets: { standing: string }[] }>(
    'standing',
  );
  assert.deepEqual(standing.changes, [{ id: change, operation: 'create', open: [tenant.targets[0]] }]);
  assert.match(standing.targets[0]?.standing ?? '', /^parked since/);
  await tenant.admin('POST', `/changes/${change}/skip`);
});
