import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asResourceId, asTargetId, asTenantId } from '../../domain/ids.ts';
import { createAwaitedMemberStore } from '../../stores/awaited-members.ts';
import { ensureIndexes } from '../../stores/connect.ts';
import { openFreshDatabase } from './fresh-database.ts';

test('a group may wait for one user as its member and as whom an attribute of it refers to', async (context) => {
  const connection = await openFreshDatabase(context, 'test-awaited');
  const store = createAwaitedMemberStore(connection);
  await ensureIndexes(connection);
  const [tenant, target] = [asTenantId('acme'), asTargetId('payroll')];
  const [group, ada, bob] = [asResourceId('group'), asResourceId('ada'), asResourceId('bob')];
  const waiting = { resourceType: 'Group', resourceId: group };
  const members = async () => (await store.ofGroup(tenant, target, group, 10)).toSorted();
  const references = async () =>
    (await store.referencesOf(tenant, [target], [group], 10)).map(({ awaited }) => awaited).toSorted();

  await store.add(tenant, target, group, [ada, bob]);
  await store.refer(tenant, target, waiting, [ada]);
  assert.deepEqual([await members(), await references()], [[ada, bob], [ada]]);
  assert.deepEqual(await store.waitingFor(tenant, target, ada), [waiting, waiting]);
  await store.refer(tenant, target, waiting, []);
  assert.deepEqual([await members(), await references()], [[ada, bob], []], 'members wait on');
  await store.refer(tenant, target, waiting, [ada, bob]);
  await store.remove(tenant, target, group, [ada, bob]);
  assert.deepEqual([await members(), await references()], [[], [ada, bob]], 'references wait on');
  await store.removeGroup(tenant, target, group);
  assert.deepEqual([await members(), await references()], [[], []]);
});
