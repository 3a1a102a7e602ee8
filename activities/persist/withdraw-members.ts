import { asChangeId } from '../../domain/ids.ts';
import type { ChangeRecord } from '../../stores/changes.ts';
import type { LinkStore } from '../../stores/links.ts';
import { type MembershipStore, PENDING_VERSION } from '../../stores/memberships.ts';
import type { ResourceStore } from '../../stores/resources.ts';
import type { RequestReprojection } from '../request-reprojection.ts';
import { revertMembers, type WriteMembersDependencies } from './write-members.ts';

export interface WithdrawMembersDependencies {
  readonly memberships: WriteMembersDependencies['memberships'] & Pick<MembershipStore, 'hasWritten' | 'giveVersion'>;
  readonly resources: WriteMembersDependencies['resources'] & Pick<ResourceStore, 'touchGroups'>;
  readonly links: Pick<LinkStore, 'standingsOf'>;
  requestReprojection: RequestReprojection;
}

/**
 * Reverts memberships that a change wrote which is rejected. Only an older release writes them before the group itself:
 * its attempt was cut off, and this one goes on with it.
 */
export async function withdrawMembers(
  { tenant, resourceId: group, id }: Pick<ChangeRecord, 'tenant' | 'resourceId' | 'id'>,
  at: string,
  dependencies: WithdrawMembersDependencies,
): Promise<void> {
  const { memberships, resources, links, requestReprojection } = dependencies;
  if (!(await memberships.hasWritten(tenant, id))) return;
  const restoredBy = asChangeId(`${id}#undone`);
  await revertMembers({ tenant, group, version: PENDING_VERSION, restoredBy, reverts: [id] }, dependencies);
  const version = (await resources.touchGroups(tenant, [group], at)).get(group);
  if (version === undefined) return;
  await memberships.giveVersion({ tenant, group, change: restoredBy, version });
  const targets = (await links.standingsOf(tenant, [group])).map(({ target }) => target);
  if (targets.length > 0)
    await requestReprojection({ tenant, resourceType: 'Group', resourceId: group, targets, cause: restoredBy });
}
