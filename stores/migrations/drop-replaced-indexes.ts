import { indexNames } from './index-names.ts';
import type { Migration } from './migration.ts';

/** Indexes that others have replaced, by collection. */
const REPLACED: Readonly<Record<string, readonly string[]>> = {
  changes: ['tenant_1_resourceId_1_receivedAt_-1', 'tenant_1_state_1_receivedAt_-1'],
};

/** An index that no query needs any more costs each write. */
export const dropReplacedIndexes: Migration = {
  id: 'drop-replaced-indexes',
  description: 'drops the indexes that others have replaced',
  async run({ connection, isDryRun }) {
    let dropped = 0;
    for (const [collection, names] of Object.entries(REPLACED)) {
      const documents = connection.collection(collection);
      const present = (await indexNames(documents)) ?? new Set();
      for (const name of names.filter((replaced) => present.has(replaced))) {
        if (!isDryRun) await documents.dropIndex(name);
        dropped += 1;
      }
    }
    return { dropped };
  },
};
