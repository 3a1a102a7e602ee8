import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { ChangeRequest } from '../../domain/change.ts';
import { asChangeId, asJobId, asResourceId, asServiceProviderId, asTenantId } from '../../domain/ids.ts';
import { createSealer } from '../../platform/seal.ts';
import { createChangeStore } from '../../stores/changes.ts';
import { ensureIndexes } from '../../stores/connect.ts';
import { randomKeyRing } from '../platform/keys.ts';
import { openFreshDatabase } from './fresh-database.ts';

const ACME = asTenantId('acme');
const OTHER = asTenantId('other');
const at = (second: number): string => new Date(1_700_000_000_000 + second * 1_000).toISOString();

async function openChanges(context: TestContext) {
  const connection = await openFreshDatabase(context, 'test-changes');
  const changes = createChangeStore(connection, createSealer(randomKeyRing('k1')));
  await ensureIndexes(connection);
  const accept = async (given: Partial<ChangeRequest>) => {
    const id = asChangeId(randomUUID());
    const request: ChangeRequest = {
      ...{ id, tenant: ACME, source: 'scim2', actor: 'client', serviceProvider: asServiceProviderId('resident') },
      ...{ operation: 'delete', resourceType: 'User', resourceId: asResourceId(randomUUID()) },
      ...{ body: { kind: 'delete' }, idempotencyKey: id, fingerprint: id, receivedAt: at(0) },
      ...given,
    };
    await changes.accept(request, 1, false);
    return id;
  };
  return { connection, changes, accept };
}

test('changes that have not ended come in the order in which they were looked at, and each tenant has its own', async (context) => {
  const { changes, accept } = await openChanges(context);
  const [late, early] = [await accept({ receivedAt: at(20) }), await accept({ receivedAt: at(10) })];
  await accept({ tenant: OTHER, receivedAt: at(1) });
  await accept({ receivedAt: at(40) });
  const due = async (moment: number) => (await changes.uncheckedSince(ACME, at(moment), 10)).map(({ id }) => id);
  assert.deepEqual(await due(30), [early, late]);
  await changes.checked(ACME, early, at(30));
  assert.deepEqual(await due(30), [late]);
  assert.deepEqual(await due(31), [late, early]);
  await changes.checked(ACME, late, undefined);
  assert.deepEqual(await due(31), [early]);
  await changes.update(ACME, early, { state: 'settled' });
  await changes.checked(ACME, early, at(31));
  assert.deepEqual(await due(39), [], 'what has ended is not looked for any more');
});

test('only the call that ends a change says so', async (context) => {
  const { changes, accept } = await openChanges(context);
  const id = await accept({});
  assert.equal(await changes.update(ACME, id, { state: 'provisioning' }), false);
  assert.equal(await changes.update(ACME, id, { state: 'settled' }), true);
  assert.equal(await changes.update(ACME, id, { state: 'settled' }), false);
});

test('what a job has open is counted up to a limit, and what is parked is none of it', async (context) => {
  const { changes, accept } = await openChanges(context);
  const [job, another] = [asJobId('job-1'), asJobId('job-2')];
  const mine = [];
  for (let n = 0; n < 6; n += 1) mine.push(await accept({ job }));
  await accept({ job: another });
  await accept({ job, tenant: OTHER });
  const [confirmed, failed, rejected, parked] = mine;
  if (!confirmed || !failed || !rejected || !parked) throw new Error('six were made');
  const target = 'hr' as never;
  await changes.update(ACME, confirmed, {
    state: 'settled',
    steps: [{ target, result: 'confirmed', action: 'create', attempts: 1 }],
  });
  await changes.update(ACME, failed, {
    state: 'settled',
    steps: [{ target, result: 'failed', code: 'X', message: '' }],
  });
  await changes.update(ACME, rejected, { state: 'rejected' });
  await changes.update(ACME, parked, { state: 'parked' });
  assert.equal(await changes.countOpenOfJob(ACME, job, 500), 2);
  assert.equal(await changes.countOpenOfJob(ACME, job, 1), 1);
  assert.deepEqual(
    await changes.openOfJobs(ACME, [job, another, asJobId('none')]),
    new Map([
      [job, { open: 2, parked: 1 }],
      [another, { open: 1, parked: 0 }],
    ]),
  );
  assert.deepEqual(await changes.endedOfJob(ACME, job), { confirmed: 1, failed: 2 });
});

test('lists of changes are read along an index, whatever they are filtered by', async (context) => {
  const { connection, accept } = await openChanges(context);
  for (let n = 0; n < 50; n += 1) await accept({ receivedAt: at(n) });
  const documents = connection.collection('changes');
  for (const filter of [
    { resourceId: 'r' },
    { state: 'parked' },
    { serviceProvider: 'resident' },
    { checkedAt: { $lt: at(10) } },
    { job: 'j', state: 'received' },
  ]) {
    const plan = JSON.stringify(await documents.find({ tenant: ACME, ...filter } as never).explain());
    assert.match(plan, /IXSCAN|Index Scan|Bitmap Index Scan/, JSON.stringify(filter));
  }
});
