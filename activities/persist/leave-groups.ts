import type { ChangeId, ResourceId, TenantId } from '../../domain/ids.ts';
import type { MembershipStore } from '../../stores/memberships.ts';
import type { ResourceStore } from '../../stores/resources.ts';

export interface LeaveGroupsDependencies {
  readonly memberships: Pick<MembershipStore, 'leaveAll' | 'rejoinAll' | 'pendingGroups' | 'giveVersions'>;
  readonly resources: Pick<ResourceStore, 'touchGroups'>;
}

/** Groups that get their new version at once. */
const PAGE = 1_000;

/**
 * Takes a resource that is gone out of every group. Repeating it does nothing. This and {@link rejoinGroups} are the only
 * writers of groups beside the workflow of each: the resource must not wait for hundreds of other workflows.
 */
export async function leaveGroups(
  tenant: TenantId,
  member: ResourceId,
  change: ChangeId,
  at: string,
  dependencies: LeaveGroupsDependencies,
): Promise<void> {
  await dependencies.memberships.leaveAll(tenant, member, change);
  await inNewVersions(tenant, member, change, at, dependencies);
}

/** Lets it back in where its deletion is compensated. */
export async function rejoinGroups(
  tenant: TenantId,
  member: ResourceId,
  change: ChangeId,
  at: string,
  dependencies: LeaveGroupsDependencies,
): Promise<void> {
  await dependencies.memberships.rejoinAll(tenant, member, change);
  await inNewVersions(tenant, member, change, at, dependencies);
}

/**
 * Gives groups whose edges were written a new version. The edges were written first, as later than any version: a step
 * that reads the new version finds them, whatever else writes the group meanwhile. Another change may give a group a
 * version between the write and the read here; the edge then belongs to that one, and no step has missed it either.
 */
async function inNewVersions(
  tenant: TenantId,
  member: ResourceId,
  change: ChangeId,
  at: string,
  { memberships, resources }: LeaveGroupsDependencies,
): Promise<void> {
  for (let after = ''; ; ) {
    const groups = await memberships.pendingGroups(tenant, member, change, { after, limit: PAGE });
    if (groups.length === 0) return;
    await memberships.giveVersions(tenant, member, change, await resources.touchGroups(tenant, groups, at));
    const last = groups.at(-1);
    if (last === undefined || groups.length < PAGE) return;
    after = last;
  }
}
