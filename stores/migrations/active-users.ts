import { SORT_HAS } from '../../domain/scim/sort-keys.ts';
import { eachPage, type StoredDocument } from './each-page.ts';
import type { Migration } from './migration.ts';

interface Version {
  readonly r?: Readonly<Record<string, unknown>>;
  readonly k?: Readonly<Record<string, unknown>>;
  readonly previous?: Version;
}

/** Older releases stored users without `active` where nobody had said it, and took them for active. */
export const activeUsers: Migration = {
  id: 'active-users',
  description:
    'stores that a user is active where the older release left it out, for what is read and what is searched',
  run: (context) =>
    eachPage(
      context,
      {
        collection: 'resources',
        filter: { type: { $in: ['User', 'User#deleted'] } },
        projection: { tenant: 1, version: 1, r: 1, k: 1, previous: 1 },
      },
      async (page) => {
        const writes = page.flatMap((document) => {
          const set = missingActive(document as Version, '');
          if (Object.keys(set).length === 0) return [];
          const { _id, tenant, version } = document as StoredDocument & { tenant: string; version: number };
          // Whoever writes the resource meanwhile says it himself, or is read by the next run.
          return [{ updateOne: { filter: { _id: _id as never, tenant, version }, update: { $set: set } } }];
        });
        if (context.isDryRun || writes.length === 0) return { activated: writes.length };
        const { modifiedCount } = await context.connection.collection('resources').bulkWrite(writes);
        return { activated: modifiedCount };
      },
    ),
};

/** What has to be set for a version, and for those beneath it that a compensation may restore. */
function missingActive({ r, k, previous }: Version, prefix: string): Record<string, true> {
  const isMissing = r !== undefined && typeof r['active'] !== 'boolean';
  // A deleted user is not searched: nothing is kept for it.
  const isSearched = k !== undefined && Object.keys(k).length > 0;
  return {
    ...(isMissing ? { [`${prefix}r.active`]: true } : {}),
    ...(isMissing && isSearched ? { [`${prefix}k.active`]: true, [`${prefix}k.${SORT_HAS}.active`]: true } : {}),
    ...(previous === undefined || previous === null ? {} : missingActive(previous, `${prefix}previous.`)),
  } as Record<string, true>;
}
