import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GROUP_SCHEMA } from '../../../domain/scim/resource.ts';
import { deletionOf, joining, leaving, openCore, patchGroup, renaming } from './core.ts';
import { interrupted, targetOf } from './interrupted.ts';

const removeAll = { op: 'remove', path: 'members' } as const;

test('a group change that is compensated leaves members and targets as they were, wherever it is cut off', async (context) => {
  const core = await openCore(context);
  const [ada, bob, eve] = [await core.addUser('ada'), await core.addUser('bob'), await core.addUser('eve')];
  const asked = [
    [joining(eve), leaving(ada)],
    // Back and forth within one request.
    [leaving(ada), joining(ada, eve), leaving(eve)],
    [removeAll, joining(bob, eve)],
    [{ op: 'replace', path: 'members', value: [{ value: eve }] }, renaming('Team')],
  ] as const;
  for (const [index, operations] of asked.entries()) {
    for (let at = 1; ; at += 1) {
      const joe = await core.addUser(`joe ${index} ${at}`);
      const group = await core.addGroup(`Staff ${index} ${at}`, ada, bob, joe);
      const before = [ada, bob].sort();
      const [early, late] = [targetOf(core, group), targetOf(core, group)];
      await early.step();
      const change = await core.accept(patchGroup(group, ...operations));
      await core.persist(change);
      await early.step();
      // A member is deleted meanwhile, which gives the group a version between the two.
      await core.apply(deletionOf('User', joe));
      const { replaced, wasReached } = interrupted(core.stores, at, async () => {
        await early.step();
        throw new Error('the worker is gone');
      });
      await core.restore(change, replaced).catch(() => core.restore(change));
      assert.deepEqual((await core.members(group)).sort(), before, `${index}, cut off at ${at}`);
      for (const target of [early, late]) {
        await target.step();
        assert.deepEqual(target.held(), before, `${index}, cut off at ${at}`);
      }
      if (!wasReached()) break;
    }
  }
});

test('who was deleted meanwhile does not come back with a group change that is compensated', async (context) => {
  const core = await openCore(context);
  const [ada, bob] = [await core.addUser('ada'), await core.addUser('bob')];
  const group = await core.addGroup('Staff', ada, bob);
  const target = targetOf(core, group);
  const change = await core.apply(patchGroup(group, leaving(ada)));
  await core.apply(deletionOf('User', ada));
  await core.apply(deletionOf('User', bob));
  await core.restore(change);
  await target.step();
  assert.deepEqual([await core.members(group), target.held()], [[], []]);
});

test('who was deleted while their group was deleted is not in it when that is compensated', async (context) => {
  const core = await openCore(context);
  const [ada, bob] = [await core.addUser('ada'), await core.addUser('bob')];
  const [group, above] = [await core.addGroup('Staff', ada, bob), await core.addGroup('Above')];
  await core.apply(patchGroup(above, joining(group)));
  const target = targetOf(core, group);
  await target.step();
  const deletion = await core.apply(deletionOf('Group', group));
  assert.deepEqual(await core.members(above), []);
  await core.apply(deletionOf('User', ada));
  await core.restore(deletion);
  await target.step();
  assert.deepEqual([await core.members(group), await core.members(above), target.held()], [[bob], [group], [bob]]);
  await core.settle(await core.apply(patchGroup(group, renaming('Team'))));
  const { length } = await core.edges(group);
  assert.equal(length, 1, 'what ended has a version by which it is forgotten');
});

test('nothing of a creation stays when it is compensated: no edge of the group, and none to the user', async (context) => {
  const core = await openCore(context);
  const ada = await core.addUser('ada');
  const resource = { schemas: [GROUP_SCHEMA], displayName: 'Staff', members: [{ value: ada }] };
  const creation = await core.apply({ operation: 'create', resourceType: 'Group', body: { kind: 'create', resource } });
  const above = await core.addGroup('Above', creation.resourceId);
  await core.restore(creation);
  assert.deepEqual(await core.edges(creation.resourceId), []);
  assert.deepEqual(await core.members(above), [], 'the group above has a new version without it');
  assert.equal((await core.stores.resources.find(core.tenant, 'Group', above))?.version, 2);
  await core.restore(creation);
  assert.equal((await core.stores.resources.find(core.tenant, 'Group', above))?.version, 2, 'done once');
});

test('stacked group changes are compensated with their members in either order', async (context) => {
  const core = await openCore(context);
  const [ada, bob, eve] = [await core.addUser('ada'), await core.addUser('bob'), await core.addUser('eve')];
  for (const order of ['lowest first', 'highest first']) {
    const group = await core.addGroup(`Staff ${order}`, eve);
    const target = targetOf(core, group);
    const changes = [
      await core.apply(patchGroup(group, joining(ada))),
      await core.apply(patchGroup(group, joining(bob), leaving(eve))),
      await core.apply(patchGroup(group, renaming(`Team ${order}`))),
    ];
    await target.step();
    for (const change of order === 'lowest first' ? changes : changes.toReversed()) {
      await core.restore(change);
      await target.step();
    }
    assert.deepEqual([await core.members(group), target.held()], [[eve], [eve]], order);
  }
});

test('a member whom stacked changes let in and out is at the end where those that stay have them, in any order', async (context) => {
  const core = await openCore(context);
  const [ada, eve] = [await core.addUser('ada'), await core.addUser('eve')];
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  for (const order of orders) {
    const group = await core.addGroup(`Staff ${order}`, eve);
    await core.settle(await core.apply(patchGroup(group, renaming(`Team ${order}`))));
    const target = targetOf(core, group);
    const operations = [[joining(ada), leaving(eve)], [removeAll, joining(eve)], [joining(ada)]] as const;
    const [left, held] = [new Set([0, 1, 2]), [[eve], [ada], [eve], [ada, eve].sort()]];
    const changes = [];
    for (const [index, each] of operations.entries()) {
      changes.push(await core.apply(patchGroup(group, ...each)));
      assert.deepEqual((await core.members(group)).sort(), held[index + 1]);
    }
    for (const at of order) {
      await target.step();
      await core.restore(changes[at] as (typeof changes)[number]);
      left.delete(at);
      // The latest that stays decides; whoever lies beneath it stays with it.
      const top = Math.max(-1, ...left);
      assert.deepEqual((await core.members(group)).sort(), held[top + 1], `${order}, ${at} is compensated`);
    }
    await target.step();
    assert.deepEqual(target.held(), [eve], String(order));
  }
});
