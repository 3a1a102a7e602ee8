import { asJobId, type ChangeId, type ResourceId, type TargetId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import { expressionOf, needsGroups } from '../domain/scope/scope-of.ts';
import type { ChangeRecord } from '../stores/changes.ts';
import { createMembershipReader } from '../stores/membership-reader.ts';
import type { Membership, MembershipStore } from '../stores/memberships.ts';
import type { ResourceStore } from '../stores/resources.ts';
import type { RequestReprojection } from './request-reprojection.ts';
import type { StartJob } from './start-job.ts';

export interface FollowRolesDependencies {
  readonly memberships: MembershipStore;
  readonly resources: Pick<ResourceStore, 'namesOf'>;
  requestReprojection: RequestReprojection;
  startJob: StartJob;
}

export interface GroupChange {
  readonly change: Pick<ChangeRecord, 'id' | 'tenant' | 'resourceId' | 'operation'>;
  /** Version that the change, or taking it back, gave the group. */
  readonly version: number;
  /** `members`: somebody joined or left. `everybody`: the group came or went, or has another name. */
  readonly concerns: 'members' | 'everybody';
  readonly policy: Policy;
  /** Who wrote the edges, where that is not the change itself: taking a change back writes some, too. */
  readonly writtenBy?: ChangeId;
}

/** Members that are brought to their targets at once. For more there is a job, and nobody waits for an answer. */
const FEW = 10;
const PAGE = 500;

/**
 * Brings those who joined or left a group into or out of the targets whose scope looks at groups. Called before the
 * change is answered, so it is done for every change that stands, however its own steps end. Repeating it does nothing.
 */
export async function followRoles(followed: GroupChange, dependencies: FollowRolesDependencies): Promise<void> {
  const { change, writtenBy } = followed;
  const { tenant, resourceId: group } = change;
  const targets = await targetsConcerned(followed, dependencies);
  if (targets.length === 0) return;
  const cause = writtenBy ?? change.id;
  const read = reader(followed, dependencies);
  const first = await read('', FEW + 1);
  if (first.length <= FEW && first.every(({ memberType }) => memberType === 'User')) {
    await Promise.all(
      first.map(({ member }) =>
        dependencies.requestReprojection({ tenant, resourceType: 'User', resourceId: member, targets, cause }),
      ),
    );
    return;
  }
  await dependencies.startJob({
    tenant,
    id: asJobId(`${cause.replace('#', '-')}-${followed.concerns}`),
    task: { kind: 'role-members', targets, group },
    startedBy: 'engine',
    async named(add) {
      for (let after = ''; ; ) {
        const page = await read(after, PAGE);
        await add(page.map(({ member, memberType }) => ({ resourceType: memberType, resourceId: member })));
        const last = page.at(-1);
        if (last === undefined || page.length < PAGE) return;
        after = last.member;
      }
    },
  });
}

function reader(
  { change, version, concerns, writtenBy }: GroupChange,
  { memberships }: FollowRolesDependencies,
): (after: string, limit: number) => Promise<readonly Membership[]> {
  const { tenant, resourceId: group, id } = change;
  if (concerns === 'everybody') return (after, limit) => memberships.page(tenant, group, after, limit);
  // What is compensated may belong to an earlier change again: it is told by the version that it was given.
  if (writtenBy !== undefined)
    return (after, limit) => memberships.changedSince(tenant, group, version - 1, { after, limit });
  return (after, limit) => memberships.writtenBy({ tenant, group, change: id }, { after, limit });
}

async function targetsConcerned(
  { change: { tenant, resourceId, operation }, policy }: GroupChange,
  { memberships, resources }: FollowRolesDependencies,
): Promise<TargetId[]> {
  const all = policy.identityProviders.flatMap(({ targets }) => targets);
  const looking = all.filter((target) => needsGroups(target, 'User'));
  // A group that is gone has left the groups above it already.
  if (looking.length === 0 || operation === 'delete') return looking.map(({ id }) => id);
  const above = await createMembershipReader({ memberships, resources }).groupsOf(tenant, [resourceId]);
  const concerned = new Set<ResourceId>([resourceId, ...(above.get(resourceId) ?? []).map(({ id }) => id)]);
  return looking
    .filter(
      ({ scope }) =>
        scope?.members?.some((member) => concerned.has(member)) ||
        (scope !== undefined && expressionOf(scope, 'User')?.usesGroups),
    )
    .map(({ id }) => id);
}
