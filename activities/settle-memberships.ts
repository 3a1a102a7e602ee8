import type { ChangeRecord } from '../stores/changes.ts';
import type { LinkStore } from '../stores/links.ts';
import type { MembershipStore } from '../stores/memberships.ts';
import type { RequestReprojection } from './request-reprojection.ts';

export interface SettleMembershipsDependencies {
  readonly memberships: MembershipStore;
  readonly links: Pick<LinkStore, 'ofResource'>;
  requestReprojection: RequestReprojection;
}

/**
 * What is left to do for memberships when a change is done everywhere: memberships that ended and that every target
 * knows of are forgotten, and targets are told of the groups that a deleted resource left.
 */
export async function settleMemberships(
  { tenant, resourceType, resourceId, operation, id, reference }: ChangeRecord,
  { memberships, links, requestReprojection }: SettleMembershipsDependencies,
): Promise<void> {
  if (operation === 'delete') {
    for (const group of await memberships.groupsWrittenBy(tenant, resourceId, id)) {
      const targets = (await links.ofResource(tenant, group)).map(({ target }) => target);
      if (targets.length > 0)
        await requestReprojection({ tenant, resourceType: 'Group', resourceId: group, targets, cause: id });
    }
    if (resourceType === 'Group') await memberships.forget(tenant, resourceId);
    return;
  }
  if (resourceType !== 'Group' || reference === undefined) return;
  const known = (await links.ofResource(tenant, resourceId)).map(({ membersVersion }) => membersVersion ?? 0);
  await memberships.forgetEnded(tenant, resourceId, Math.min(reference.version, ...known));
}
