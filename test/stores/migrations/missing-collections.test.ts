import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from 'mongoose';
import { MIGRATIONS } from '../../../stores/migrations/migrations.ts';
import { requireMigrations } from '../../../stores/migrations/require-migrations.ts';
import { contentOf, fillAsOlderRelease, migrateOlder, olderCollections } from '../../upgrade/older-database.ts';
import { openFreshDatabase } from '../fresh-database.ts';

const NAME = 'test-missing-collections';
/** Collections that migrations read or write. */
const MIGRATED = [
  ...['policies', 'credentials', 'resources', 'changes', 'links'],
  ...['jobs', 'memberships', 'awaited-members', 'audit'],
];
const namesIn = async (connection: Connection): Promise<string[]> =>
  (await connection.listCollections()).map(({ name }) => name).sort();

test('on an older database that has policies and credentials alone, every migration ends and makes nothing else', async (t) => {
  const connection = await openFreshDatabase(t, NAME);
  await fillAsOlderRelease(connection, ['policies', 'credentials']);
  const before = await contentOf(connection);
  await migrateOlder(connection, { isDryRun: true });
  assert.deepEqual(await contentOf(connection), before, 'a dry run writes nothing');

  const done = await migrateOlder(connection);
  assert.deepEqual(
    done.map(({ migration }) => migration.id),
    MIGRATIONS.map(({ id }) => id),
  );
  assert.deepEqual(await namesIn(connection), ['credentials', 'migrations', 'policies']);
  const bound = Object.fromEntries(done.map(({ migration, counts }) => [migration.id, counts['bound']]));
  assert.equal(bound['bind-credentials'], before['credentials']?.length, 'what is there is migrated');
  const after = await contentOf(connection);
  await migrateOlder(connection, { again: true });
  assert.deepEqual(await contentOf(connection), after, 'a second run finds nothing left');
  await requireMigrations(connection, () => new Date());
});

test('whichever one of the collections that they migrate an older database lacks, every migration ends', async (t) => {
  for (const missing of MIGRATED) {
    await t.test(missing, async (one) => {
      const connection = await openFreshDatabase(one, NAME);
      await fillAsOlderRelease(
        connection,
        olderCollections.filter((name) => name !== missing),
      );
      const done = await migrateOlder(connection);
      assert.equal(done.length, MIGRATIONS.length);
      await requireMigrations(connection, () => new Date());
    });
  }
});
