import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asChangeId } from '../../../domain/ids.ts';
import { GROUP_SCHEMA } from '../../../domain/scim/resource.ts';
import { deletionOf, joining, leaving, openCore, patchGroup, renaming } from './core.ts';

test('a group change that is rejected leaves its members as they were, whatever it was rejected for', async (context) => {
  const core = await openCore(context);
  const { stores, tenant } = core;
  const [ada, bob] = [await core.addUser('ada'), await core.addUser('bob')];
  await core.addGroup('Taken');
  const group = await core.addGroup('Staff', ada);
  const before = await core.edges(group);
  const members = [{ value: bob }];
  const put = (displayName: string) => ({ schemas: [GROUP_SCHEMA], displayName, members });
  const refused = [
    [patchGroup(group, leaving(ada), renaming('Taken')), 'UNIQUENESS'],
    [patchGroup(group, joining(bob), renaming('taken')), 'UNIQUENESS'],
    [patchGroup(group, { op: 'remove', path: 'members' }, renaming('Taken')), 'UNIQUENESS'],
    [patchGroup(group, { op: 'replace', path: 'members', value: members }, renaming('Taken')), 'UNIQUENESS'],
    [patchGroup(group, { op: 'add', value: { displayName: 'Taken', members } }), 'UNIQUENESS'],
    [{ ...patchGroup(group), operation: 'replace', body: { kind: 'replace', resource: put('Taken') } }, 'UNIQUENESS'],
    [patchGroup(group, joining(bob), { op: 'remove', path: 'displayName' }), 'MUTABILITY'],
    [{ ...patchGroup(group, joining(bob)), expectedVersion: '7' }, 'VERSION_MISMATCH'],
  ] as const;
  for (const [asked, code] of refused) {
    const change = await core.accept(asked);
    await assert.rejects(core.persist(change), { code }, JSON.stringify(asked.body));
    assert.deepEqual(await core.edges(group), before, JSON.stringify(asked.body));
    const stands = await stores.resources.findToWrite(tenant, 'Group', group);
    assert.deepEqual([stands?.version, stands?.writingMembers], [1, undefined]);
    assert.equal(
      (await stores.resources.find(tenant, 'User', bob))?.grouped,
      undefined,
      'nothing of it is at the user',
    );
    const record = await stores.changes.findWithBody(tenant, change.id);
    assert.deepEqual([record?.change.state, record?.body], ['rejected', undefined]);
    // The same once more gets the same answer, and does nothing either.
    await assert.rejects(core.persist(change), { code });
    assert.deepEqual(await core.edges(group), before);
  }
});

test('a group whose name is taken is not made, and nobody becomes a member of it', async (context) => {
  const core = await openCore(context);
  const ada = await core.addUser('ada');
  await core.addGroup('Taken');
  const resource = { schemas: [GROUP_SCHEMA], displayName: 'Taken', members: [{ value: ada }] };
  const change = await core.accept({ operation: 'create', resourceType: 'Group', body: { kind: 'create', resource } });
  await assert.rejects(core.persist(change), { code: 'UNIQUENESS' });
  assert.deepEqual(await core.edges(change.resourceId), []);
});

test('an attempt of an older release that had written members is rejected without them', async (context) => {
  const core = await openCore(context);
  const { memberships } = core.stores;
  const [ada, bob] = [await core.addUser('ada'), await core.addUser('bob')];
  await core.addGroup('Taken');
  const group = await core.addGroup('Staff', ada);
  const change = await core.accept(patchGroup(group, joining(bob), leaving(ada), renaming('Taken')));
  const write = { tenant: core.tenant, group, change: change.id, version: 2 };
  await memberships.add(write, [{ id: bob, type: 'User' }]);
  await memberships.remove(write, [ada]);
  await assert.rejects(core.persist(change), { code: 'UNIQUENESS' });
  assert.deepEqual(await core.members(group), [ada]);
  const changed = await memberships.changedSince(core.tenant, group, 1, { after: '', limit: 10 });
  assert.deepEqual(
    new Map(changed.map(({ member, ended }) => [member, ended])),
    new Map([
      [ada, false],
      [bob, true],
    ]),
  );
  assert.equal((await core.stores.resources.find(core.tenant, 'Group', group))?.version, 2, 'targets learn of it');
});

test('a change that fails after it was written is not rejected', async (context) => {
  const core = await openCore(context);
  const { stores } = core;
  const ada = await core.addUser('ada');
  const group = await core.addGroup('Staff');
  const change = await core.accept(patchGroup(group, joining(ada)));
  const failing = {
    ...stores.memberships,
    add: async () => {
      throw Object.assign(new Error('unreachable'), { code: 'STORE_UNAVAILABLE' });
    },
  };
  await assert.rejects(core.persist(change, { memberships: failing as never }));
  assert.equal((await stores.changes.find(core.tenant, change.id))?.state, 'received');
  const reads = await stores.resources.find(core.tenant, 'Group', group);
  assert.equal(reads?.version, 1, 'readers see the version whose members are complete');
  assert.deepEqual(await stores.resources.findToWrite(core.tenant, 'Group', group).then((it) => it?.version), 2);
  const { reference } = await core.persist(change);
  assert.deepEqual([reference.version, reference.changed], [2, true]);
  assert.deepEqual(await core.members(group), [ada]);
  assert.equal((await stores.resources.find(core.tenant, 'Group', group))?.version, 2);
});

test('the next change of a group finishes what an attempt before it left half written', async (context) => {
  const core = await openCore(context);
  const { stores } = core;
  const [ada, bob] = [await core.addUser('ada'), await core.addUser('bob')];
  const group = await core.addGroup('Staff');
  const failing = { ...stores.memberships, add: async () => Promise.reject(new Error('the worker is gone')) };
  const lost = await core.accept(patchGroup(group, joining(ada)));
  await assert.rejects(core.persist(lost, { memberships: failing as never }));
  await core.apply(patchGroup(group, joining(bob)));
  assert.deepEqual((await core.members(group)).sort(), [ada, bob].sort());
  assert.equal((await stores.resources.find(core.tenant, 'Group', group))?.version, 3);
  assert.equal((await core.persist(lost)).reference.version, 2);
  await assert.rejects(core.persist({ ...lost, id: asChangeId('unknown') }), { code: 'NOT_FOUND' });
});

test('a change that was written and overtaken by a deletion before its attempt ended is not rejected', async (context) => {
  const core = await openCore(context);
  const { stores } = core;
  const ada = await core.addUser('ada');
  const group = await core.addGroup('Staff');
  const failing = { ...stores.memberships, add: async () => Promise.reject(new Error('the worker is gone')) };
  const lost = await core.accept(patchGroup(group, joining(ada)));
  await assert.rejects(core.persist(lost, { memberships: failing as never }));
  const deletion = await core.apply(deletionOf('Group', group));
  assert.equal((await core.persist(lost)).reference.version, 0, 'nothing of it stands');
  assert.equal((await stores.changes.find(core.tenant, lost.id))?.state, 'persisted');
  await core.restore(deletion);
  assert.deepEqual(await core.members(group), [ada], 'the deletion had finished its members');
  assert.equal((await stores.resources.findToWrite(core.tenant, 'Group', group))?.writingMembers, undefined);
});
