import type { ChangeId, ResourceId, TenantId } from '../../domain/ids.ts';
import type { MembershipStore, MembershipWrite } from '../../stores/memberships.ts';
import type { ResourceStore } from '../../stores/resources.ts';
import type { KnownMembers, MemberDifference } from './members.ts';

export interface WriteMembersDependencies {
  readonly memberships: Pick<
    MembershipStore,
    'add' | 'remove' | 'replace' | 'revert' | 'hasSome' | 'lacksSome' | 'hasOthers' | 'changedSince'
  >;
  readonly resources: Pick<ResourceStore, 'typesOf' | 'markGrouped' | 'membersWritten'>;
}

/** Whether anybody joins or leaves by it. Nobody who is not in the group leaves it. */
export async function changesMembers(
  { tenant, group }: Pick<MembershipWrite, 'tenant' | 'group'>,
  { replaces, joining, leaving }: MemberDifference,
  { memberships }: Pick<WriteMembersDependencies, 'memberships'>,
): Promise<boolean> {
  return (
    (await memberships.lacksSome(tenant, group, [...joining])) ||
    (await memberships.hasSome(tenant, group, [...leaving])) ||
    (replaces && (await memberships.hasOthers(tenant, group, [...joining])))
  );
}

/**
 * Writes what a change does to a group's members, after the version of the group that they belong to: that is the
 * commit, and nothing can reject the change any more. Repeating it does nothing.
 */
export async function writeMembers(
  write: MembershipWrite,
  { replaces, joining, leaving }: MemberDifference,
  known: KnownMembers,
  dependencies: WriteMembersDependencies,
): Promise<void> {
  const { memberships, resources } = dependencies;
  const { tenant, group, change } = write;
  const found = [...joining].flatMap((id) => {
    const facts = known.get(id);
    return facts === undefined ? [] : [{ id, ...facts }];
  });
  const firstGroups = found.filter(({ grouped }) => !grouped).map(({ id }) => id);
  await resources.markGrouped(tenant, firstGroups);
  const members = found.map(({ id, type }) => ({ id, type }));
  if (replaces) await memberships.replace(write, members);
  else {
    await memberships.add(write, members);
    await memberships.remove(write, [...leaving]);
  }
  await leaveOutGone(write, [...joining], dependencies);
  await resources.membersWritten(tenant, group, change);
}

/**
 * Members that were deleted between being looked up and being written. A deletion looks for memberships when it is
 * written: either it finds what was written here, or it is found here.
 */
async function leaveOutGone(
  write: MembershipWrite,
  members: readonly ResourceId[],
  { memberships, resources }: WriteMembersDependencies,
): Promise<void> {
  if (members.length === 0) return;
  const standing = await resources.typesOf(write.tenant, members);
  await memberships.remove(
    write,
    members.filter((id) => !standing.has(id)),
  );
}

/** Members looked up at once. */
const PAGE = 1_000;

/** The version that compensating changes gave a group. */
export interface Reverting {
  readonly tenant: TenantId;
  readonly group: ResourceId;
  readonly version: number;
  readonly restoredBy: ChangeId;
  /** Whose memberships are reverted, the latest first. */
  readonly reverts: readonly ChangeId[];
}

/** Reverts what changes did to a group's members. Repeating it does nothing. */
export async function revertMembers(
  { tenant, group, version, restoredBy, reverts }: Reverting,
  dependencies: WriteMembersDependencies,
): Promise<void> {
  const { memberships, resources } = dependencies;
  for (const change of reverts) await memberships.revert({ tenant, group, change, version }, restoredBy);
  // Who is back, and was deleted meanwhile, had left the group before, so that the deletion did not find it.
  const write = { tenant, group, change: restoredBy, version };
  for (let after = ''; ; ) {
    const page = await memberships.changedSince(tenant, group, version - 1, { after, limit: PAGE });
    const back = page.filter(({ ended }) => !ended).map(({ member }) => member);
    await leaveOutGone(write, back, dependencies);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after = last.member;
  }
  await resources.membersWritten(tenant, group, restoredBy);
}
