import type { Connection } from 'mongoose';
import { isDuplicateKey } from '../connect.ts';
import type { MigrationCounts } from './migration.ts';

/** How far a migration has come on this database. */
export interface MigrationRecord {
  readonly _id: string;
  /** `not-needed`: the database was empty when the release that has this migration first started on it. */
  readonly state: 'running' | 'done' | 'not-needed';
  readonly after?: string;
  readonly counts: MigrationCounts;
  readonly startedAt: string;
  readonly endedAt?: string;
}

const LOCK = 'lock';

export type MigrationProgress = ReturnType<typeof createMigrationProgress>;

/** What was migrated, in the collection `migrations`. */
export function createMigrationProgress(connection: Connection) {
  const documents = connection.collection('migrations');

  return {
    async all(): Promise<ReadonlyMap<string, MigrationRecord>> {
      const found = (await documents.find({ _id: { $ne: LOCK as never } }).toArray()) as unknown as MigrationRecord[];
      return new Map(found.map((record) => [record._id, record]));
    },

    async save({ _id, ...record }: MigrationRecord): Promise<void> {
      await documents.replaceOne({ _id: _id as never }, record as never, { upsert: true });
    },

    /** Records that a database that was empty needs none of these. What another process recorded meanwhile stays. */
    async saveNotNeeded(ids: readonly string[], at: string): Promise<void> {
      const records = ids.map((_id) => ({ _id, state: 'not-needed', counts: {}, startedAt: at, endedAt: at }));
      if (records.length === 0) return;
      try {
        await documents.insertMany(records as never[], { ordered: false });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },

    /** Whether the database holds nothing of Provost but what this collection records. */
    async isEmptyDatabase(): Promise<boolean> {
      const collections = (await connection.listCollections()).map(({ name }) => name);
      for (const name of collections) {
        if (name === 'migrations' || name.startsWith('system.')) continue;
        if ((await connection.collection(name).findOne({}, { projection: { _id: 1 } })) !== null) return false;
      }
      return true;
    },
  };
}
