import type { ChangeId, ResourceId, TenantId } from '../../domain/ids.ts';
import { type MembershipStore, PENDING_VERSION } from '../../stores/memberships.ts';
import type { ResourceStore } from '../../stores/resources.ts';

export interface LeaveGroupsDependencies {
  readonly memberships: MembershipStore;
  readonly resources: Pick<ResourceStore, 'touch'>;
}

/**
 * Takes a resource that is deleted out of every group. The edge is written before the group has its new version, as one
 * that is later than any: a step that reads the new version finds it, whatever else writes the group meanwhile.
 *
 * @returns the groups
 */
export async function leaveGroups(
  tenant: TenantId,
  member: ResourceId,
  change: ChangeId,
  at: string,
  { memberships, resources }: LeaveGroupsDependencies,
): Promise<ResourceId[]> {
  const left: ResourceId[] = [];
  const standing = await memberships.ofMembers(tenant, [member]);
  const begun = await memberships.groupsWrittenBy(tenant, member, change, 'pending');
  for (const group of new Set([...standing.map(({ group }) => group), ...begun])) {
    await memberships.endOne({ tenant, group, change, version: PENDING_VERSION }, member);
    const version = await resources.touch(tenant, 'Group', group, at);
    if (version === undefined) continue;
    await memberships.takeUp({ tenant, group, change, version });
    left.push(group);
  }
  return left;
}

/** Lets it back in where its deletion is taken back. */
export async function rejoinGroups(
  tenant: TenantId,
  member: ResourceId,
  change: ChangeId,
  at: string,
  { memberships, resources }: LeaveGroupsDependencies,
): Promise<void> {
  for (const group of await memberships.groupsWrittenBy(tenant, member, change)) {
    await memberships.restoreOne({ tenant, group, change, version: PENDING_VERSION }, member);
    const version = await resources.touch(tenant, 'Group', group, at);
    if (version !== undefined) await memberships.takeUp({ tenant, group, change, version });
  }
}
