/**
 * `node worker/reseal.ts`: seals with the first of PROVOST_ENCRYPTION_KEYS whatever the others sealed in the database, so
 * that they can be dropped; a database that is to be migrated comes first. Runs beside everything else, and may be stopped and run again.
 */
import { ConfigurationError, loadConfig } from '../platform/config.ts';
import { createKeyRing } from '../platform/key-ring.ts';
import { createSealer, sealingKeyOf } from '../platform/seal.ts';
import { connectMigrated } from '../stores/migrations/connect-migrated.ts';
import { MigrationsPendingError } from '../stores/migrations/require-migrations.ts';
import { type Resealed, reseal } from '../stores/reseal.ts';

const words = (collection: string, { examined, resealed }: Resealed): string =>
  `${collection}: ${examined} looked at, ${resealed} values sealed anew`;

try {
  const config = loadConfig(process.env);
  const keys = createKeyRing(config.encryption.keys);
  // What only a migration opens would be left to a key that is about to go.
  const mongo = await connectMigrated(config.mongo);
  try {
    const results = await reseal(mongo, {
      sealer: createSealer(keys),
      activeKey: keys.active.id,
      keyOf: sealingKeyOf,
      onProgress: (collection, sofar) => console.error(words(collection, sofar)),
    });
    const left = [...results].flatMap(([collection, { unreadable }]) =>
      Object.entries(unreadable).map(([key, count]) => `${count} values in ${collection}, sealed with key "${key}"`),
    );
    if (left.length === 0) {
      console.log(`Everything in the database is sealed with key "${keys.active.id}".`);
    } else {
      console.error(`Could not be opened, and left as they are: ${left.join('; ')}.`);
      console.error('Add their keys to PROVOST_ENCRYPTION_KEYS again, behind the first, and run this once more.');
      process.exitCode = 1;
    }
  } finally {
    await mongo.close();
  }
} catch (error) {
  if (!(error instanceof ConfigurationError || error instanceof MigrationsPendingError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
