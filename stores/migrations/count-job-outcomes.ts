import type { JobId, TenantId } from '../../domain/ids.ts';
import { endedOfJob } from '../job-outcomes.ts';
import { eachPage } from './each-page.ts';
import type { Migration } from './migration.ts';

const UNCOUNTED = { confirmed: { $exists: false } };

/** Jobs carry how many of their changes have ended, and how; until now that was counted each time that a job was read. */
export const countJobOutcomes: Migration = {
  id: 'count-job-outcomes',
  description: 'counts for each job the changes that have ended',
  run: (context) =>
    eachPage(context, { collection: 'jobs', filter: UNCOUNTED, projection: { tenant: 1 } }, async (page) => {
      if (context.isDryRun) return { counted: page.length };
      const { connection } = context;
      for (const { _id, tenant } of page) {
        const ended = await endedOfJob(connection.collection('changes'), tenant as TenantId, _id as JobId);
        await connection.collection('jobs').updateOne({ _id: _id as never, tenant, ...UNCOUNTED }, { $set: ended });
      }
      return { counted: page.length };
    }),
};
