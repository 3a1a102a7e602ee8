import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createResourceRules } from '../../../domain/apply-change.ts';
import { asChangeId, asResourceId, asTenantId } from '../../../domain/ids.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { fromStored, toStored } from '../../../domain/scim/stored-form.ts';
import { createSealer } from '../../../platform/seal.ts';
import { activeUsers } from '../../../stores/migrations/active-users.ts';
import { migrate } from '../../../stores/migrations/migrate.ts';
import { randomKeyRing } from '../../platform/keys.ts';
import { openFreshDatabase } from '../fresh-database.ts';

const at = '2026-01-01T00:00:00.000Z';

/** A resource as the older release stored it. */
function stored(id: string, type: 'User' | 'Group', own: object, version = 1) {
  const definition = type === 'User' ? USER_TYPE : GROUP_TYPE;
  const resource = { schemas: [definition.schema.id], ...own };
  const k = createResourceRules(definition).shadow(resource, { id: asResourceId(id), created: at, lastModified: at });
  const common = { tenant: asTenantId('acme'), type, store: 'PRIMARY', version, change: asChangeId('c') };
  return { _id: id, ...common, created: at, lastModified: at, r: toStored(resource), k: toStored(k) };
}

test('users of the older release are active in what is read, what is searched and what a compensation restores', async (context) => {
  const connection = await openFreshDatabase(context, 'test-migrations');
  const documents = connection.collection('resources');
  const { version, change, lastModified, r, k } = stored('before', 'User', { userName: 'c' });
  const previous = { version, change, lastModified, r, k, uniq: [] };
  await documents.insertMany([
    stored('a', 'User', { userName: 'a' }),
    stored('b', 'User', { userName: 'b', active: false }),
    { ...stored('c', 'User', { userName: 'c', active: true }, 2), previous },
    { ...stored('d', 'User', { userName: 'd' }), type: 'User#deleted', k: {} },
    stored('g', 'Group', { displayName: 'g' }),
  ] as never[]);
  const options = { sealer: createSealer(randomKeyRing('k1')), now: () => new Date(), migrations: [activeUsers] };
  const [dry] = await migrate(connection, { ...options, isDryRun: true });
  assert.equal(dry?.counts['activated'], 3);
  const [done] = await migrate(connection, options);
  assert.equal(done?.counts['activated'], 3);

  const found = await documents.find({}).sort({ _id: 1 }).toArray();
  const [a, b, c, d, g] = found;
  const whole = stored('a', 'User', { userName: 'a', active: true });
  assert.deepEqual([fromStored(a?.['r']), a?.['k']], [fromStored(whole.r), whole.k], 'as it would be written now');
  assert.equal(b?.['r'].active, false);
  assert.deepEqual([c?.['previous'].r.active, c?.['previous'].k.active], [true, true]);
  assert.deepEqual([d?.['r'].active, d?.['k']], [true, {}]);
  assert.equal(g?.['r'].active, undefined);
  assert.equal(await documents.countDocuments({ tenant: 'acme', type: 'User', 'k.active': true }), 2);
  const [again] = await migrate(connection, { ...options, again: true });
  assert.equal(again?.counts['activated'], 0);
});
