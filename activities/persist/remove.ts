import type { StoredReference } from '../../domain/change.ts';
import type { ChangeRecord } from '../../stores/changes.ts';
import type { MembershipStore } from '../../stores/memberships.ts';
import type { ResourceStore } from '../../stores/resources.ts';
import { leaveGroups } from './leave-groups.ts';
import { requireVersion } from './require-version.ts';

export interface RemoveDependencies {
  readonly memberships: MembershipStore;
  readonly resources: Pick<ResourceStore, 'find' | 'remove' | 'touch' | 'wrote'>;
}

/**
 * Deletes a resource and takes it out of its groups. Doing it again does nothing.
 *
 * @throws ProvostError `NOT_FOUND`, `VERSION_MISMATCH`, `CONCURRENT_WRITE`
 */
export async function remove(
  change: ChangeRecord,
  at: string,
  dependencies: RemoveDependencies,
): Promise<StoredReference> {
  const { resources } = dependencies;
  const { tenant, resourceType, resourceId } = change;
  const before = await resources.find(tenant, resourceType, resourceId);
  if (before !== undefined) await requireVersion(change, before, dependencies);
  if (before?.grouped) await leaveGroups(tenant, resourceId, change.id, at, dependencies);
  const { grouped } = await resources.remove(tenant, resourceType, resourceId, change.id, at);
  // Groups that let it in while this went on. Whoever does so from now on finds it gone: see `writeMembers`.
  if (grouped) await leaveGroups(tenant, resourceId, change.id, at, dependencies);
  return { resourceId, version: 0, lastModified: at, changed: true };
}
