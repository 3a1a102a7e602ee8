import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createResourceRules } from '../../domain/apply-change.ts';
import { asChangeId, asResourceId, type ChangeId } from '../../domain/ids.ts';
import { GROUP_TYPE, USER_TYPE } from '../../domain/scim/schema/resource-types.ts';
import { type FreshStore, openFreshStore, toWrite } from './fresh-store.ts';

const AT = '2026-01-01T00:00:00.000Z';
const rules = createResourceRules(USER_TYPE);

/** What is to hold, kept the simple way: every version with its change, the lowest first. */
interface Version {
  readonly change: ChangeId;
  /** Absent: deleted. */
  readonly userName?: string;
}

/** One user who is written, touched, deleted and restored, with what should come of it. */
function createPlayer({ resources, tenant }: FreshStore) {
  const id = asResourceId(randomUUID());
  const [type, userNameOf] = ['User', (change: string) => `${change} of ${id}`];
  let versions: Version[] = [];
  const settled = new Set<ChangeId>();
  let written = 0;
  let version = 0;
  const next = (): ChangeId => asChangeId(`change-${++written}`);
  const top = (): Version | undefined => versions.at(-1);
  /** What lies beneath a change that has settled is never wanted back. */
  const keepsEarlier = (): boolean => {
    const change = top()?.change;
    const keeps = change !== undefined && !settled.has(change);
    if (!keeps) versions = versions.slice(-1);
    return keeps;
  };

  return {
    userNameOf,
    versions: () => versions,
    compensable: () => versions.map(({ change }) => change).filter((change) => !settled.has(change)),

    async write(): Promise<void> {
      const change = next();
      const stands = await resources.find(tenant, type, id);
      const write = toWrite(tenant, USER_TYPE, { userName: userNameOf(change) }, { id, change, at: AT });
      if (stands === undefined) await resources.insert(write);
      else {
        const upon = { version: stands.version, keepsEarlier: keepsEarlier() };
        await resources.replace({ ...write, version: stands.version + 1 }, upon);
      }
      versions.push({ change, userName: userNameOf(change) });
    },

    async remove(): Promise<void> {
      if (top()?.userName === undefined) return;
      const change = next();
      await resources.remove(tenant, type, id, change, AT, keepsEarlier());
      versions.push({ change });
    },

    settle(): void {
      const change = top()?.change;
      if (change !== undefined) settled.add(change);
    },

    async restore(change: ChangeId): Promise<void> {
      const before = await resources.findBefore(tenant, type, id, change);
      const at = versions.findIndex((one) => one.change === change);
      const [isTop, beneath] = [at === versions.length - 1, versions[at - 1]];
      if (isTop)
        assert.equal(before === 'none' ? 'none' : before?.resource['userName'], beneath ? beneath.userName : 'none');
      else assert.equal(before, undefined, 'a later version stays');
      const restoredBy = asChangeId(`${change}#undone`);
      const restored = await resources.restore(tenant, type, id, change, restoredBy);
      versions.splice(at, 1);
      assert.equal(restored.kind, !isTop ? 'kept' : beneath === undefined ? 'erased' : 'restored');
      assert.deepEqual((await resources.restore(tenant, type, id, change, restoredBy)).kind, restored.kind, 'repeated');
    },

    async check(): Promise<void> {
      const stands = await resources.find(tenant, type, id);
      assert.equal(stands?.resource['userName'], top()?.userName);
      if (stands === undefined) return;
      assert.ok(stands.version >= version, 'a version never comes twice');
      version = stands.version;
      const [key = ''] = rules.uniqueKeys(stands.resource, stands.store);
      assert.equal((await resources.findByKey(tenant, type, key))?.id, id, 'the name is its own');
    },
  };
}

