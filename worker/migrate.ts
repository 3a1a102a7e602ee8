/**
 * `npm run migrate`: brings the database of an older release to the stored form of this one. Runs beside everything else,
 * and may be stopped and run again. `--dry-run` writes nothing and says what would be done; `--again` repeats what has
 * ended, for what processes of the older release wrote since.
 */
import { parseArgs } from 'node:util';
import { ConfigurationError, loadConfig } from '../platform/config.ts';
import { createKeyRing } from '../platform/key-ring.ts';
import { createSealer } from '../platform/seal.ts';
import { connectMongo } from '../stores/connect.ts';
import { migrate } from '../stores/migrations/migrate.ts';
import type { MigrationCounts } from '../stores/migrations/migration.ts';

const words = (counts: MigrationCounts): string =>
  Object.entries(counts)
    .map(([what, count]) => `${what}: ${count}`)
    .join(', ') || 'nothing to do';

try {
  const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean' }, again: { type: 'boolean' } } });
  const isDryRun = values['dry-run'] === true;
  const config = loadConfig(process.env);
  const mongo = await connectMongo(config.mongo);
  try {
    const done = await migrate(mongo, {
      sealer: createSealer(createKeyRing(config.encryption.keys)),
      now: () => new Date(),
      isDryRun,
      again: values.again === true,
      onProgress: ({ id }, counts) => console.error(`${id}: ${words(counts)}`),
      onWait: () => console.error('Another run migrates this database. Waiting for it.'),
    });
    for (const { migration, counts } of done) {
      console.log(`${migration.id} (${migration.description}): ${words(counts)}`);
    }
    if (isDryRun) console.log(`${done.length} migrations would run. Nothing was written.`);
    else console.log(`The database is migrated: ${done.length} migrations ran.`);
  } finally {
    await mongo.close();
  }
} catch (error) {
  if (!(error instanceof ConfigurationError) && !isUsage(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function isUsage(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
