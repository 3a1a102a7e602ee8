/**
 * Records the histories that test/workflows/replay.test.ts replays: `TEMPORAL_ADDRESS=… MONGODB_URI=… node
 * test/histories/record.ts KIND…`. Done once for each release whose histories may still be running somewhere, into a
 * folder of files that are never edited: a change of the workflows that cannot replay them would break what runs.
 */
import assert from 'node:assert/strict';
import { glob, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { asTenantId } from '../../domain/ids.ts';
import { bulkWorkflowId } from '../../workflows/messages.ts';
import { bulkOf, newGroup, newUser } from '../end-to-end/bulk-request.ts';
import { startInstallation } from '../end-to-end/installation.ts';
import { parkedUser, userWorkflowId } from '../end-to-end/parked-user.ts';
import { refusal, startFaultySandbox } from '../end-to-end/sandbox.ts';
import { type Answer, inState, newTenant, replacing, settled } from '../end-to-end/tenant.ts';
import { fileOf, RECORDED, RECORDING_KEY, type Recorded, writeRun } from './recorded.ts';

/** Each lives one kind of life. @returns its workflow's id */
const LIVES: Readonly<Record<Recorded, () => Promise<string>>> = {
  create: recordCreate,
  burst: recordBurst,
  'parked-and-retried': recordParked,
  compensated: recordCompensated,
  'taken-back-by-order': recordOrdered,
  'continued-as-new': recordContinued,
  'compensation-parked': recordConflict,
  'leaver-at-blocking-target': recordLeaver,
  bulk: recordBulk,
};
const isRecorded = (kind: string): kind is Recorded => kind in LIVES;

const [provost, sandbox] = await Promise.all([
  startInstallation({ env: { PROVOST_ENCRYPTION_KEYS: RECORDING_KEY, PROVOST_CONTINUE_AS_NEW_EVENTS: '100' } }),
  startFaultySandbox(),
]);
try {
  for (const kind of process.argv.slice(2)) {
    assert.ok(isRecorded(kind), `There is no kind ${kind}. There are: ${RECORDED.join(', ')}.`);
    for await (const old of glob(join(import.meta.dirname, `${kind}.*.json`))) await rm(old);
    await recordRuns(kind, await LIVES[kind]());
  }
} finally {
  await provost.stop();
  await sandbox.stop();
}
process.exit(0);

async function recordRuns(name: Recorded, workflowId: string): Promise<void> {
  await provost.temporal.workflow.getHandle(workflowId).result();
  const runs: { runId: string; startTime: Date }[] = [];
  for await (const run of provost.temporal.workflow.list({ query: `WorkflowId = '${workflowId}'` })) runs.push(run);
  runs.sort((left, right) => left.startTime.getTime() - right.startTime.getTime());
  for (const [index, { runId }] of runs.entries()) {
    const history = await provost.rawTemporal.workflow.getHandle(workflowId, runId).fetchHistory();
    await writeRun(fileOf(name, index + 1), { workflowId, history });
    console.log(`${name}.${index + 1}: ${history.events?.length} events`);
  }
}

async function recordCreate(): Promise<string> {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', { userName: 'create' });
  await settled(tenant, created);
  return userWorkflowId(tenant, created.body['id']);
}

async function recordBurst(): Promise<string> {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  sandbox.script(refusal(503, 'busy', { 'retry-after': '1' }));
  const created = await tenant.scim('POST', '/Users', { userName: 'burst', active: true });
  const path = `/Users/${created.body['id']}`;
  const answers: Answer[] = await Promise.all(
    [1, 2, 3, 4].map((index) => tenant.scim('PATCH', path, replacing('title', `T${index}`))),
  );
  answers.push(await tenant.scim('PATCH', path, replacing('active', false)));
  for (const answer of [created, ...answers]) await settled(tenant, answer);
  return userWorkflowId(tenant, created.body['id']);
}

async function recordParked(): Promise<string> {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  sandbox.script({ kind: 'pass' }, refusal(400, 'not now'));
  const created = await tenant.scim('POST', '/Users', { userName: 'parked' });
  const change = String(created.headers.get('provost-change'));
  await inState(tenant, change, 'parked');
  await tenant.admin('POST', `/changes/${change}/retry`);
  await inState(tenant, change, 'settled');
  return userWorkflowId(tenant, created.body['id']);
}

async function recordCompensated(): Promise<string> {
  const other = await startFaultySandbox();
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish, { ...other.wish, blocking: true }] });
  other.script(refusal(503, 'busy', { 'retry-after': '1' }));
  other.fail(({ method }) => (method === 'POST' ? refusal(400, 'no') : undefined));
  const refused = await tenant.scim('POST', '/Users', { userName: 'compensated' });
  assert.equal(refused.status, 502, refused.text);
  const { items } = (await tenant.admin('GET', '/changes')).body as { items: { id: string; resource: string }[] };
  await inState(tenant, items[0]?.id ?? '', 'compensated');
  await other.stop();
  return userWorkflowId(tenant, items[0]?.resource);
}

