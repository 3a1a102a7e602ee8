import type { ChangeBody } from '../../domain/change.ts';
import { ProvostError } from '../../domain/errors.ts';
import { asResourceId, type ResourceId, type TenantId } from '../../domain/ids.ts';
import { matchesFilter } from '../../domain/scim/filter/matches-filter.ts';
import type { ResolvedFilter } from '../../domain/scim/filter/resolved.ts';
import { foldCase } from '../../domain/scim/fold-case.ts';
import { type Member, type MemberOperation, splitMembers, takeMembers } from '../../domain/scim/group-members.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { Membership, MembershipStore, MembershipWrite } from '../../stores/memberships.ts';
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
  readonly memberships: Pick<MembershipStore, 'page'>;
  readonly resources: Pick<ResourceStore, 'typesOf' | 'namesOf' | 'wrote'>;
}

/** Resources of a tenant's own types are nobody's members. */
const MEMBER_TYPES: readonly string[] = ['User', 'Group'];

/** What there is of the members that a change names. */
export type KnownMembers = Awaited<ReturnType<ResourceStore['typesOf']>>;

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
  { resources }: Pick<MembersDependencies, 'resources'>,
): Promise<KnownMembers> {
  const named = namedBy(operations);
  if (named.some(({ value }) => value === group))
    throw new ProvostError('INVALID_VALUE', 'A group cannot be its own member.', { path: 'members.value' });
  const known = await resources.typesOf(tenant, named.map(idOf));
  const missing = named.filter((member) => !MEMBER_TYPES.includes(known.get(idOf(member))?.type ?? ''));
  // An attempt that was cut off had looked them up, and made the group: whoever was deleted since is left out.
  if (missing.length === 0 || (await resources.wrote(tenant, group, change))) return known;
  const shown = missing.slice(0, 3).map(({ value }) => value.slice(0, 64));
  const more = missing.length > shown.length ? ` and ${missing.length - shown.length} more` : '';
  throw new ProvostError('INVALID_VALUE', `There is no user or group with the id ${shown.join(', ')}${more}.`, {
    path: 'members.value',
  });
}

/** What a change does to the members of a group in all: each of them joins or leaves at most once. */
export interface MemberDifference {
  /** Everybody else leaves. */
  readonly replaces: boolean;
  readonly joining: ReadonlySet<ResourceId>;
  readonly leaving: ReadonlySet<ResourceId>;
}

/** Rows read at once where members have to be looked at one by one. */
const PAGE = 1_000;

/** Works out what operations do to a group's members, one after another. Writes nothing. */
export async function differenceOf(
  { tenant, group }: Pick<MembershipWrite, 'tenant' | 'group'>,
  operations: readonly MemberOperation[],
  dependencies: MembersDependencies,
): Promise<MemberDifference> {
  let replaces = false;
  const [joining, leaving] = [new Set<ResourceId>(), new Set<ResourceId>()];
  const join = (id: ResourceId): void => {
    leaving.delete(id);
    joining.add(id);
  };
  const leave = (id: ResourceId): void => {
    joining.delete(id);
    leaving.add(id);
  };
  for (const operation of operations) {
    if (operation.kind === 'remove-all' || operation.kind === 'replace') {
      replaces = true;
      joining.clear();
      leaving.clear();
    }
    if (operation.kind === 'add' || operation.kind === 'replace') operation.members.map(idOf).forEach(join);
    if (operation.kind === 'remove') operation.members.map(idOf).forEach(leave);
    if (operation.kind === 'remove-matching') {
      const { filter } = operation;
      const types = await dependencies.resources.typesOf(tenant, [...joining]);
      const joined = [...joining].map((member) => ({ member, memberType: types.get(member)?.type ?? '' }));
      (await matching(tenant, joined, filter, dependencies)).forEach(leave);
      if (!replaces) (await membersMatching({ tenant, group }, filter, dependencies)).forEach(leave);
    }
  }
  return { replaces, joining, leaving };
}

/** Where a filter asks for more than ids: the members are read a page at a time and looked at. */
async function membersMatching(
  { tenant, group }: Pick<MembershipWrite, 'tenant' | 'group'>,
  filter: ResolvedFilter,
  dependencies: MembersDependencies,
): Promise<ResourceId[]> {
  const found: ResourceId[] = [];
  for (let after = ''; ; ) {
    const page = await dependencies.memberships.page(tenant, group, after, PAGE);
    found.push(...(await matching(tenant, page, filter, dependencies)));
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return found;
    after = last.member;
  }
}

async function matching(
  tenant: TenantId,
  members: readonly Pick<Membership, 'member' | 'memberType'>[],
  filter: ResolvedFilter,
  { resources }: Pick<MembersDependencies, 'resources'>,
): Promise<ResourceId[]> {
  const ids = asksFor(filter, 'display') ? members.map(({ member }) => member) : [];
  const names = await resources.namesOf(tenant, ids);
  const satisfies = ({ member, memberType }: Pick<Membership, 'member' | 'memberType'>): boolean => {
    const display = foldCase(names.get(member) ?? '');
    const shadow = { value: foldCase(member), type: foldCase(memberType), ...(display === '' ? {} : { display }) };
    return matchesFilter(filter, shadow);
  };
  return members.filter(satisfies).map(({ member }) => member);
}

function asksFor(filter: ResolvedFilter, name: string): boolean {
  if ('terms' in filter) return filter.terms.some((term) => asksFor(term, name));
  if ('term' in filter) return asksFor(filter.term, name);
  return filter.path.keys.includes(name);
}

const idOf = ({ value }: Member): ResourceId => asResourceId(value);
