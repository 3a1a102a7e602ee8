import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AcceptedChange } from '../../../domain/change.ts';
import type { ResourceId } from '../../../domain/ids.ts';
import type { Stores } from '../../../stores/open-stores.ts';
import { type Asked, type Core, deletionOf, joining, leaving, openCore, patchGroup } from './core.ts';
import { interrupted, targetOf } from './interrupted.ts';

/** Tries until it is not told to try again, as a workflow does. */
async function persistAtLast(core: Core, change: AcceptedChange, replaced?: Partial<Stores>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await core.persist(change, attempt === 1 ? replaced : undefined);
      return;
    } catch (error) {
      if (attempt === 4) throw error;
    }
  }
}

interface Play {
  /** Makes the group, and says what is done to it and who is deleted. */
  readonly name: string;
  begin(core: Core, leaver: ResourceId, stayer: ResourceId): Promise<{ group: ResourceId; asked: Asked }>;
  /** Whether the stayer is a member at the end. */
  readonly stays: boolean;
}

const PLAYS: readonly Play[] = [
  {
    name: 'both join',
    async begin(core, leaver, stayer) {
      const group = await core.addGroup(`Staff of ${stayer}`);
      return { group, asked: patchGroup(group, joining(leaver, stayer)) };
    },
    stays: true,
  },
  {
    name: 'one leaves while the other joins',
    async begin(core, leaver, stayer) {
      const group = await core.addGroup(`Staff of ${stayer}`, leaver);
      return { group, asked: patchGroup(group, leaving(leaver), joining(stayer)) };
    },
    stays: true,
  },
  {
    name: 'another one leaves',
    async begin(core, leaver, stayer) {
      const group = await core.addGroup(`Staff of ${stayer}`, leaver, stayer);
      return { group, asked: patchGroup(group, leaving(stayer)) };
    },
    stays: false,
  },
  {
    name: 'both are all there is to be',
    async begin(core, leaver, stayer) {
      const other = await core.addUser(`other of ${stayer}`);
      const group = await core.addGroup(`Staff of ${stayer}`, other);
      const value = [{ value: leaver }, { value: stayer }];
      return { group, asked: patchGroup(group, { op: 'replace', path: 'members', value }) };
    },
    stays: true,
  },
];

for (const { name, begin, stays } of PLAYS) {
  test(`a user who is deleted at any moment while ${name} is in no group afterwards, and targets know`, async (context) => {
    const core = await openCore(context);
    for (let at = 1, isOver = false; !isOver; at += 1) {
      const [leaver, stayer] = [await core.addUser(`leaver ${at}`), await core.addUser(`stayer ${at}`)];
      const { group, asked } = await begin(core, leaver, stayer);
      const [early, late] = [targetOf(core, group), targetOf(core, group)];
      const deletion = async (): Promise<void> => {
        await early.step();
        await core.apply(deletionOf('User', leaver));
        await early.step();
      };
      const { replaced, wasReached } = interrupted(core.stores, at, deletion);
      const change = await core.accept(asked);
      await persistAtLast(core, change, replaced).catch((error: { code?: string }) => {
        // Deleted before being looked up, nobody of this id can be named.
        assert.equal(error.code, 'INVALID_VALUE');
      });
      isOver = !wasReached();
      if (isOver) await deletion();
      const isRejected = (await core.stores.changes.find(core.tenant, change.id))?.state === 'rejected';
      const members = (await core.members(group)).sort();
      if (!isRejected) assert.deepEqual(members, stays ? [stayer] : [], `${name}, ${at}`);
      assert.equal(members.includes(leaver), false, `${name}, ${at}`);
      for (const target of [early, late]) {
        await target.step();
        assert.deepEqual(target.held(), members, `${name}, interrupted at ${at}`);
      }
    }
  });
}

test('a group change that is cut off at any moment is done whole when it is tried again, and targets know', async (context) => {
  const core = await openCore(context);
  const [ada, bob, eve] = [await core.addUser('ada'), await core.addUser('bob'), await core.addUser('eve')];
  for (let at = 1; ; at += 1) {
    const group = await core.addGroup(`Staff ${at}`, ada, bob);
    const target = targetOf(core, group);
    await target.step();
    const { replaced, wasReached } = interrupted(core.stores, at, async () => {
      await target.step();
      throw new Error('the worker is gone');
    });
    await persistAtLast(
      core,
      await core.accept({ ...patchGroup(group, leaving(ada), joining(eve)), expectedVersion: '1' }),
      replaced,
    );
    await target.step();
    assert.deepEqual(
      [await core.members(group), target.held()].map((ids) => ids.sort()),
      [[bob, eve].sort(), [bob, eve].sort()],
    );
    const stands = await core.stores.resources.findToWrite(core.tenant, 'Group', group);
    assert.deepEqual([stands?.version, stands?.writingMembers], [2, undefined], `cut off at ${at}`);
    if (!wasReached()) return;
  }
});

test('a deletion that is cut off at any moment takes the user out of all groups when it is tried again', async (context) => {
  const core = await openCore(context);
  for (let at = 1; ; at += 1) {
    const [ada, bob] = [await core.addUser(`ada ${at}`), await core.addUser(`bob ${at}`)];
    const groups = [await core.addGroup(`One ${at}`, ada, bob), await core.addGroup(`Two ${at}`, ada)];
    const targets = groups.map((group) => targetOf(core, group));
    for (const target of targets) await target.step();
    const { replaced, wasReached } = interrupted(core.stores, at, async () => {
      for (const target of targets) await target.step();
      throw new Error('the worker is gone');
    });
    const change = await core.accept(deletionOf('User', ada));
    await persistAtLast(core, change, replaced);
    for (const target of targets) await target.step();
    assert.deepEqual(
      targets.map((target) => target.held()),
      [[bob], []],
      `cut off at ${at}`,
    );
    await core.restore(change);
    for (const target of targets) await target.step();
    assert.deepEqual(
      targets.map((target) => target.held()),
      [[ada, bob].sort(), [ada]],
      'taken back, they are in again',
    );
    if (!wasReached()) return;
  }
});

test('a user in 500 groups leaves them by a few statements, and each group has a new version', async (context) => {
  const core = await openCore(context);
  const { stores, tenant } = core;
  const ada = await core.addUser('ada');
  const groups = await Promise.all(Array.from({ length: 500 }, (_, index) => core.addGroup(`Group ${index}`, ada)));
  const called: string[] = [];
  const counting = <T extends object>(store: T): T =>
    new Proxy(store, {
      get(of, name) {
        const method = Reflect.get(of, name) as unknown;
        if (typeof method === 'function') called.push(String(name));
        return method;
      },
    });
  const replaced = { resources: counting(stores.resources), memberships: counting(stores.memberships) };
  await core.apply(deletionOf('User', ada), replaced);
  assert.ok(called.length <= 10, called.join());
  const names = await Promise.all(groups.map((group) => stores.resources.find(tenant, 'Group', group)));
  assert.deepEqual(new Set(names.map((group) => group?.version)), new Set([2]));
  const edges = await stores.memberships.changedSince(tenant, groups[0] as ResourceId, 1, { after: '', limit: 10 });
  assert.deepEqual(
    edges.map(({ version, ended }) => [version, ended]),
    [[2, true]],
  );
});
