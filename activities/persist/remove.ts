import type { StoredReference } from '../../domain/change.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { ChangeRecord } from '../../stores/changes.ts';
import { type CommitDependencies, finishMembers } from './commit.ts';
import { keepsEarlier } from './keeps-earlier.ts';
import { type LeaveGroupsDependencies, leaveGroups } from './leave-groups.ts';
import { requireVersion } from './require-version.ts';

export interface RemoveDependencies extends CommitDependencies {
  readonly memberships: CommitDependencies['memberships'] & LeaveGroupsDependencies['memberships'];
}

/**
 * Deletes a resource and takes it out of its groups. The deletion is the commit: nothing is written before it. Doing it
 * again does nothing.
 *
 * @throws ProvostError `NOT_FOUND`, `VERSION_MISMATCH`, `CONCURRENT_WRITE`
 */
export async function remove(
  change: ChangeRecord,
  type: ResourceTypeDefinition,
  at: string,
  dependencies: RemoveDependencies,
): Promise<StoredReference> {
  const { resources, changes } = dependencies;
  const { tenant, resourceType, resourceId } = change;
  const before = await resources.findToWrite(tenant, resourceType, resourceId);
  if (before !== undefined) requireVersion(change, before);
  if (before !== undefined) await finishMembers(before, type, dependencies);
  const keeps = before !== undefined && (await keepsEarlier(before, changes));
  const { grouped } = await resources.remove(tenant, resourceType, resourceId, change.id, at, keeps);
  // Whoever lets it into a group from now on finds it gone: see `writeMembers`.
  if (grouped) await leaveGroups(tenant, resourceId, change.id, at, dependencies);
  return { resourceId, version: 0, lastModified: at, changed: true };
}
