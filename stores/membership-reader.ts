import type { ResourceId, TenantId } from '../domain/ids.ts';
import type { Membership, MembershipStore } from './memberships.ts';
import type { ResourceStore } from './resources.ts';

/** A group that a resource is in, by itself or through another group (RFC 7643 §4.1.2, `groups`). */
export interface GroupOfMember {
  readonly id: ResourceId;
  readonly display?: string;
  readonly direct: boolean;
}

export interface MemberOfGroup {
  readonly id: ResourceId;
  readonly type: string;
  readonly display?: string;
}

/** Most members that an answer holds; those of a larger group are left out, and found by a filter on `groups.value`. */
export const MOST_MEMBERS_SHOWN = 10_000;

/** Deepest nesting of groups that is followed. A circle ends by itself: nothing is visited twice. */
const DEEPEST = 50;

export type MembershipReader = ReturnType<typeof createMembershipReader>;

/** Memberships as answers show them, with names. */
export function createMembershipReader(dependencies: {
  readonly memberships: MembershipStore;
  readonly resources: Pick<ResourceStore, 'namesOf'>;
}) {
  const { memberships, resources } = dependencies;

  /** Direct memberships of these and of every group above them. */
  async function upwards(tenant: TenantId, members: readonly ResourceId[]): Promise<Map<ResourceId, ResourceId[]>> {
    const parents = new Map<ResourceId, ResourceId[]>();
    let level: readonly ResourceId[] = members;
    for (let depth = 0; level.length > 0 && depth < DEEPEST; depth += 1) {
      const edges = await memberships.ofMembers(tenant, level);
      for (const member of level) parents.set(member, []);
      for (const { member, group } of edges) parents.get(member)?.push(group);
      level = [...new Set(edges.map(({ group }) => group))].filter((group) => !parents.has(group));
    }
    return parents;
  }

  return {
    /** Groups of each of these resources, direct ones first. Resources in no group are left out. */
    async groupsOf(tenant: TenantId, members: readonly ResourceId[]): Promise<Map<ResourceId, GroupOfMember[]>> {
      const parents = await upwards(tenant, members);
      const reached = new Map(members.map((member) => [member, reachable(member, parents)]));
      const all = new Set([...reached.values()].flatMap((groups) => [...groups]));
      const names = await resources.namesOf(tenant, [...all]);
      const found = new Map<ResourceId, GroupOfMember[]>();
      for (const [member, groups] of reached) {
        const direct = new Set(parents.get(member));
        // A group that is being deleted has no name any more, and nobody is in it.
        const shown = [...groups].flatMap((id): GroupOfMember[] => {
          const display = names.get(id);
          return display === undefined ? [] : [{ id, display, direct: direct.has(id) }];
        });
        if (shown.length > 0) found.set(member, shown);
      }
      return found;
    },

    /** Members of each of these groups; undefined for one that has too many to be shown beside the others. */
    async membersOf(
      tenant: TenantId,
      groups: readonly ResourceId[],
      naming: 'any name' | 'displayName',
    ): Promise<Map<ResourceId, readonly MemberOfGroup[] | undefined>> {
      const found = new Map<ResourceId, readonly MemberOfGroup[] | undefined>(groups.map((group) => [group, []]));
      const edges: Membership[] = [];
      let shown = groups;
      const first = await memberships.ofGroups(tenant, groups, { limit: MOST_MEMBERS_SHOWN + 1 });
      if (first.length <= MOST_MEMBERS_SHOWN) edges.push(...first);
      else {
        shown = await thatFit(tenant, groups);
        for (const group of groups) if (!shown.includes(group)) found.set(group, undefined);
        edges.push(...(await memberships.ofGroups(tenant, shown, { limit: MOST_MEMBERS_SHOWN })));
      }
      const names = await resources.namesOf(
        tenant,
        edges.map(({ member }) => member),
        naming,
      );
      const byGroup = Map.groupBy(edges, ({ group }) => group);
      for (const group of shown) {
        const members = (byGroup.get(group) ?? []).map(({ member: id, memberType: type }): MemberOfGroup => {
          const display = names.get(id);
          return { id, type, ...(display === undefined ? {} : { display }) };
        });
        found.set(group, members);
      }
      return found;
    },

    /** Every group below these, themselves included: who is in one of them is in these. */
    async withGroupsBelow(tenant: TenantId, groups: readonly ResourceId[]): Promise<ResourceId[]> {
      const all = new Set<ResourceId>(groups);
      let level = groups;
      for (let depth = 0; level.length > 0 && depth < DEEPEST; depth += 1) {
        const edges = await memberships.ofGroups(tenant, level, { memberType: 'Group', limit: MOST_MEMBERS_SHOWN });
        level = [...new Set(edges.map(({ member }) => member))].filter((group) => !all.has(group));
        for (const group of level) all.add(group);
      }
      return [...all];
    },
  };

  /** The smallest groups first, as many as fit into one answer. */
  async function thatFit(tenant: TenantId, groups: readonly ResourceId[]): Promise<ResourceId[]> {
    const sizes = await memberships.sizes(tenant, groups);
    const bySize = [...groups].sort((left, right) => (sizes.get(left) ?? 0) - (sizes.get(right) ?? 0));
    let room = MOST_MEMBERS_SHOWN;
    return bySize.filter((group) => {
      room -= sizes.get(group) ?? 0;
      return room >= 0;
    });
  }
}

function reachable(start: ResourceId, parents: ReadonlyMap<ResourceId, readonly ResourceId[]>): Set<ResourceId> {
  const found = new Set<ResourceId>();
  const pending = [...(parents.get(start) ?? [])];
  for (let group = pending.shift(); group !== undefined; group = pending.shift()) {
    if (group === start || found.has(group)) continue;
    found.add(group);
    pending.push(...(parents.get(group) ?? []));
  }
  return found;
}
