import type { ResourceId } from '../../../domain/ids.ts';
import { BY_ID } from '../../../stores/list/order.ts';
import type { Call } from '../call.ts';
import { writeName, writeRoleName } from '../find/store-name.ts';

export interface Role {
  readonly id: ResourceId;
  readonly name: string;
}

/** Largest list of ids in one query. */
const BATCH = 500;

/** Roles that a user has by being a member himself, by name. */
export async function rolesOf(call: Call, user: ResourceId): Promise<readonly Role[]> {
  const { dependencies, principal, types } = call;
  const edges = await dependencies.memberships.ofMembers(principal.tenant, [user]);
  const roles = await byIds(
    call,
    types.group.name,
    edges.map(({ group }) => group),
    'displayName',
  );
  return roles.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Users who are members of a role themselves, by name; members that are groups are left out. At most so many. */
export async function usersOf(call: Call, role: ResourceId, most: number): Promise<readonly Role[]> {
  const { dependencies, principal, types } = call;
  const found: Role[] = [];
  for (let after = ''; found.length < most; ) {
    const edges = await dependencies.memberships.page(principal.tenant, role, after, BATCH);
    const users = edges.filter(({ memberType }) => memberType === types.user.name).map(({ member }) => member);
    found.push(...(await byIds(call, types.user.name, users, 'userName')));
    const last = edges.at(-1);
    if (last === undefined || edges.length < BATCH) break;
    after = last.member;
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, most);
}

async function byIds(call: Call, type: string, ids: readonly ResourceId[], named: string): Promise<Role[]> {
  const { dependencies, principal } = call;
  const found: Role[] = [];
  for (let from = 0; from < ids.length; from += BATCH) {
    const batch = ids.slice(from, from + BATCH);
    const rows = await dependencies.resources.list(principal.tenant, [{ type, query: { _id: { $in: batch } } }], {
      order: BY_ID,
      limit: batch.length,
    });
    for (const { id, store, resource } of rows) {
      const name = resource[named];
      if (typeof name === 'string')
        found.push({ id, name: (named === 'userName' ? writeName : writeRoleName)(store, name) });
    }
  }
  return found;
}
