import { OPEN_STATES } from '../../domain/change.ts';
import { eachPage } from './each-page.ts';
import type { Migration } from './migration.ts';

const UNMARKED = { state: { $in: OPEN_STATES }, checkedAt: { $exists: false } };

/** Changes that have not ended carry when their workflow was last looked for. */
export const checkOpenChanges: Migration = {
  id: 'check-open-changes',
  description:
    'marks the changes that have not ended, so that workers look for their workflows without reading the others',
  run: (context) =>
    eachPage(
      context,
      { collection: 'changes', filter: UNMARKED, projection: { tenant: 1, receivedAt: 1 } },
      async (page) => {
        if (context.isDryRun) return { marked: page.length };
        const { modifiedCount } = await context.connection.collection('changes').bulkWrite(
          page.map(({ _id, tenant, receivedAt }) => ({
            updateOne: {
              filter: { _id: _id as never, tenant, ...UNMARKED },
              update: { $set: { checkedAt: receivedAt } },
            },
          })),
        );
        return { marked: modifiedCount };
      },
    ),
};
