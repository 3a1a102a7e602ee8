import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSealer } from '../../../platform/seal.ts';
import { createCredentialStore } from '../../../stores/credentials.ts';
import { bindCredentials } from '../../../stores/migrations/bind-credentials.ts';
import { migrate } from '../../../stores/migrations/migrate.ts';
import { randomKeyRing } from '../../platform/keys.ts';
import { openFreshDatabase } from '../fresh-database.ts';

test('credentials of the older release get a binding each, once', async (context) => {
  const connection = await openFreshDatabase(context, 'test-migrations');
  const documents = connection.collection('credentials');
  const older = { tenant: 'acme', kind: 'client', serviceProvider: 'resident', scopes: [], roles: [], secretHash: 'h' };
  await documents.insertMany(['a', 'b', 'c'].map((_id) => ({ _id, ...older, createdAt: '2026-01-01' })) as never[]);
  const store = createCredentialStore(connection);
  const used = await store.findForAuthentication('b');

  const options = { sealer: createSealer(randomKeyRing('k1')), now: () => new Date(), migrations: [bindCredentials] };
  const bindings = async () => (await documents.find({}).sort({ _id: 1 }).toArray()).map(({ binding }) => binding);
  await migrate(connection, options);
  const bound = await bindings();
  assert.equal(new Set(bound).size, 3);
  assert.ok(bound.every((binding) => typeof binding === 'string'));
  assert.equal(bound[1], used?.binding, 'one that was used meanwhile keeps the binding that its tokens carry');
  await migrate(connection, { ...options, again: true });
  assert.deepEqual(await bindings(), bound);
});
