import type { ChangeId, ResourceId, TargetId, TenantId } from '../domain/ids.ts';
import type { ChangeRecord } from '../stores/changes.ts';
import type { LinkStore } from '../stores/links.ts';
import type { MembershipStore } from '../stores/memberships.ts';
import type { RequestReprojection } from './request-reprojection.ts';

export interface SettleMembershipsDependencies {
  readonly memberships: Pick<MembershipStore, 'groupsWrittenBy' | 'forget' | 'forgetEnded'>;
  readonly links: Pick<LinkStore, 'memberVersionsOf' | 'standingsOf'>;
  requestReprojection: RequestReprojection;
}

/** Groups whose links are read at once, and groups that are asked for at once. */
const PAGE = 1_000;
const AT_ONCE = 16;

/**
 * What is left to do for memberships when a change is done everywhere: memberships that ended and that every target
 * knows of are forgotten, and targets are told of the groups that a deleted resource left.
 */
export async function settleMemberships(
  { tenant, resourceType, resourceId, operation, id, reference }: ChangeRecord,
  dependencies: SettleMembershipsDependencies,
): Promise<void> {
  const { memberships, links } = dependencies;
  if (operation === 'delete') {
    await reprojectGroups(tenant, resourceId, id, dependencies);
    if (resourceType === 'Group') await memberships.forget(tenant, resourceId);
    return;
  }
  if (resourceType !== 'Group' || reference === undefined) return;
  const known = await links.memberVersionsOf(tenant, resourceId);
  await memberships.forgetEnded(tenant, resourceId, Math.min(reference.version, ...known));
}

/** Tells targets of the groups that a change took a resource out of. Repeating it for the same change does nothing. */
export async function reprojectGroups(
  tenant: TenantId,
  member: ResourceId,
  cause: ChangeId,
  { memberships, links, requestReprojection }: SettleMembershipsDependencies,
): Promise<void> {
  const groups = await memberships.groupsWrittenBy(tenant, member, cause);
  const targets = new Map<ResourceId, TargetId[]>();
  for (let from = 0; from < groups.length; from += PAGE)
    for (const { resourceId, target } of await links.standingsOf(tenant, groups.slice(from, from + PAGE)))
      targets.set(resourceId, [...(targets.get(resourceId) ?? []), target]);
  const concerned = [...targets];
  for (let from = 0; from < concerned.length; from += AT_ONCE)
    await Promise.all(
      concerned
        .slice(from, from + AT_ONCE)
        .map(([resourceId, of]) =>
          requestReprojection({ tenant, resourceType: 'Group', resourceId, targets: of, cause }),
        ),
    );
}
