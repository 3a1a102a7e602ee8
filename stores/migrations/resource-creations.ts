import { creationOf, standingChange, type Versioned } from '../undo-log.ts';
import { eachPage, type StoredDocument } from './each-page.ts';
import type { Migration } from './migration.ts';

type Older = StoredDocument & Versioned & { readonly tenant: string };

/**
 * The change that created a resource was told by the version before it being the first one, which a member's deletion
 * made untrue of groups. The record of the change says it for certain.
 */
export const resourceCreations: Migration = {
  id: 'resource-creations',
  description: 'Stores in each resource which change created it',
  run: (context) =>
    eachPage(
      context,
      {
        collection: 'resources',
        filter: { createdBy: { $exists: false } },
        projection: { tenant: 1, change: 1, begun: 1, restored: 1, 'previous.version': 1, 'previous.change': 1 },
      },
      async (page) => {
        const { connection, isDryRun } = context;
        const recorded = new Map<string, string>();
        for (const [tenant, resources] of Map.groupBy(page as readonly Older[], (one) => one.tenant)) {
          const creations = await connection
            .collection('changes')
            .find(
              {
                tenant,
                resourceId: { $in: resources.map(({ _id }) => _id) },
                operation: 'create',
                state: { $nin: ['rejected', 'compensated'] },
              },
              { projection: { resourceId: 1 } },
            )
            .toArray();
          for (const { _id, resourceId } of creations) recorded.set(`${tenant}/${resourceId}`, String(_id));
        }
        const writes = (page as readonly Older[]).flatMap((resource) => {
          const { _id, tenant, change, begun } = resource;
          const createdBy = recorded.get(`${tenant}/${_id}`) ?? creationOf(resource);
          const restored = begun === undefined ? undefined : standingChange(resource);
          if (createdBy === undefined) return [];
          return [
            {
              updateOne: {
                filter: { _id: _id as never, tenant, change, createdBy: { $exists: false } },
                update: {
                  $set: { createdBy, ...(restored === undefined || restored === change ? {} : { restored }) },
                  $unset: { begun: '' },
                },
              },
            },
          ];
        });
        if (!isDryRun && writes.length > 0)
          await connection.collection('resources').bulkWrite(writes as never[], { ordered: false });
        return { 'resources given their creation': writes.length };
      },
    ),
};
