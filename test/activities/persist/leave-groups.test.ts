import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaveGroups, rejoinGroups } from '../../../activities/persist/leave-groups.ts';
import { asChangeId, asResourceId } from '../../../domain/ids.ts';
import { ensureIndexes } from '../../../stores/connect.ts';
import { createMembershipStore } from '../../../stores/memberships.ts';
import { openFreshStore } from '../../stores/fresh-store.ts';

test('a step that reads a group at the moment of its new version learns who left it, and who is back', async (context) => {
  const { connection, tenant } = await openFreshStore(context);
  const memberships = createMembershipStore(connection);
  await ensureIndexes(connection);
  const [group, member, change] = [asResourceId('g'), asResourceId('m'), asChangeId('deletion')];
  await memberships.add({ tenant, group, change: asChangeId('joining'), version: 1 }, [{ id: member, type: 'User' }]);
  let version = 1;
  const learned: (boolean | undefined)[] = [];
  const resources = {
    /** A step of another change runs between this and whatever follows. */
    async touchGroups() {
      version += 1;
      const edges = await memberships.changedSince(tenant, group, version - 1, { after: '', limit: 10 });
      learned.push(edges[0]?.ended);
      return new Map([[group, version]]);
    },
  };
  const at = '2026-01-01T00:00:00.000Z';
  await leaveGroups(tenant, member, change, at, { memberships, resources });
  assert.deepEqual(learned, [true]);
  assert.deepEqual(await memberships.changedSince(tenant, group, version, { after: '', limit: 10 }), []);
  await leaveGroups(tenant, member, change, at, { memberships, resources });
  assert.equal(version, 2, 'done already: no version is given');

  await rejoinGroups(tenant, member, change, at, { memberships, resources });
  assert.deepEqual(learned, [true, false]);
  assert.deepEqual(
    (await memberships.page(tenant, group, '', 10)).map((edge) => edge.version),
    [version],
  );
});
