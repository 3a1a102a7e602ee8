import { ProvostError } from '../../domain/errors.ts';
import { asResourceId, type ResourceId, type TenantId } from '../../domain/ids.ts';
import type { ResolvedFilter, ResolvedPath } from '../../domain/scim/filter/resolved.ts';
import { GROUP_SCHEMA, USER_SCHEMA } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { ResolvedTerm, StoreQuery } from '../../stores/filter/compile-filter.ts';
import type { VirtualAttributes } from '../../stores/filter/virtual-attributes.ts';
import type { MembershipReader } from '../../stores/membership-reader.ts';
import type { MembershipStore } from '../../stores/memberships.ts';

export interface MembershipFilterDependencies {
  readonly memberships: Pick<MembershipStore, 'ofMembers' | 'ofGroups' | 'groupsWithMembers'>;
  readonly reader: Pick<MembershipReader, 'withGroupsBelow'>;
}

/** Most ids that one filter on memberships may lead to. */
const MOST_FOUND = 100_000;

/**
 * Filters on `groups` of users and `members` of groups, by `value`: answered from the edges, never by reading a group
 * whole. `groups.value eq "…"` also finds those who are in the group through another one.
 */
export const createMembershipFilters =
  (dependencies: MembershipFilterDependencies) =>
  (tenant: TenantId, type: ResourceTypeDefinition): VirtualAttributes | undefined => {
    const name = type.schema.id === USER_SCHEMA ? 'groups' : type.schema.id === GROUP_SCHEMA ? 'members' : undefined;
    if (name === undefined) return undefined;
    return {
      isVirtual: ({ keys }: ResolvedPath) => keys[0] === name,
      async query(term) {
        const ids = idsAskedFor(term);
        if (ids === 'any')
          return name === 'groups' ? withAnyGroup(tenant, dependencies) : withMembers(tenant, dependencies);
        return name === 'groups' ? usersIn(tenant, ids, dependencies) : groupsOf(tenant, ids, dependencies);
      },
    };
  };

const among = (ids: readonly ResourceId[]): StoreQuery => ({ _id: ids.length === 1 ? ids[0] : { $in: ids } });

async function usersIn(
  tenant: TenantId,
  groups: readonly ResourceId[],
  { memberships, reader }: MembershipFilterDependencies,
): Promise<StoreQuery> {
  const all = await reader.withGroupsBelow(tenant, groups);
  const found = await memberships.ofGroups(tenant, all, { memberType: 'User', limit: MOST_FOUND + 1 });
  if (found.length > MOST_FOUND)
    throw new ProvostError('TOO_MANY', `More than ${MOST_FOUND} users are in this group; narrow the filter.`);
  return among([...new Set(found.map(({ member }) => member))]);
}

const groupsOf = async (
  tenant: TenantId,
  members: readonly ResourceId[],
  { memberships }: MembershipFilterDependencies,
): Promise<StoreQuery> => among((await memberships.ofMembers(tenant, members)).map(({ group }) => group));

const withMembers = async (tenant: TenantId, { memberships }: MembershipFilterDependencies): Promise<StoreQuery> =>
  among(await memberships.groupsWithMembers(tenant));

async function withAnyGroup(tenant: TenantId, dependencies: MembershipFilterDependencies): Promise<StoreQuery> {
  return usersIn(tenant, await dependencies.memberships.groupsWithMembers(tenant), dependencies);
}

/** @returns the ids that the term compares with, or `any` where it asks for whether there is one */
function idsAskedFor(term: ResolvedTerm): readonly ResourceId[] | 'any' {
  if (term.kind === 'present') return 'any';
  if (term.kind === 'element') return idsIn(term.filter);
  return idsIn(term);
}

function idsIn(filter: ResolvedFilter): readonly ResourceId[] {
  if (filter.kind === 'compare' && filter.operator === 'eq' && filter.path.attribute.name === 'value')
    return [asResourceId(String(filter.raw))];
  if (filter.kind === 'or') return filter.terms.flatMap(idsIn);
  throw new ProvostError('INVALID_FILTER', 'Memberships can be searched by value eq "…", several joined by or.');
}
