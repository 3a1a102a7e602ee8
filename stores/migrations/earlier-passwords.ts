import { hasEnded } from '../../domain/change.ts';
import { eachPage } from './each-page.ts';
import type { Migration } from './migration.ts';

/** A resource kept the password hash of the version before it for good. It is needed until the change that replaced it has ended. */
export const earlierPasswords: Migration = {
  id: 'earlier-passwords',
  description: 'removes password hashes of earlier versions that nothing can bring back any more',
  run: (context) =>
    eachPage(
      context,
      {
        collection: 'resources',
        filter: { 'previous.password': { $exists: true } },
        projection: { tenant: 1, change: 1 },
      },
      async (page) => {
        const { connection, isDryRun } = context;
        let removed = 0;
        for (const { _id, tenant, change } of page) {
          const found = await connection
            .collection('changes')
            .findOne({ _id: change as never, tenant }, { projection: { state: 1 } });
          if (found !== null && !hasEnded(found['state'])) continue;
          removed += 1;
          if (isDryRun) continue;
          await connection
            .collection('resources')
            .updateOne(
              { _id: _id as never, tenant, change },
              { $unset: { 'previous.password': '', 'previous.previous.password': '' } },
            );
        }
        return { 'password hashes removed': removed };
      },
    ),
};
