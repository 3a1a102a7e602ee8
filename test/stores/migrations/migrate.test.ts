import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from 'mongoose';
import { createSealer } from '../../../platform/seal.ts';
import { eachPage } from '../../../stores/migrations/each-page.ts';
import { takeLock } from '../../../stores/migrations/lock.ts';
import { type MigrateOptions, migrate } from '../../../stores/migrations/migrate.ts';
import type { Migration } from '../../../stores/migrations/migration.ts';
import { MigrationsPendingError, requireMigrations } from '../../../stores/migrations/require-migrations.ts';
import { randomKeyRing } from '../../platform/keys.ts';
import { until } from '../../until.ts';
import { openFreshDatabase } from '../fresh-database.ts';

const NAME = 'test-migrations';
const now = (): Date => new Date();
const sealer = createSealer(randomKeyRing('k1'));
const options = (migrations: readonly Migration[], more: Partial<MigrateOptions> = {}): MigrateOptions => ({
  sealer,
  now,
  migrations,
  ...more,
});

/** Doubles `n` of each thing once. */
const doubling: Migration = {
  id: 'double',
  description: 'doubles everything',
  run: (context) =>
    eachPage(context, { collection: 'things', filter: { doubled: { $exists: false } } }, async (page) => {
      if (context.isDryRun) return { doubled: page.length };
      for (const { _id, n } of page)
        await context.connection
          .collection('things')
          .updateOne(
            { _id: _id as never, doubled: { $exists: false } },
            { $set: { n: 2 * (n as number), doubled: true } },
          );
      return { doubled: page.length };
    }),
};

const addThings = (connection: Connection, from: number, count: number) =>
  connection.collection('things').insertMany(
    Array.from({ length: count }, (_, index) => ({
      _id: String(from + index).padStart(6, '0') as never,
      n: from + index,
    })),
  );
const sumOf = async (connection: Connection): Promise<number> =>
  (await connection.collection('things').find({}).toArray()).reduce((sum, { n }) => sum + (n as number), 0);
const TWICE = 449 * 450; // twice the sum of 0…449

test('an empty database needs no migration, and its process may start', async (t) => {
  const connection = await openFreshDatabase(t, NAME);
  await requireMigrations(connection, now, [doubling]);
  await addThings(connection, 0, 3);
  await requireMigrations(connection, now, [doubling]);
  assert.deepEqual(await migrate(connection, options([doubling])), []);
  assert.equal(await sumOf(connection), 3);
});

test('on a database that an older release filled, a process refuses to start until the migrations have run', async (t) => {
  const connection = await openFreshDatabase(t, NAME);
  await addThings(connection, 0, 450);
  await assert.rejects(requireMigrations(connection, now, [doubling]), (error: unknown) => {
    assert.ok(error instanceof MigrationsPendingError);
    assert.match(error.message, /\(double\).*npm run migrate/);
    return true;
  });
  const [done] = await migrate(connection, options([doubling]));
  assert.deepEqual(done?.counts, { examined: 450, doubled: 450 });
  await requireMigrations(connection, now, [doubling]);
  assert.equal(await sumOf(connection), TWICE);
  assert.deepEqual(await migrate(connection, options([doubling])), [], 'the second run does nothing');
});

test('a dry run says what would be done and writes nothing', async (t) => {
  const connection = await openFreshDatabase(t, NAME);
  await addThings(connection, 0, 3);
  const [done] = await migrate(connection, options([doubling], { isDryRun: true }));
  assert.deepEqual(done?.counts, { examined: 3, doubled: 3 });
  assert.equal(await sumOf(connection), 3);
  assert.deepEqual(
    (await connection.listCollections()).map(({ name }) => name),
    ['things'],
  );
});

test('a run that is stopped in the middle is continued from where it stopped', async (t) => {
  const connection = await openFreshDatabase(t, NAME);
  await addThings(connection, 0, 450);
  const stopping = options([doubling], {
    onProgress: (_, { examined = 0 }) => {
      if (examined === 400) throw new Error('stopped');
    },
  });
  await assert.rejects(migrate(connection, stopping), /stopped/);
  await assert.rejects(requireMigrations(connection, now, [doubling]), MigrationsPendingError);
  const seen: unknown[] = [];
  const [done] = await migrate(connection, options([doubling], { onProgress: (_, counts) => seen.push(counts) }));
  assert.equal(await sumOf(connection), TWICE);
  assert.deepEqual(seen.length, 1, 'what was recorded is not gone over again');
  assert.equal(done?.counts['doubled'], 450);
});

test('of two runs at once one works and the other waits and finds nothing left', async (t) => {
  const connection = await openFreshDatabase(t, NAME);
  await addThings(connection, 0, 450);
  const both = await Promise.all([migrate(connection, options([doubling])), migrate(connection, options([doubling]))]);
  assert.deepEqual(both.map((done) => done.length).toSorted(), [0, 1]);
  assert.equal(await sumOf(connection), TWICE);
});

test('a run whose lock was taken over stops, and the lock of a run that died is free after its lease', async (t) => {
  const connection = await openFreshDatabase(t, NAME);
  let clock = Date.now();
  const dead = await takeLock(connection, 'dead', () => new Date(clock));
  assert.ok(dead);
  assert.equal(await takeLock(connection, 'other', () => new Date(clock)), undefined);
  clock += 61_000;
  const other = await takeLock(connection, 'other', () => new Date(clock));
  assert.ok(other);
  await assert.rejects(dead.renew(), /Another run of the migrations has taken over/);
  await dead.release();
  await other.renew();
  let waited = false;
  await addThings(connection, 0, 3);
  const run = migrate(connection, {
    ...options([doubling], {
      onWait: () => {
        waited = true;
      },
    }),
    now: () => new Date(clock),
  });
  await until('the run waits', () => waited);
  await other.release();
  assert.equal((await run).length, 1);
});

test('what older processes wrote after the migration is brought along by running it again', async (t) => {
  const connection = await openFreshDatabase(t, NAME);
  await addThings(connection, 0, 400);
  await migrate(connection, options([doubling]));
  await addThings(connection, 400, 50);
  assert.deepEqual(await migrate(connection, options([doubling])), []);
  const [done] = await migrate(connection, options([doubling], { again: true }));
  assert.equal(done?.counts['doubled'], 50);
  assert.equal(await sumOf(connection), TWICE);
});
