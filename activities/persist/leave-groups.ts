import type { ChangeId, ResourceId, TenantId } from '../../domain/ids.ts';
import type { MembershipStore } from '../../stores/memberships.ts';
import type { ResourceStore } from '../../stores/resources.ts';

export interface LeaveGroupsDependencies {
  readonly memberships: MembershipStore;
  readonly resources: Pick<ResourceStore, 'touch'>;
}

/** Takes a resource that is deleted out of every group. @returns the groups */
export async function leaveGroups(
  tenant: TenantId,
  member: ResourceId,
  change: ChangeId,
  at: string,
  { memberships, resources }: LeaveGroupsDependencies,
): Promise<ResourceId[]> {
  const left: ResourceId[] = [];
  for (const { group } of await memberships.ofMembers(tenant, [member])) {
    const version = await resources.touch(tenant, 'Group', group, at);
    if (version === undefined) continue;
    await memberships.endOne({ tenant, group, change, version }, member);
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
    const version = await resources.touch(tenant, 'Group', group, at);
    if (version !== undefined) await memberships.restoreOne({ tenant, group, change, version }, member);
  }
}
