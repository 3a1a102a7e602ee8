import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asChangeId, asJobId, asResourceId, asTargetId, asTenantId } from '../../domain/ids.ts';
import { createSealer } from '../../platform/seal.ts';
import { ensureIndexes } from '../../stores/connect.ts';
import { IdCollisionError } from '../../stores/id-collision.ts';
import { openStores } from '../../stores/open-stores.ts';
import { randomKeyRing } from '../platform/keys.ts';
import { fillAsOlderRelease, migrateOlder, olderFacts, olderSealer } from '../upgrade/older-database.ts';
import { openFreshDatabase } from './fresh-database.ts';

const OTHER = asTenantId('somebody-else');

/** Collections that tenants share by their nature: the installation's own. */
const OF_THE_INSTALLATION = ['migrations', 'secrets', 'signing-keys', 'bootstrap-marks', 'credentials', 'policies'];

test('whatever a tenant holds, another tenant that asks for the same ids finds nothing of it', async (t) => {
  const connection = await openFreshDatabase(t, 'test-same-ids');
  await fillAsOlderRelease(connection);
  await migrateOlder(connection);
  for (const { name } of await connection.listCollections()) {
    if (OF_THE_INSTALLATION.includes(name)) continue;
    const without = await connection.collection(name).countDocuments({ tenant: { $exists: false } } as never);
    assert.equal(without, 0, `a document of ${name} names no tenant`);
  }
  const stores = openStores(connection, olderSealer(), { policyCacheMs: 0, now: Date.now });
  const { main } = olderFacts;
  const [own, ada] = [asTenantId(main.id), asResourceId(main.users.ada)];
  const [target, change] = [asTargetId(main.targets[0] ?? ''), asChangeId(main.changes.undecided)];
  const found = async (tenant: typeof own): Promise<Record<string, boolean>> => ({
    resource: (await stores.resources.find(tenant, 'User', ada)) !== undefined,
    change: (await stores.changes.find(tenant, change)) !== undefined,
    approval: (await stores.approvals.find(tenant, change as never)) !== undefined,
    job: (await stores.jobs.find(tenant, asJobId(main.jobs[0] ?? ''))) !== undefined,
    link: (await stores.links.find(tenant, target, ada)) !== undefined,
    membership: (await stores.memberships.ofMembers(tenant, [ada])).length > 0,
    audit: (await stores.audit.ofResource(tenant, ada, { after: 0, limit: 1 })).length > 0,
    notices: (await stores.notices.ofApproval(tenant, change as never)).length > 0,
    delegation: (await stores.delegations.find(tenant, asResourceId(main.users.boss))) !== undefined,
  });
  assert.ok(Object.values(await found(own)).every(Boolean), JSON.stringify(await found(own)));
  assert.deepEqual(Object.values(await found(OTHER)).filter(Boolean), [], JSON.stringify(await found(OTHER)));
});

test('an id that is another tenant’s is never taken for what is here already', async (t) => {
  const connection = await openFreshDatabase(t, 'test-same-ids');
  const stores = openStores(connection, createSealer(randomKeyRing('k')), { policyCacheMs: 0, now: Date.now });
  await ensureIndexes(connection);
  const at = '2026-01-01T00:00:00.000Z';
  const both = [asTenantId('acme'), OTHER] as const;
  const adding: Record<string, (tenant: (typeof both)[number]) => Promise<unknown>> = {
    changes: (tenant) =>
      stores.changes.accept(
        {
          ...{ id: asChangeId('c'), tenant, source: 'scim2', actor: 'hr', serviceProvider: 'sp', operation: 'delete' },
          ...{ resourceType: 'User', resourceId: asResourceId('r'), body: { kind: 'delete' }, receivedAt: at },
          ...{ idempotencyKey: 'k', fingerprint: 'f' },
        } as never,
        1,
        false,
      ),
    jobs: (tenant) =>
      stores.jobs.add({
        ...{ id: asJobId('j'), tenant, task: { kind: 'resync-target', target: 't' }, startedBy: 'hr' },
        ...{ state: 'running', startedAt: at, examined: 0, touched: 0 },
      } as never),
    notices: (tenant) =>
      stores.notices.add([
        {
          ...{ id: 'n', tenant, approval: 'a', event: 'approval-asked', stage: 0, at, channel: 'mail' },
          ...{ receiver: 'user:u', state: 'pending' },
        } as never,
      ]),
    approvals: (tenant) =>
      stores.approvals.add({
        ...{ id: 'a', tenant, change: 'c', resourceType: 'User', resourceId: 'r', operation: 'patch', rule: 'x' },
        ...{ requester: 'hr', touches: [], stages: [{ approvers: ['user:u'], needs: 1 }], stage: 0, state: 'waiting' },
        ...{ askedAt: at, stageSince: at, expiresAt: at, differences: [], decisions: [] },
      } as never),
    findings: (tenant) =>
      stores.findings.add({
        ...{ id: 'f', tenant, run: 'j', target: 't', resourceType: 'User', situation: 'drift', action: 'report' },
        ...{ state: 'reported', at, foundAt: at },
      } as never),
    'bulk-requests': (tenant) =>
      stores.bulkRequests.accept(
        {
          ...{ id: 'b', tenant, actor: 'hr', serviceProvider: 'sp', fingerprint: 'f', receivedAt: at },
          ...{ policyVersion: 1, operations: 1, keptMs: 1_000 },
        } as never,
        [[]],
      ),
  };
  for (const [collection, add] of Object.entries(adding)) {
    await add(both[0]);
    await add(both[0]);
    await assert.rejects(add(both[1]), (error) => {
      assert.ok(error instanceof IdCollisionError, `${collection}: ${error}`);
      return true;
    });
    assert.equal(await connection.collection(collection).countDocuments({ tenant: both[1] }), 0);
    assert.equal(await connection.collection(collection).countDocuments({ tenant: both[0] }), 1, collection);
  }
});

