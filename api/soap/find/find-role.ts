import { ProvostError } from '../../../domain/errors.ts';
import type { ResourceId } from '../../../domain/ids.ts';
import { foldCase } from '../../../domain/scim/fold-case.ts';
import { BY_ID } from '../../../stores/list/order.ts';
import type { StoredResource } from '../../../stores/resources.ts';
import type { Call } from '../call.ts';
import { roleNotFound } from '../faults.ts';
import { idByName } from './find-user.ts';
import { queryFor } from './query.ts';
import { readRoleName } from './store-name.ts';

/** The role that everybody has at WSO2. It is in its clients' lists and cannot be given or taken. */
export const EVERYONE = 'Internal/everyone';

export const isEveryone = (role: string): boolean => foldCase(role.trim()) === foldCase(EVERYONE);

/** Groups of that name; a group's name need not be its own, though WSO2's clients expect it. */
export async function rolesNamed(call: Call, roleName: string): Promise<readonly StoredResource[]> {
  const { store, name } = readRoleName(roleName, call.serviceProvider.userStore);
  const query = queryFor(call.types.group, store, `displayName eq ${JSON.stringify(name)}`);
  return call.dependencies.resources.list(call.principal.tenant, [query], { order: BY_ID, limit: 2 });
}

/**
 * The group that a role name means.
 *
 * @throws ProvostError `NOT_FOUND`, `UNIQUENESS` where several have the name
 */
export async function findRole(
  call: Call,
  roleName: string,
): Promise<{ readonly id: ResourceId; readonly stored?: StoredResource }> {
  const [stored, ...others] = await rolesNamed(call, roleName);
  if (others.length > 0) throw severalRoles(roleName);
  if (stored !== undefined) return { id: stored.id, stored };
  if (call.serviceProvider.mode === 'provision-only') return { id: await idByName(call, 'Group', roleName) };
  throw roleNotFound(roleName);
}

export const severalRoles = (roleName: string): ProvostError =>
  new ProvostError(
    'UNIQUENESS',
    `More than one group is called ${roleName.slice(0, 64)}; use SCIM to tell them apart.`,
  );
