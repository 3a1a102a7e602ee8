import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceId } from '../../../domain/ids.ts';
import { asChangeId, asTargetId } from '../../../domain/ids.ts';
import { createSealer } from '../../../platform/seal.ts';
import { awaitedReferences } from '../../../stores/migrations/awaited-references.ts';
import { migrate } from '../../../stores/migrations/migrate.ts';
import type { Migration } from '../../../stores/migrations/migration.ts';
import { rejectedMemberships } from '../../../stores/migrations/rejected-memberships.ts';
import { resourceCreations } from '../../../stores/migrations/resource-creations.ts';
import { deletionOf, joining, leaving, openCore, patchGroup, renaming } from '../../activities/persist/core.ts';
import { targetOf } from '../../activities/persist/interrupted.ts';
import { randomKeyRing } from '../../platform/keys.ts';

const options = (...migrations: readonly Migration[]) => ({
  sealer: createSealer(randomKeyRing('k1')),
  now: () => new Date(),
  migrations,
});

test('memberships that rejected changes of the older release left are reverted, once, and targets learn of it', async (context) => {
  const core = await openCore(context);
  const { connection, stores, tenant } = core;
  const [ada, bob, eve] = [await core.addUser('ada'), await core.addUser('bob'), await core.addUser('eve')];
  await core.addGroup('Taken');
  const group = await core.addGroup('Staff', ada, eve);
  const target = targetOf(core, group);
  const change = await core.accept(patchGroup(group, joining(bob), leaving(ada), leaving(eve), renaming('Taken')));
  await assert.rejects(core.persist(change), { code: 'UNIQUENESS' });
  // As the older release did it: edges first, and left where they were.
  const write = { tenant, group, change: change.id, version: 2 };
  await stores.memberships.add(write, [{ id: bob, type: 'User' }]);
  await stores.memberships.remove(write, [ada, eve]);
  await target.step();
  await core.apply(deletionOf('User', eve));

  const [dry] = await migrate(connection, { ...options(rejectedMemberships), isDryRun: true });
  assert.equal(dry?.counts['rejected changes reverted'], 1);
  assert.deepEqual(await core.members(group), [bob]);
  const [done] = await migrate(connection, options(rejectedMemberships));
  assert.equal(done?.counts['rejected changes reverted'], 1);
  assert.deepEqual(await core.members(group), [ada], 'who was deleted since is not back');
  await target.step();
  assert.deepEqual(target.held(), [ada]);
  const before = await core.edges(group);
  const [again] = await migrate(connection, { ...options(rejectedMemberships), again: true });
  assert.equal(again?.counts['rejected changes reverted'], 0);
  assert.deepEqual(await core.edges(group), before);
});

test('resources of the older release get the change that created them, and compensation finds it', async (context) => {
  const core = await openCore(context);
  const { connection, stores, tenant } = core;
  const ada = await core.addUser('ada');
  const creation = await core.apply({
    operation: 'create',
    resourceType: 'Group',
    body: { kind: 'create', resource: { schemas: [], displayName: 'Staff', members: [{ value: ada }] } as never },
  });
  const group = creation.resourceId;
  await core.apply(deletionOf('User', ada));
  const renamed = await core.apply(patchGroup(group, renaming('Team')));
  const documents = connection.collection('resources');
  await documents.updateMany({}, { $unset: { createdBy: '' } });
  const taken = asChangeId('restored');
  const begun = { create: creation.id, by: taken };
  const other: ResourceId = await core.addUser('eve');
  await documents.updateOne({ _id: other as never }, { $set: { begun, change: taken }, $unset: { createdBy: '' } });

  await migrate(connection, options(resourceCreations));
  const found = await documents.find({}, { projection: { createdBy: 1, begun: 1, restored: 1 } }).toArray();
  assert.ok(found.every(({ createdBy, begun }) => typeof createdBy === 'string' && begun === undefined));
  assert.equal(found.find(({ _id }) => String(_id) === other)?.['restored'], creation.id);
  assert.equal(await core.restore(creation), false);
  assert.equal(await core.restore(renamed), true);
  assert.equal(await stores.resources.find(tenant, 'Group', group), undefined, 'nothing of it stays');
});

test('references of the older release that wait for an account get a key of their own', async (context) => {
  const { connection, stores, tenant } = await openCore(context);
  const documents = connection.collection('awaited-members');
  const target = asTargetId('payroll');
  const older = { tenant, target, group: 'maya', member: 'boss' };
  await documents.insertMany([
    { _id: 'payroll:maya:boss' as never, ...older, resourceType: 'User' },
    { _id: 'payroll:staff:boss' as never, ...older, group: 'staff' },
  ]);
  await migrate(connection, options(awaitedReferences));
  await migrate(connection, { ...options(awaitedReferences), again: true });
  const keys = (await documents.find({}).toArray()).map(({ _id }) => String(_id)).sort();
  assert.deepEqual(keys, ['payroll:maya:boss:reference', 'payroll:staff:boss']);
  assert.equal((await stores.awaitedMembers.waitingFor(tenant, target, 'boss' as ResourceId)).length, 2);
});
