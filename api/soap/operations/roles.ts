import { ProvostError } from '../../../domain/errors.ts';
import type { ResourceId } from '../../../domain/ids.ts';
import { parseResource } from '../../../domain/scim/parse-resource.ts';
import type { Call } from '../call.ts';
import { EVERYONE, findRole, isEveryone, rolesNamed } from '../find/find-role.ts';
import { existingUser, findUser, idByName } from '../find/find-user.ts';
import { listNamed, queryFor } from '../find/query.ts';
import { readRoleName, writeName } from '../find/store-name.ts';
import { matchesPattern, patternFilter } from '../find/wildcards.ts';
import { submitChange, submitInOrder } from '../submit-change.ts';
import { membership } from './change-membership.ts';
import { rolesOf, usersOf } from './role-members.ts';
import { listUsers, userNameOf } from './users.ts';

/** Most names of roles, or of a role's members, in one answer. */
export const MOST_ROLES = 10_000;

/** Creates a role with its first members; they are looked up before anything is made. */
export async function addRole(call: Call, roleName: string, userNames: readonly string[]): Promise<void> {
  const { types, serviceProvider } = call;
  requireNotEveryone(roleName);
  const { name } = readRoleName(roleName, serviceProvider.userStore);
  if ((await rolesNamed(call, roleName)).length > 0)
    throw new ProvostError('UNIQUENESS', `30012 - RoleExisting: There is a role ${roleName.slice(0, 64)} already.`);
  const members = await usersNamed(call, userNames);
  const sent = {
    schemas: [types.group.schema.id],
    displayName: name,
    ...(members.length === 0 ? {} : { members: members.map((id) => ({ value: id, type: 'User' })) }),
  };
  const { resource } = parseResource(sent, types.group, { mode: 'tolerant' });
  await submitChange(call, {
    resourceType: 'Group',
    body: { kind: 'create', resource },
    ...(serviceProvider.mode === 'provision-only' ? { resourceId: idByName(call, 'Group', roleName) } : {}),
  });
}

export async function deleteRole(call: Call, roleName: string): Promise<void> {
  requireNotEveryone(roleName);
  const { id } = await findRole(call, roleName);
  await submitChange(call, { resourceType: 'Group', resourceId: id, body: { kind: 'delete' } });
}

export async function renameRole(call: Call, roleName: string, newRoleName: string): Promise<void> {
  requireNotEveryone(roleName);
  requireNotEveryone(newRoleName);
  const { id } = await findRole(call, roleName);
  const { name } = readRoleName(newRoleName, call.serviceProvider.userStore);
  if ((await rolesNamed(call, newRoleName)).some((other) => other.id !== id))
    throw new ProvostError('UNIQUENESS', `30012 - RoleExisting: There is a role ${newRoleName.slice(0, 64)} already.`);
  await submitChange(call, {
    resourceType: 'Group',
    resourceId: id,
    body: { kind: 'patch', operations: [{ op: 'replace', path: 'displayName', value: name }] },
  });
}

/** Takes roles from a user and gives him others: a change to each role's group, in that order. */
export async function changeRolesOfUser(
  call: Call,
  userName: string,
  { leave, join }: { readonly leave: readonly string[]; readonly join: readonly string[] },
): Promise<void> {
  if (leave.some(isEveryone)) throw everyone();
  const { id } = await findUser(call, userName);
  const find = (names: readonly string[]) =>
    Promise.all(names.map(async (role) => ({ role, id: (await findRole(call, role)).id })));
  const left = await find(distinct(leave));
  const joined = (await find(distinct(join.filter((role) => !isEveryone(role))))).filter(
    (role) => !left.some((other) => other.id === role.id),
  );
  await submitInOrder([
    ...left.map((role) => membership(call, role, { remove: [id] }, `take the role ${role.role}`)),
    ...joined.map((role) => membership(call, role, { add: [id] }, `give the role ${role.role}`)),
  ]);
}

/** Takes members from a role and gives it others: one change to its group. */
export async function changeUsersOfRole(
  call: Call,
  roleName: string,
  { leave, join }: { readonly leave: readonly string[]; readonly join: readonly string[] },
): Promise<void> {
  requireNotEveryone(roleName);
  const { id } = await findRole(call, roleName);
  const [remove, add] = [await usersNamed(call, leave), await usersNamed(call, join)];
  if (remove.length + add.length === 0) return;
  await membership(call, { id, role: roleName }, { add, remove }, 'change the members').submit();
}

/** Names of a user's roles, the one that everybody has among them. */
export async function roleNamesOf(call: Call, userName: string): Promise<readonly string[]> {
  const { id } = await existingUser(call, userName);
  return [EVERYONE, ...(await rolesOf(call, id)).map(({ name }) => name)];
}

/** Names of a role's members who are users. */
export async function userNamesOf(call: Call, roleName: string): Promise<readonly string[]> {
  if (isEveryone(roleName)) return (await listUsers(call, '*', -1)).map(userNameOf);
  const { id } = await findRole(call, roleName);
  return (await usersOf(call, id, MOST_ROLES)).map(({ name }) => name);
}

/** Names of roles that fit a pattern, e.g. `Internal/*`. */
export async function roleNames(call: Call, pattern: string, most: number = MOST_ROLES): Promise<readonly string[]> {
  const { store, name } = readRoleName(pattern === '' ? '*' : pattern, call.serviceProvider.userStore);
  const query = queryFor(call.types.group, store, patternFilter('displayName', name));
  const found = await listNamed(call, query, {
    most,
    counts: ({ resource }) => matchesPattern(String(resource['displayName']), name),
  });
  const names = found.map((role) => writeName(role.store, String(role.resource['displayName'])));
  return matchesPattern(EVERYONE, name) ? [EVERYONE, ...names].slice(0, most) : names;
}

async function usersNamed(call: Call, userNames: readonly string[]): Promise<readonly ResourceId[]> {
  const ids = new Set<ResourceId>();
  for (const userName of distinct(userNames)) ids.add((await findUser(call, userName)).id);
  return [...ids];
}

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)];

function requireNotEveryone(roleName: string): void {
  if (isEveryone(roleName)) throw everyone();
}

const everyone = (): ProvostError =>
  new ProvostError('MUTABILITY', `${EVERYONE} is the role that everybody has; it cannot be changed, given or taken.`);
