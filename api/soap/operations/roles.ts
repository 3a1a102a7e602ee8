import { isProvostError } from '../../../domain/errors.ts';
import type { ResourceId } from '../../../domain/ids.ts';
import { parseResource } from '../../../domain/scim/parse-resource.ts';
import type { Call } from '../call.ts';
import {
  everyoneNotDeletable,
  everyoneNotUpdatable,
  roleExists,
  roleNameMissing,
  roleNotDeletable,
  roleNotRenamable,
} from '../faults.ts';
import { EVERYONE, findRole, isEveryone, rolesNamed, severalRoles } from '../find/find-role.ts';
import { findUser, idByName, lookUpUser } from '../find/find-user.ts';
import { domainOfRole, hasName, readRoleName } from '../find/store-name.ts';
import { submitChange, submitInOrder } from '../submit-change.ts';
import { membership } from './change-membership.ts';
import { rolesOf, usersOf } from './role-members.ts';
import { MOST_ROLES } from './role-names.ts';
import { listUsers, userNameOf } from './users.ts';

/** Creates a role with its first members; they are looked up before anything is made. */
export async function addRole(call: Call, roleName: string, userNames: readonly string[]): Promise<void> {
  const { types, serviceProvider } = call;
  if (roleName === '') throw roleNameMissing();
  const { name } = readRoleName(roleName, serviceProvider.userStore);
  if (isEveryone(roleName) || (await rolesNamed(call, roleName)).length > 0) throw roleExists(roleName);
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
    ...(serviceProvider.mode === 'provision-only' ? { resourceId: await idByName(call, 'Group', roleName) } : {}),
  });
}

export async function deleteRole(call: Call, roleName: string): Promise<void> {
  if (isEveryone(roleName)) throw everyoneNotDeletable();
  const { id } = await findRole(call, roleName).catch((error: unknown) => {
    throw isProvostError(error, 'NOT_FOUND') ? roleNotDeletable(error) : error;
  });
  await submitChange(call, { resourceType: 'Group', resourceId: id, body: { kind: 'delete' } });
}

export async function renameRole(call: Call, roleName: string, newRoleName: string): Promise<void> {
  if (isEveryone(newRoleName)) throw everyoneNotUpdatable();
  const { name } = readRoleName(newRoleName, call.serviceProvider.userStore);
  if (isEveryone(roleName) || domainOfRole(roleName) !== domainOfRole(newRoleName)) throw roleNotRenamable();
  const { id } = await findRole(call, roleName);
  if ((await rolesNamed(call, newRoleName)).some((other) => other.id !== id)) throw roleExists(newRoleName);
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
  if ([...leave, ...join].some(isEveryone)) throw everyoneNotUpdatable();
  const { id } = await findUser(call, userName);
  const find = (names: readonly string[]) =>
    Promise.all(names.map(async (role) => ({ role, id: (await findRole(call, role)).id })));
  const left = await find(distinct(leave));
  const joined = (await find(distinct(join))).filter((role) => !left.some((other) => other.id === role.id));
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
  if (isEveryone(roleName)) throw everyoneNotUpdatable();
  const { id } = await findRole(call, roleName);
  const [remove, add] = [await usersNamed(call, leave), await usersNamed(call, join)];
  if (remove.length + add.length === 0) return;
  await membership(call, { id, role: roleName }, { add, remove }, 'change the members').submit();
}

/** Names of a user's roles, the one that everybody has among them; of nobody that one alone, as WSO2 answers. */
export async function roleNamesOf(call: Call, userName: string): Promise<readonly string[]> {
  const user = await lookUpUser(call, userName);
  return [EVERYONE, ...(user === undefined ? [] : (await rolesOf(call, user.id)).map(({ name }) => name))];
}

/** Names of a role's members who are users; none of a role that is not there. */
export async function userNamesOf(call: Call, roleName: string): Promise<readonly string[]> {
  if (isEveryone(roleName)) return (await listUsers(call, '*', -1)).map(userNameOf);
  if (!hasName(roleName)) return [];
  const [role, ...others] = await rolesNamed(call, roleName);
  if (role === undefined) return [];
  if (others.length > 0) throw severalRoles(roleName);
  return (await usersOf(call, role.id, MOST_ROLES)).map(({ name }) => name);
}

async function usersNamed(call: Call, userNames: readonly string[]): Promise<readonly ResourceId[]> {
  const ids = new Set<ResourceId>();
  for (const userName of distinct(userNames)) ids.add((await findUser(call, userName)).id);
  return [...ids];
}

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)];
