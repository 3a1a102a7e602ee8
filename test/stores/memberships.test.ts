import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asChangeId, asResourceId, asTenantId } from '../../domain/ids.ts';
import { ensureIndexes } from '../../stores/connect.ts';
import { createMembershipStore } from '../../stores/memberships.ts';
import { openFreshDatabase } from './fresh-database.ts';

test('members come in the order of their ids, of one group alone, and of one tenant', async (context) => {
  const connection = await openFreshDatabase(context, 'test-memberships');
  const store = createMembershipStore(connection);
  await ensureIndexes(connection);
  const [tenant, other] = [asTenantId('acme'), asTenantId('initech')];
  // Ids of which one begins as the other does, and characters before and behind the colon.
  const groups = ['a', 'a0', 'a-b', 'aa', 'b'].map(asResourceId);
  const members = ['0', 'A', 'a', 'z', '-', ':', '~'].map((id) => ({ id: asResourceId(id), type: 'User' }));
  for (const group of groups) await store.add({ tenant, group, change: asChangeId('c'), version: 1 }, members);
  const inOrder = members.map(({ id }) => id).sort();
  for (const group of groups) {
    const read: string[] = [];
    for (let after = ''; ; ) {
      const page = await store.page(tenant, group, after, 2);
      read.push(...page.map(({ member }) => member));
      const last = page.at(-1);
      if (last === undefined || page.length < 2) break;
      after = last.member;
    }
    assert.deepEqual(read, inOrder, group);
    const shown = await store.ofGroups(tenant, [group], { limit: 100 });
    assert.deepEqual(
      shown.map(({ group: of, member }) => [of, member]),
      inOrder.map((member) => [group, member]),
    );
    assert.equal(await store.hasOthers(tenant, group, inOrder), false);
    assert.equal(await store.hasOthers(tenant, group, inOrder.slice(1)), true);
    assert.deepEqual(await store.page(other, group, '', 10), []);
    assert.equal(await store.hasOthers(other, group, []), false);
  }
  assert.equal((await store.ofGroups(tenant, groups, { limit: 100 })).length, groups.length * members.length);
  assert.deepEqual(await store.ofGroups(tenant, [], { limit: 100 }), []);
});
