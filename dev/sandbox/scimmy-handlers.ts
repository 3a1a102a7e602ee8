import { randomUUID } from 'node:crypto';
import SCIMMY from 'scimmy';
import type { AccountFile, Kind, SandboxAccount } from './account-file.ts';

/**
 * Tells scimmy once how users and groups are kept. Its registry is global to the process, so the handlers keep nothing:
 * each request brings the accounts of the sandbox that it came to as its context.
 */
export function declareScimmyResources(): void {
  if (SCIMMY.Resources.declared(SCIMMY.Resources.User)) return;
  SCIMMY.Resources.declare(SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false))
    .ingress((resource, instance, context) => write(context, 'users', resource.id, instance) as never)
    .egress((resource, context) => read(context, 'users', resource) as never)
    .degress((resource, context) => remove(context, 'users', resource.id));
  SCIMMY.Resources.declare(SCIMMY.Resources.Group)
    .ingress((resource, instance, context) => write(context, 'groups', resource.id, instance) as never)
    .egress((resource, context) => read(context, 'groups', resource) as never)
    .degress((resource, context) => remove(context, 'groups', resource.id));
}

interface Filter {
  readonly expression?: string;
  match(values: readonly object[]): object[];
}

interface Asked {
  readonly id?: string;
  readonly filter?: Filter;
}

function read(file: AccountFile, kind: Kind, { id, filter }: Asked): object | object[] {
  if (id !== undefined) return shown(file, kind, existing(file, kind, id));
  const all = candidates(file, kind, filter).map((account) => shown(file, kind, account));
  return filter === undefined ? all : all.filter((account) => isMatch(filter, account));
}

/** Those that a filter may match: who looks a user up by name need not wait until all have been looked through. */
function candidates(file: AccountFile, kind: Kind, filter: Filter | undefined): readonly SandboxAccount[] {
  const named = kind === 'users' ? /^userName eq "([^"\\]*)"$/i.exec(filter?.expression?.trim() ?? '') : null;
  return named?.[1] === undefined ? [...file.accounts[kind].values()] : file.usersNamed(named[1]);
}

/**
 * scimmy's filters fail on an account that lacks the complex attribute they look into, and take an extension's attribute
 * for one of the account's own, named `urn:…:User:employeeNumber`.
 */
function isMatch(filter: Filter, account: object): boolean {
  const ofExtensions = Object.entries(account)
    .filter(([name]) => name.startsWith('urn:'))
    .flatMap(([urn, extension]) => Object.entries(extension ?? {}).map(([name, value]) => [`${urn}:${name}`, value]));
  try {
    return filter.match([{ ...account, ...Object.fromEntries(ofExtensions) }]).length > 0;
  } catch {
    return false;
  }
}

function write(file: AccountFile, kind: Kind, id: string | undefined, instance: object): object {
  const held = id === undefined ? undefined : existing(file, kind, id);
  const {
    meta: _meta,
    groups: _groups,
    ...attributes
  } = JSON.parse(JSON.stringify(instance)) as Record<string, unknown>;
  if (kind === 'users') requireFreeUserName(file, attributes['userName'], id);
  else attributes['members'] = withoutRepetition(attributes['members']);
  const now = new Date().toISOString();
  const account = {
    ...attributes,
    id: held?.id ?? randomUUID(),
    meta: { created: held?.meta.created ?? now, lastModified: now },
  };
  file.put(kind, account);
  return shown(file, kind, account);
}

function remove(file: AccountFile, kind: Kind, id: string | undefined): void {
  const account = existing(file, kind, id ?? '');
  file.remove(kind, account.id);
  for (const group of file.accounts.groups.values()) {
    const members = membersOf(group).filter(({ value }) => value !== account.id);
    if (members.length < membersOf(group).length) file.put('groups', { ...group, members });
  }
}

function existing(file: AccountFile, kind: Kind, id: string): SandboxAccount {
  const account = file.accounts[kind].get(id);
  if (account === undefined) throw new SCIMMY.Types.Error(404, '', `Resource ${id} not found`);
  return account;
}

function requireFreeUserName(file: AccountFile, userName: unknown, id: string | undefined): void {
  if (file.usersNamed(String(userName)).some((user) => user.id !== id)) {
    throw new SCIMMY.Types.Error(409, 'uniqueness', `A user with userName '${String(userName)}' already exists`);
  }
}

/** A copy: scimmy changes what it is given. */
function shown(file: AccountFile, kind: Kind, account: SandboxAccount): object {
  const copy = structuredClone(account);
  if (kind === 'groups') return copy;
  const groups = [...file.accounts.groups.values()].filter((group) =>
    membersOf(group).some(({ value }) => value === account.id),
  );
  return { ...copy, groups: groups.map((group) => ({ value: group.id, display: group['displayName'] })) };
}

const membersOf = (group: SandboxAccount): readonly { readonly value: string }[] =>
  Array.isArray(group['members']) ? group['members'] : [];

const withoutRepetition = (members: unknown): unknown =>
  Array.isArray(members) ? [...new Map(members.map((member) => [member?.value, member])).values()] : [];
