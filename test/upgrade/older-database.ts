import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import mongoose, { type Connection } from 'mongoose';
import { loadConfig } from '../../platform/config.ts';
import { createKeyRing } from '../../platform/key-ring.ts';
import { createSealer } from '../../platform/seal.ts';
import { type MigrateOptions, migrate } from '../../stores/migrations/migrate.ts';

/** What the fixture of `fill-database.ts` is to hold. */
export interface OlderFacts {
  readonly encryptionKeys: string;
  readonly main: OlderTenant & {
    readonly users: Readonly<Record<'ada' | 'ben' | 'cleo' | 'dora' | 'eve' | 'boss', string>>;
    readonly group: string;
    readonly changes: Readonly<Record<'ada' | 'parked' | 'grown' | 'granted' | 'refused' | 'undecided', string>>;
    readonly jobs: readonly string[];
    readonly client: OlderCredential;
    readonly token: OlderCredential;
  };
  readonly provisionOnly: OlderTenant & { readonly soapUser: { readonly userName: string; readonly id: string } };
}

export interface OlderTenant {
  readonly id: string;
  readonly identityProvider: string;
  readonly serviceProvider: string;
  readonly targets: readonly string[];
  readonly credential: OlderCredential;
}

export interface OlderCredential {
  readonly id: string;
  readonly secret: string;
}

type Collections = Readonly<Record<string, Record<string, unknown>[]>>;

const { facts, collections } = mongoose.mongo.BSON.EJSON.parse(
  gunzipSync(readFileSync(join(import.meta.dirname, 'd4fabca.ejson.gz'))).toString(),
) as { facts: OlderFacts; collections: Collections };

export { facts as olderFacts };

/** Collections that the older release made. */
export const olderCollections: readonly string[] = Object.keys(collections);

/** Fills a database as the release before the first migration left it, or `only` some of its collections. */
export async function fillAsOlderRelease(connection: Connection, only = olderCollections): Promise<void> {
  for (const [name, documents] of Object.entries(collections)) {
    if (!only.includes(name)) continue;
    await connection.createCollection(name);
    if (documents.length > 0) await connection.collection(name).insertMany(documents as never[]);
  }
}

/** Runs every migration with the fixture's keys. */
export const migrateOlder = (connection: Connection, more: Partial<MigrateOptions> = {}) =>
  migrate(connection, { sealer: olderSealer(), now: () => new Date(), ...more });

export const olderSealer = () => {
  const env = { PROVOST_ENCRYPTION_KEYS: facts.encryptionKeys };
  return createSealer(createKeyRing(loadConfig(env).encryption.keys));
};

/** Everything that a database holds but the record of the migrations themselves. */
export async function contentOf(connection: Connection): Promise<Collections> {
  const content: Record<string, Record<string, unknown>[]> = {};
  for (const { name } of await connection.listCollections()) {
    if (name !== 'migrations') content[name] = await connection.collection(name).find({}).sort({ _id: 1 }).toArray();
  }
  return content;
}
