import type { ChangeId, ResourceId, TenantId } from '../../domain/ids.ts';
import { type MembershipStore, type MembershipWrite, PENDING_VERSION } from '../../stores/memberships.ts';
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
  dependencies: LeaveGroupsDependencies,
): Promise<ResourceId[]> {
  const { memberships } = dependencies;
  const left: ResourceId[] = [];
  const standing = await memberships.ofMembers(tenant, [member]);
  const begun = await memberships.groupsWrittenBy(tenant, member, change, 'pending');
  for (const group of new Set([...standing.map(({ group }) => group), ...begun])) {
    const write = { tenant, group, change };
    if (await inNewVersion(write, at, (pending) => memberships.endOne(pending, member), dependencies)) left.push(group);
  }
  return left;
}

/** Lets it back in where its deletion is taken back. */
export async function rejoinGroups(
  tenant: TenantId,
  member: ResourceId,
  change: ChangeId,
  at: string,
  dependencies: LeaveGroupsDependencies,
): Promise<void> {
  const { memberships } = dependencies;
  for (const group of await memberships.groupsWrittenBy(tenant, member, change))
    await inNewVersion(
      { tenant, group, change },
      at,
      (pending) => memberships.restoreOne(pending, member),
      dependencies,
    );
}

/**
 * Writes an edge in a new version of its group. The edge is written first, as later than any version: a step that reads
 * the new version finds it, whatever else writes the group meanwhile.
 *
 * @returns false where the group is gone
 */
async function inNewVersion(
  write: Omit<MembershipWrite, 'version'>,
  at: string,
  writeEdge: (pending: MembershipWrite) => Promise<unknown>,
  { memberships, resources }: LeaveGroupsDependencies,
): Promise<boolean> {
  await writeEdge({ ...write, version: PENDING_VERSION });
  const version = await resources.touch(write.tenant, 'Group', write.group, at);
  if (version === undefined) return false;
  await memberships.takeUp({ ...write, version });
  return true;
}