test('what is kept under ids that two tenants share is written for the tenant that has it, and for no other', async (t) => {
  const connection = await openFreshDatabase(t, 'test-same-ids');
  const stores = openStores(connection, createSealer(randomKeyRing('k')), { policyCacheMs: 0, now: Date.now });
  await ensureIndexes(connection);
  const at = '2026-01-01T00:00:00.000Z';
  const [own, other] = [asTenantId('acme'), OTHER];
  const [target, group, member, change] = [asTargetId('t'), asResourceId('g'), asResourceId('m'), asChangeId('c')];
  const link = (tenant: typeof own) =>
    ({
      tenant,
      target,
      resourceType: 'User',
      resourceId: member,
      state: 'linked',
      content: { userName: tenant },
      contentHash: 'h',
    }) as const;
  const member1 = { id: member, type: 'User' };
  const adding: Record<string, (tenant: typeof own) => Promise<unknown>> = {
    links: (tenant) => stores.links.save({ ...link(tenant), remoteId: 'r' }),
    memberships: (tenant) => stores.memberships.add({ tenant, group, change, version: 1 }, [member1]),
    'awaited-members': (tenant) => stores.awaitedMembers.add(tenant, target, group, [member]),
    'awaited-members, as references': (tenant) =>
      stores.awaitedMembers.refer(tenant, target, { resourceType: 'User', resourceId: group }, [member]),
    'step-edits': (tenant) =>
      stores.stepEdits.put({ tenant, change, target }, { set: { userName: tenant }, remove: [] }, at),
  };
  for (const [name, add] of Object.entries(adding)) {
    const documents = connection.collection(name.split(',')[0] ?? name);
    await add(own);
    await add(own);
    const before = await documents.find({}).toArray();
    await assert.rejects(add(other), name);
    assert.deepEqual(await documents.find({}).toArray(), before, `${name}: nothing was written over`);
  }
  assert.equal(await stores.links.claim({ ...link(other), remoteId: 'claimed' }), false);
  assert.deepEqual((await stores.links.find(own, target, member))?.content, { userName: own });

  // What another tenant does about the same ids changes nothing here either.
  const everything = async () =>
    Promise.all(
      ['links', 'memberships', 'awaited-members', 'step-edits'].map((name) =>
        connection.collection(name).find({}).sort({ _id: 1 }).toArray(),
      ),
    );
  const before = await everything();
  await stores.links.noteNotKept(link(other), ['title']);
  await stores.links.confirmMembers(other, target, member, 7);
  await stores.links.remove(other, target, member);
  await stores.memberships.remove({ tenant: other, group, change, version: 2 }, [member]);
  await stores.memberships.leaveAll(other, member, change);
  await stores.memberships.revert({ tenant: other, group, change, version: 2 }, asChangeId('c#undone'));
  await stores.awaitedMembers.remove(other, target, group, [member]);
  await stores.awaitedMembers.refer(other, target, { resourceType: 'User', resourceId: group }, []);
  await stores.awaitedMembers.removeGroup(other, target, group);
  await stores.stepEdits.done({ tenant: other, change, target }, 'updated' as never);
  assert.deepEqual(await everything(), before);
  assert.equal(await stores.stepEdits.find({ tenant: other, change, target }), undefined);
  assert.equal(await stores.links.find(other, target, member), undefined);
});

test('a deletion is staged for each tenant that has these ids, and decided for the one alone', async (t) => {
  const connection = await openFreshDatabase(t, 'test-same-ids');
  const stores = openStores(connection, createSealer(randomKeyRing('k')), { policyCacheMs: 0, now: Date.now });
  await ensureIndexes(connection);
  const { stagedDeletions } = stores;
  const [own, target, resourceId] = [asTenantId('acme'), asTargetId('t'), asResourceId('r')];
  const since = '2026-01-01T00:00:00.000Z';
  for (const tenant of [own, OTHER])
    for (let time = 1; time <= 2; time += 1)
      await stagedDeletions.stage({ tenant, target, resourceType: 'User', resourceId, change: asChangeId('c'), since });
  assert.deepEqual(await Promise.all([own, OTHER].map((tenant) => stagedDeletions.count(tenant, target))), [1, 1]);
  await stagedDeletions.decide(own, target, { verdict: 'approved', by: 'operator', at: since });
  assert.equal(await stagedDeletions.isApproved(own, target, resourceId), true);
  assert.equal(await stagedDeletions.isApproved(OTHER, target, resourceId), false);
  await stagedDeletions.remove(OTHER, target, resourceId);
  assert.equal(await stagedDeletions.isApproved(own, target, resourceId), true);
});
