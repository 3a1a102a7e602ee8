import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { parkedUser, userWorkflowId } from './parked-user.ts';
import { type FaultySandbox, refusal, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, replacing, settled } from './tenant.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  [provost, sandbox] = await Promise.all([
    startInstallation({ env: { PROVOST_CONTINUE_AS_NEW_EVENTS: '100' } }),
    startFaultySandbox(),
  ]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

const runsOf = (id: string): Promise<number> =>
  provost.temporal.workflow.count(`WorkflowId = '${id}'`).then(({ count }) => count);

test('a create with one target leaves at most 20 events and 20 KB of history', async (context) => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', {
    userName: 'lean',
    name: { givenName: 'Lean', familyName: 'History' },
    emails: [{ value: 'lean@example.com', primary: true }],
    title: 'x'.repeat(5_000),
  });
  await settled(tenant, created);
  const handle = provost.temporal.workflow.getHandle(userWorkflowId(tenant, created.body['id']));
  await handle.result();
  const { historyLength, historySize = 0 } = await handle.describe();
  context.diagnostic(`${historyLength} events, ${historySize} bytes`);
  assert.ok(historyLength <= 20, `${historyLength} events`);
  assert.ok(historySize > 0 && historySize <= 20_480, `${historySize} bytes`);
});

test('what an operator orders is done only when the order is in the history: a lost task takes nothing with it', async () => {
  const { tenant, change, workflowId } = await parkedUser(provost.url, sandbox, 'ordered');
  const ordered = await tenant.admin('POST', `/changes/${change}/compensate`);
  assert.equal(ordered.status, 200, ordered.text);
  await inState(tenant, change, 'compensated');
  const handle = provost.rawTemporal.workflow.getHandle(workflowId);
  const { events = [] } = await handle.fetchHistory();
  const accepted = events?.findIndex(
    (event) =>
      event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name === 'compensateChange',
  );
  assert.ok(accepted !== undefined && accepted > 0);
  const ofThatTask = events?.slice(accepted).findIndex((event) => event.workflowTaskCompletedEventAttributes);
  const written = events?.slice(accepted, accepted + (ofThatTask ?? 0)) ?? [];
  const localActivities = written.filter(
    ({ markerRecordedEventAttributes: marker }) => marker?.markerName === 'core_local_activity',
  );
  assert.equal(localActivities.length, 0, 'nothing was done in the task that took the order');
});

test('a resource that is busy for long goes on in new runs: nothing is lost and the last value wins', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', { userName: 'long' });
  const path = `/Users/${created.body['id']}`;
  const id = userWorkflowId(tenant, created.body['id']);
  const changes: string[] = [];
  // Two clients at a time, so that the run never comes to its end by itself.
  for (let round = 1; round <= 40 && (await runsOf(id)) < 4; round += 1) {
    const answers = await Promise.all(
      ['title', 'nickName'].map((attribute) =>
        Promise.all(
          Array.from({ length: 5 }, (_, index) =>
            tenant.scim('PATCH', path, replacing(attribute, `${attribute} ${round}.${index}`)),
          ),
        ),
      ),
    );
    for (const answer of answers.flat()) {
      assert.equal(answer.status, 200, answer.text);
      changes.push(String(answer.headers.get('provost-change')));
    }
  }
  const last = await tenant.scim('PATCH', path, replacing('title', 'last'));
  for (const change of [...changes, String(last.headers.get('provost-change'))])
    await inState(tenant, change, 'settled');
  assert.ok((await runsOf(id)) >= 2, 'it went on in another run');
  const read = await tenant.scim('GET', path);
  assert.equal(read.headers.get('etag'), `W/"${changes.length + 2}"`, 'each change is a version');
  const [account] = await sandbox.accounts('long');
  assert.deepEqual([account?.['title'], account?.['nickName']], ['last', read.body['nickName']]);
});

test('a parked step goes with its resource from run to run', async (context) => {
  const other = await startFaultySandbox();
  context.after(() => other.stop());
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish, other.wish] });
  other.fail(({ method }) => (method === 'POST' ? refusal(400, 'not before May') : undefined));
  const created = await tenant.scim('POST', '/Users', { userName: 'carried' });
  const change = String(created.headers.get('provost-change'));
  const id = userWorkflowId(tenant, created.body['id']);
  await inState(tenant, change, 'parked');
  const { runId } = await provost.temporal.workflow.getHandle(id).describe();
  for (let round = 1; round <= 60; round += 1) {
    const patched = await tenant.scim('PATCH', `/Users/${created.body['id']}`, replacing('title', `T${round}`));
    await inState(tenant, String(patched.headers.get('provost-change')), 'parked');
    if ((await provost.temporal.workflow.getHandle(id).describe()).runId !== runId) break;
  }
  assert.notEqual((await provost.temporal.workflow.getHandle(id).describe()).runId, runId);
  const details = await provost.temporal.workflow
    .getHandle(id)
    .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  assert.match(details.currentDetails ?? '', /not before May/, 'the new run shows it too');
  other.heal();
  assert.equal((await tenant.admin('POST', `/changes/${change}/retry`)).status, 200);
  await inState(tenant, change, 'settled');
  const title = (await tenant.scim('GET', `/Users/${created.body['id']}`)).body['title'];
  await until(
    'the account',
    () => other.accounts('carried'),
    ([held]) => held?.['title'] === title,
  );
  await provost.temporal.workflow.getHandle(id).result();
});
