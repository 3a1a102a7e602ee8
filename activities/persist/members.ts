import type { ChangeBody } from '../../domain/change.ts';
import { ProvostError } from '../../domain/errors.ts';
import { asResourceId, type ResourceId } from '../../domain/ids.ts';
import { matchesFilter } from '../../domain/scim/filter/matches-filter.ts';
import type { ResolvedFilter } from '../../domain/scim/filter/resolved.ts';
import { foldCase } from '../../domain/scim/fold-case.ts';
import { type Member, type MemberOperation, splitMembers, takeMembers } from '../../domain/scim/group-members.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { hasBegun } from '../../stores/has-begun.ts';
import type { MemberKey, MembershipStore, MembershipWrite } from '../../stores/memberships.ts';
import type { ResourceStore } from '../../stores/resources.ts';

/** A body that writes a resource. */
export type WrittenBody = Exclude<ChangeBody, { kind: 'delete' | 'reproject' }>;

/**
 * Parts what a body says of a group's members, which are stored as edges, from the rest. A PUT that names no members
 * leaves them as they are: reads leave out those of a large group, so a client may well send back a group without them.
 */
export function partMembers(
  body: WrittenBody,
  type: ResourceTypeDefinition,
): { readonly body: WrittenBody; readonly members: readonly MemberOperation[] } {
  if (body.kind === 'patch') {
    const { operations, members } = splitMembers(body.operations, type);
    return { body: { ...body, operations }, members };
  }
  const { resource, members } = takeMembers(body.resource);
  return { body: { ...body, resource }, members: members === undefined ? [] : [{ kind: 'replace', members }] };
}

export interface MembersDependencies {
  readonly memberships: MembershipStore;
  readonly resources: Pick<ResourceStore, 'typesOf' | 'markGrouped' | 'namesOf' | 'wrote'>;
}

/** Resources of a tenant's own types are nobody's members. */
const MEMBER_TYPES: readonly string[] = ['User', 'Group'];

/** What there is of the members that a change names. */
export type KnownMembers = Awaited<ReturnType<ResourceStore['typesOf']>>;

/** Rows read at once where members have to be looked at one by one. */
const PAGE = 1_000;

/**
 * Writes what a change does to a group's members. Doing it again does nothing.
 *
 * @param known as {@link requireMembers} found them
 * @returns whether anything is or was changed by it
 */
export async function writeMembers(
  write: MembershipWrite,
  operations: readonly MemberOperation[],
  known: KnownMembers,
  dependencies: MembersDependencies,
): Promise<boolean> {
  if (operations.length === 0) return false;
  const { memberships } = dependencies;
  let changed = await memberships.takeUp(write);
  for (const operation of operations) changed = (await apply(write, operation, known, dependencies)) || changed;
  await leaveOutGone(write, operations, dependencies);
  return changed;
}

/**
 * Members that were deleted between being looked up and being written. A deletion looks for memberships once more when
 * it is done: either it finds what was written here, or it is found here.
 */
async function leaveOutGone(
  write: MembershipWrite,
  operations: readonly MemberOperation[],
  { memberships, resources }: MembersDependencies,
): Promise<void> {
  const named = namedBy(operations).map(idOf);
  if (named.length === 0) return;
  const standing = await resources.typesOf(write.tenant, named);
  await memberships.remove(
    write,
    named.filter((id) => !standing.has(id)),
  );
}

/** Members that are to be in the group. */
const namedBy = (operations: readonly MemberOperation[]): readonly Member[] =>
  operations.flatMap((operation) =>
    operation.kind === 'add' || operation.kind === 'replace' ? operation.members : [],
  );

/**
 * Looks up members before anything is written: a change is done whole or not at all.
 *
 * @throws ProvostError `INVALID_VALUE`
 */
export async function requireMembers(
  { tenant, group, change }: Omit<MembershipWrite, 'version'>,
  operations: readonly MemberOperation[],
  dependencies: MembersDependencies,
): Promise<KnownMembers> {
  const named = namedBy(operations);
  if (named.some(({ value }) => value === group))
    throw new ProvostError('INVALID_VALUE', 'A group cannot be its own member.', { path: 'members.value' });
  const known = await dependencies.resources.typesOf(tenant, named.map(idOf));
  const missing = named.filter((member) => !MEMBER_TYPES.includes(known.get(idOf(member))?.type ?? ''));
  // An attempt that was cut off had looked them up, and written some: whoever was deleted since is left out.
  if (missing.length === 0 || (await hasBegun({ tenant, resourceId: group, id: change }, dependencies))) return known;
  const shown = missing.slice(0, 3).map(({ value }) => value.slice(0, 64));
  const more = missing.length > shown.length ? ` and ${missing.length - shown.length} more` : '';
  throw new ProvostError('INVALID_VALUE', `There is no user or group with the id ${shown.join(', ')}${more}.`, {
    path: 'members.value',
  });
}

async function apply(
  write: MembershipWrite,
  operation: MemberOperation,
  known: KnownMembers,
  dependencies: MembersDependencies,
): Promise<boolean> {
  const { memberships } = dependencies;
  switch (operation.kind) {
    case 'add':
      return memberships.add(write, await keysOf(write, operation.members, known, dependencies));
    case 'replace':
      return operation.members.length === 0
        ? memberships.removeAll(write)
        : memberships.replace(write, await keysOf(write, operation.members, known, dependencies));
    case 'remove':
      return memberships.remove(write, operation.members.map(idOf));
    case 'remove-all':
      return memberships.removeAll(write);
    case 'remove-matching':
      return removeMatching(write, operation.filter, dependencies);
  }
}

async function keysOf(
  { tenant }: MembershipWrite,
  members: readonly Member[],
  known: KnownMembers,
  { resources }: MembersDependencies,
): Promise<MemberKey[]> {
  const found = members.flatMap((member) => {
    const id = idOf(member);
    const facts = known.get(id);
    return facts === undefined ? [] : [{ id, ...facts }];
  });
  await resources.markGrouped(
    tenant,
    found.filter(({ grouped }) => !grouped).map(({ id }) => id),
  );
  return found.map(({ id, type }) => ({ id, type }));
}

/** Where a filter asks for more than ids: the members are read a page at a time and looked at. */
async function removeMatching(
  write: MembershipWrite,
  filter: Extract<MemberOperation, { kind: 'remove-matching' }>['filter'],
  { memberships, resources }: MembersDependencies,
): Promise<boolean> {
  const leaving: ResourceId[] = [];
  const asksForNames = asksFor(filter, 'display');
  for (let after = ''; ; ) {
    const page = await memberships.page(write.tenant, write.group, after, PAGE);
    const ids = asksForNames ? page.map(({ member }) => member) : [];
    const names = await resources.namesOf(write.tenant, ids);
    for (const { member, memberType } of page) {
      const display = foldCase(names.get(member) ?? '');
      const shadow = { value: foldCase(member), type: foldCase(memberType), ...(display === '' ? {} : { display }) };
      if (matchesFilter(filter, shadow)) leaving.push(member);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after = last.member;
  }
  return memberships.remove(write, leaving);
}

function asksFor(filter: ResolvedFilter, name: string): boolean {
  if ('terms' in filter) return filter.terms.some((term) => asksFor(term, name));
  if ('term' in filter) return asksFor(filter.term, name);
  return filter.path.keys.includes(name);
}

const idOf = ({ value }: Member): ResourceId => asResourceId(value);
