import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLeaseStore } from '../../stores/leases.ts';
import { openFreshDatabase } from './fresh-database.ts';

test('one process at a time has a lease; another takes it when it is given back or its time is over', async (context) => {
  const connection = await openFreshDatabase(context, 'test-leases');
  const clock = { ms: 1_000 };
  const { take, release } = createLeaseStore(connection, () => clock.ms);
  assert.deepEqual(await Promise.all([take('x', 'a', 100), take('y', 'b', 100)]), [true, true]);
  assert.equal(await take('x', 'b', 100), false);
  assert.equal(await take('x', 'a', 100), true, 'its owner prolongs it');
  clock.ms += 101;
  assert.equal(await take('x', 'b', 100), true);
  assert.equal(await take('x', 'a', 100), false);
  await release('x', 'a');
  assert.equal(await take('x', 'a', 100), false, 'nobody gives back what another has');
  await release('x', 'b');
  assert.equal(await take('x', 'a', 100), true);
});