function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('changes are compensated in any order, and what stands is what those that were not compensated wrote', async (context) => {
  const store = await openFreshStore(context);
  const play = async (seed: number): Promise<void> => {
    const random = randomOf(seed);
    const player = createPlayer(store);
    const played: string[] = [];
    try {
      await player.write();
      for (let step = 0; step < 14 && player.versions().length > 0; step += 1) {
        const open = player.compensable();
        const what = random(10);
        const change = open[random(open.length)];
        if (what < 4) played.push('write');
        else if (what === 4) played.push('remove');
        else if (what === 5) played.push('settle');
        else if (change !== undefined) played.push(`restore ${change}`);
        if (what < 4 && player.versions().at(-1)?.userName !== undefined) await player.write();
        else if (what === 4) await player.remove();
        else if (what === 5) player.settle();
        else if (what > 5 && change !== undefined) await player.restore(change);
        await player.check();
      }
    } catch (error) {
      throw new Error(`seed ${seed}: ${played.join(', ')}`, { cause: error });
    }
  };
  for (let seed = 1; seed <= 120; seed += 8) await Promise.all(Array.from({ length: 8 }, (_, at) => play(seed + at)));
});

test('of three stacked changes nothing stays, in whatever order they are compensated', async (context) => {
  const store = await openFreshStore(context);
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ]) {
    for (const settlesFirst of [false, true]) {
      const player = createPlayer(store);
      if (settlesFirst) {
        await player.write();
        player.settle();
      }
      for (let written = 0; written < 3; written += 1) await player.write();
      const changes = player.compensable();
      for (const at of order) await player.restore(changes[at] as ChangeId);
      await player.check();
      assert.equal(player.versions().length, settlesFirst ? 1 : 0);
    }
  }
});

test('a group that members left meanwhile is erased when its creation is compensated beneath another change', async (context) => {
  const { resources, tenant, add, documents } = await openFreshStore(context);
  const group = await add(GROUP_TYPE, { displayName: 'Staff' }, { change: 'creation' });
  // A member is deleted: the creation is no longer the first version.
  await resources.touchGroups(tenant, [group.id], AT);
  const renamed = toWrite(tenant, GROUP_TYPE, { displayName: 'Team' }, { id: group.id, change: 'renaming', at: AT });
  await resources.replace({ ...renamed, version: 3 }, { version: 2, keepsEarlier: true });
  const restore = (change: string) =>
    resources.restore(tenant, 'Group', group.id, asChangeId(change), asChangeId(`${change}#undone`));
  assert.deepEqual(await restore('creation'), { kind: 'kept' });
  assert.deepEqual(await restore('renaming'), { kind: 'erased' });
  assert.equal(await documents.countDocuments({}), 0);
});

test('documents of older releases are restored as they were before', async (context) => {
  const { resources, tenant, add, documents } = await openFreshStore(context);
  const { id } = await add(USER_TYPE, { userName: 'ada' }, { change: 'creation' });
  const renamed = toWrite(tenant, USER_TYPE, { userName: 'eve' }, { id, change: 'renaming', at: AT });
  await resources.replace({ ...renamed, version: 2 }, { version: 1, keepsEarlier: false });
  await documents.updateOne({ _id: id as never }, { $unset: { createdBy: '' } });
  const restore = (change: string) =>
    resources.restore(tenant, 'User', id, asChangeId(change), asChangeId(`${change}#undone`));
  // As the older release left it: the later change compensated, and that the creation was the beginning.
  assert.equal((await restore('renaming')).kind, 'restored');
  const begun = { create: 'creation', by: 'renaming#undone' };
  await documents.updateOne({ _id: id as never }, { $set: { begun }, $unset: { createdBy: '', restored: '' } });
  assert.equal((await resources.findToWrite(tenant, 'User', id))?.standing, 'creation');
  assert.equal(await resources.findBefore(tenant, 'User', id, asChangeId('creation')), 'none');
  assert.deepEqual(await restore('creation'), { kind: 'erased' });
});

test('a name that was taken meanwhile is a conflict, and nothing is restored', async (context) => {
  const { resources, tenant, add } = await openFreshStore(context);
  const created = await add(USER_TYPE, { userName: 'ada' });
  const renamed = toWrite(tenant, USER_TYPE, { userName: 'eve' }, { id: created.id, change: 'renaming', at: AT });
  await resources.replace({ ...renamed, version: 2 }, { version: 1, keepsEarlier: false });
  await add(USER_TYPE, { userName: 'ada' });
  const restore = () =>
    resources.restore(tenant, 'User', created.id, asChangeId('renaming'), asChangeId('renaming#undone'));
  await assert.rejects(restore(), { code: 'UNIQUENESS' });
  assert.equal((await resources.find(tenant, 'User', created.id))?.resource['userName'], 'eve');
});
