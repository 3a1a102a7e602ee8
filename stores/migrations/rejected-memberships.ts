import { asChangeId, asResourceId, asTenantId } from '../../domain/ids.ts';
import { fromStored, toStored } from '../../domain/scim/stored-form.ts';
import { createMembershipStore, PENDING_VERSION } from '../memberships.ts';
import { createResourceStore } from '../resources.ts';
import { eachPage, type StoredDocument } from './each-page.ts';
import type { Migration, MigrationContext } from './migration.ts';

/**
 * A change of a group that was rejected, because its new name was taken say, left its members changed. They are put back,
 * in a new version of the group, so that targets learn of it with the group's next step.
 */
export const rejectedMemberships: Migration = {
  id: 'rejected-memberships',
  description: 'Reverts memberships that rejected changes of groups left behind',
  run: (context) =>
    eachPage(
      context,
      {
        collection: 'changes',
        filter: { resourceType: 'Group', state: 'rejected' },
        projection: { tenant: 1, resourceId: 1 },
      },
      async (page) => {
        let reverted = 0;
        for (const change of page) if (await revert(change, context)) reverted += 1;
        return { 'rejected changes reverted': reverted };
      },
    ),
};

async function revert(rejected: StoredDocument, { connection, isDryRun, now }: MigrationContext): Promise<boolean> {
  const tenant = asTenantId(String(rejected['tenant']));
  const [change, group] = [asChangeId(rejected._id), asResourceId(String(rejected['resourceId']))];
  const memberships = createMembershipStore(connection);
  const resources = createResourceStore(connection, { fromStored, toStored });
  if (!(await memberships.hasWritten(tenant, change))) return false;
  // What was written nonetheless, and rejected for what came after, belongs to the group as it stands.
  if (await resources.wrote(tenant, group, change)) return false;
  if (!(await resources.typesOf(tenant, [group])).has(group)) return false;
  if (isDryRun) return true;

  const edges = connection.collection('memberships');
  for (let after = ''; ; ) {
    const left = await edges
      .find({ tenant, change, group, member: { $gt: after }, ended: true }, { projection: { member: 1 } })
      .sort({ member: 1 })
      .limit(PAGE)
      .toArray();
    const members = left.map(({ member }) => asResourceId(String(member)));
    const standing = await resources.typesOf(tenant, members);
    // Whoever was deleted since does not come back.
    const gone = members.filter((member) => !standing.has(member));
    await edges.updateMany({ tenant, change, group, member: { $in: gone } }, { $set: { change: `${change}#undone` } });
    const last = members.at(-1);
    if (last === undefined || members.length < PAGE) break;
    after = last;
  }
  const restoredBy = asChangeId(`${change}#undone`);
  await memberships.revert({ tenant, group, change, version: PENDING_VERSION }, restoredBy);
  const version = (await resources.touchGroups(tenant, [group], now().toISOString())).get(group);
  if (version !== undefined) await memberships.giveVersion({ tenant, group, change: restoredBy, version });
  return true;
}

/** Members looked up at once. */
const PAGE = 1_000;