async function recordOrdered(): Promise<string> {
  const { tenant, change, workflowId } = await parkedUser(provost.url, sandbox, 'ordered');
  const ordered = await tenant.admin('POST', `/changes/${change}/compensate`, { comment: 'by mistake' });
  assert.equal(ordered.status, 200, ordered.text);
  await inState(tenant, change, 'compensated');
  return workflowId;
}

async function recordContinued(): Promise<string> {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  sandbox.fail(({ method }) => (method === 'POST' ? refusal(400, 'not before May') : undefined));
  const created = await tenant.scim('POST', '/Users', { userName: 'continued' });
  const change = String(created.headers.get('provost-change'));
  await inState(tenant, change, 'parked');
  for (let round = 1; round <= 12; round += 1) {
    const patched = await tenant.scim('PATCH', `/Users/${created.body['id']}`, replacing('title', `T${round}`));
    await inState(tenant, String(patched.headers.get('provost-change')), 'parked');
  }
  sandbox.heal();
  await tenant.admin('POST', `/changes/${change}/retry`);
  await inState(tenant, change, 'settled');
  return userWorkflowId(tenant, created.body['id']);
}

/** A renaming that cannot be compensated while another user has the old name, retried and then skipped. */
async function recordConflict(): Promise<string> {
  const scope = { User: 'resource.title == "Clerk"' };
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, onFailure: 'compensate', scope }] });
  const created = await tenant.scim('POST', '/Users', { userName: 'conflict', title: 'Clerk' });
  await settled(tenant, created);
  let refuse = (): void => undefined;
  const taken = new Promise<void>((resolve) => {
    refuse = resolve;
  });
  sandbox.fail(async ({ method }) => {
    if (method !== 'PATCH') return undefined;
    await taken;
    return refusal(400, 'names are frozen');
  });
  const renamed = await tenant.scim('PATCH', `/Users/${created.body['id']}`, replacing('userName', 'renamed'));
  const change = String(renamed.headers.get('provost-change'));
  await tenant.scim('POST', '/Users', { userName: 'conflict' });
  refuse();
  await inState(tenant, change, 'parked');
  sandbox.heal();
  for (const verb of ['retry', 'skip']) {
    const ordered = await tenant.admin('POST', `/changes/${change}/${verb}`);
    assert.equal(ordered.status, 200, ordered.text);
    if (verb === 'retry') await setTimeout(2_000);
  }
  await inState(tenant, change, 'compensated');
  return userWorkflowId(tenant, created.body['id']);
}

/** A deactivation that a blocking target refuses: it is answered, parked and retried. */
async function recordLeaver(): Promise<string> {
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, blocking: true }] });
  const created = await tenant.scim('POST', '/Users', { userName: 'leaver', active: true });
  await settled(tenant, created);
  sandbox.fail(({ method }) => (method === 'GET' ? undefined : refusal(400, 'this one stays')));
  const left = await tenant.scim('PATCH', `/Users/${created.body['id']}`, replacing('active', false));
  assert.equal(left.status, 200, left.text);
  const change = String(left.headers.get('provost-change'));
  await inState(tenant, change, 'parked');
  sandbox.heal();
  await tenant.admin('POST', `/changes/${change}/retry`);
  await inState(tenant, change, 'settled');
  return userWorkflowId(tenant, created.body['id']);
}

/** Two pages, with one that fails. */
async function recordBulk(): Promise<string> {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const users = Array.from({ length: 60 }, (_, index) => newUser(`bulk-${index}`));
  const taken = await tenant.scim('POST', '/Bulk', bulkOf([...users, newGroup('bulk', ['bulkId:nobody'])]), {
    prefer: 'respond-async',
  });
  return bulkWorkflowId(asTenantId(tenant.id), taken.headers.get('set-txn') ?? '');
}
