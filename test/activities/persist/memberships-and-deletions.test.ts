import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { requireMembers, writeMembers } from '../../../activities/persist/members.ts';
import { remove } from '../../../activities/persist/remove.ts';
import { requireVersion } from '../../../activities/persist/require-version.ts';
import { asChangeId, asResourceId } from '../../../domain/ids.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import type { ChangeRecord } from '../../../stores/changes.ts';
import { ensureIndexes } from '../../../stores/connect.ts';
import { createMembershipStore } from '../../../stores/memberships.ts';
import { openFreshStore, toWrite } from '../../stores/fresh-store.ts';

const AT = '2026-01-01T00:00:00.000Z';
const [DELETION, PATCH] = [asChangeId('deletion'), asChangeId('patch')];

/** A group and two users, of whom nobody is a member. */
async function openGroup(context: TestContext) {
  const store = await openFreshStore(context);
  const { connection, resources, tenant } = store;
  const memberships = createMembershipStore(connection);
  await ensureIndexes(connection);
  const [group, leaver, stayer] = [
    await store.add(GROUP_TYPE, { displayName: 'Staff' }),
    await store.add(USER_TYPE, { userName: 'leaver' }),
    await store.add(USER_TYPE, { userName: 'stayer' }),
  ];
  const stores = { memberships, resources };
  const write = { tenant, group: group.id, change: PATCH, version: 2 };
  const joining = (...ids: string[]) => [{ kind: 'add' as const, members: ids.map((value) => ({ value })) }];
  const deletion = { id: DELETION, tenant, resourceType: 'User', resourceId: leaver.id } as ChangeRecord;
  return {
    ...{ group, leaver, stayer, tenant, stores, write, joining, deletion },
    members: async () => (await memberships.page(tenant, group.id, '', 10)).map(({ member }) => member),
    async join(...ids: string[]) {
      const operations = joining(...ids);
      return writeMembers(write, operations, await requireMembers(write, operations, stores), stores);
    },
  };
}

test('a user who is deleted after being looked up, and before being written, does not become a member', async (context) => {
  const { write, joining, stores, leaver, stayer, members, deletion } = await openGroup(context);
  const operations = joining(leaver.id, stayer.id);
  const known = await requireMembers(write, operations, stores);
  await remove(deletion, AT, stores);
  await writeMembers(write, operations, known, stores);
  assert.deepEqual(await members(), [stayer.id]);
});

test('a user whom a group lets in while the deletion goes on leaves it in a new version of the group', async (context) => {
  const { stores, leaver, stayer, members, deletion, join, group, tenant } = await openGroup(context);
  const { resources } = stores;
  const overtaken: typeof resources = {
    ...resources,
    async remove(...of) {
      await join(leaver.id, stayer.id);
      return resources.remove(...of);
    },
  };
  await remove(deletion, AT, { ...stores, resources: overtaken });
  assert.deepEqual(await members(), [stayer.id]);
  assert.equal((await resources.find(tenant, 'Group', group.id))?.version, 2);
});

test('a deletion that was cut off when the resource was gone takes it out of its groups when it is tried again', async (context) => {
  const { stores, leaver, members, deletion, join, tenant } = await openGroup(context);
  await join(leaver.id);
  await stores.resources.remove(tenant, 'User', leaver.id, DELETION, AT);
  await remove(deletion, AT, stores);
  assert.deepEqual(await members(), []);
});

test('members who were deleted since an attempt that was cut off are no reason to refuse what it began', async (context) => {
  const { stores, leaver, stayer, members, deletion, join, write, joining } = await openGroup(context);
  await join(leaver.id, stayer.id);
  await remove(deletion, AT, stores);
  await join(leaver.id, stayer.id);
  assert.deepEqual(await members(), [stayer.id]);
  await assert.rejects(
    requireMembers({ ...write, change: asChangeId('another') }, joining(leaver.id, stayer.id), stores),
    { code: 'INVALID_VALUE' },
  );
});

test('a group that was created by an attempt that was cut off is not refused for a member who was deleted since', async (context) => {
  const { stores, leaver, stayer, deletion, joining, tenant } = await openGroup(context);
  const created = toWrite(tenant, GROUP_TYPE, { displayName: 'Fresh' }, { change: 'creation' });
  await stores.resources.insert(created);
  await remove(deletion, AT, stores);
  const write = { tenant, group: created.id, change: asChangeId('creation'), version: 1 };
  const known = await requireMembers(write, joining(leaver.id, stayer.id), stores);
  assert.deepEqual([...known.keys()], [stayer.id]);
});

test('If-Match is held to until memberships are written, and no more when a member is deleted then', async (context) => {
  const { stores, leaver, stayer, deletion, join, group, tenant } = await openGroup(context);
  const patch = { id: PATCH, tenant, resourceId: group.id, expectedVersion: '1' } as ChangeRecord;
  const asItStands = () => stores.resources.find(tenant, 'Group', asResourceId(group.id));
  await requireVersion(patch, await asItStands(), stores);
  await join(leaver.id, stayer.id);
  await remove(deletion, AT, stores);
  assert.equal((await asItStands())?.version, 2);
  await requireVersion(patch, await asItStands(), stores);
  const late = { ...patch, id: asChangeId('late') };
  await assert.rejects(requireVersion(late, await asItStands(), stores), { code: 'VERSION_MISMATCH' });
  await assert.rejects(requireVersion(patch, undefined, stores), { code: 'VERSION_MISMATCH' });
});
