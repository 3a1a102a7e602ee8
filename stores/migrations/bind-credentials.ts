import { randomUUID } from 'node:crypto';
import { eachPage } from './each-page.ts';
import type { Migration } from './migration.ts';

const UNBOUND = { binding: { $exists: false } };

/** Access tokens carry the binding of their credential. A credential without one is bound when it is first used, too. */
export const bindCredentials: Migration = {
  id: 'bind-credentials',
  description: 'gives each credential the random binding that its access tokens carry',
  run: (context) =>
    eachPage(context, { collection: 'credentials', filter: UNBOUND, projection: { tenant: 1 } }, async (page) => {
      if (context.isDryRun) return { bound: page.length };
      const { modifiedCount } = await context.connection.collection('credentials').bulkWrite(
        page.map(({ _id, tenant }) => ({
          updateOne: {
            filter: { _id: _id as never, tenant, ...UNBOUND },
            update: { $set: { binding: randomUUID() } },
          },
        })),
      );
      return { bound: modifiedCount };
    }),
};
