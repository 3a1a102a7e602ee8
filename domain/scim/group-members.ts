import { ProvostError } from '../errors.ts';
import type { ResolvedFilter } from './filter/resolved.ts';
import { isArray, isObject, omit, ownValue } from './json.ts';
import { type AttributeTarget, readTarget } from './patch/patch-target.ts';
import { GROUP_SCHEMA, type PatchOperation, type Resource, type ScimValue } from './resource.ts';
import type { ResourceTypeDefinition } from './schema/definition.ts';

/** One member of a group, as a client names it. Without `type` the server finds out what the id belongs to. */
export interface Member {
  readonly value: string;
  readonly type?: 'User' | 'Group';
  readonly display?: string;
}

/** One change to the members of a group, which are stored as edges. Ids within one operation are distinct. */
export type MemberOperation =
  | { readonly kind: 'add' | 'remove' | 'replace'; readonly members: readonly Member[] }
  | { readonly kind: 'remove-all' }
  /** Every member whose element satisfies the filter. */
  | { readonly kind: 'remove-matching'; readonly filter: ResolvedFilter };

export interface SplitOperations {
  readonly operations: readonly PatchOperation[];
  readonly members: readonly MemberOperation[];
}

/**
 * Separates what a PATCH does to the members of a group from the rest, each in its order: no operation on the one can
 * see the other. A resource type without the Group core schema is left as it is.
 *
 * @param operations as `normalisePatch` returns them
 * @throws ProvostError `INVALID_VALUE` (a member without an id), `MUTABILITY` (a change within a member)
 */
export function splitMembers(operations: readonly PatchOperation[], type: ResourceTypeDefinition): SplitOperations {
  if (type.schema.id !== GROUP_SCHEMA) return { operations, members: [] };
  const others: PatchOperation[] = [];
  const members: MemberOperation[] = [];
  for (const operation of operations) {
    const target = operation.path === undefined ? undefined : readTarget(operation.path, type, 'tolerant');
    if (target?.kind === 'attribute' && isMembers(target)) members.push(toMemberOperation(operation, target));
    else if ((target === undefined && operation.path === undefined) || target?.kind === 'resource')
      splitValue(operation, others, members);
    else others.push(operation);
  }
  return { operations: others, members };
}

/** The members out of the body of a POST or PUT. `members` is undefined where the body names none. */
export function takeMembers(resource: Resource): {
  readonly resource: Resource;
  readonly members: readonly Member[] | undefined;
} {
  if (!resource.schemas.includes(GROUP_SCHEMA) || !Object.hasOwn(resource, 'members'))
    return { resource, members: undefined };
  const { members, ...rest } = resource;
  return { resource: rest as Resource, members: readMembers(members) };
}

const isMembers = ({ extension, attribute }: AttributeTarget): boolean =>
  extension === undefined && attribute.name === 'members';

function toMemberOperation({ op, value }: PatchOperation, { filter, sub }: AttributeTarget): MemberOperation {
  if (sub !== undefined || (filter !== undefined && op !== 'remove'))
    throw new ProvostError('MUTABILITY', 'A member cannot be changed: remove it and add the other.', {
      path: 'members',
    });
  if (op !== 'remove') return { kind: op, members: readMembers(value) };
  if (filter !== undefined) {
    const ids = idsOf(filter);
    return ids === undefined
      ? { kind: 'remove-matching', filter }
      : { kind: 'remove', members: distinct(ids.map((id) => ({ value: id }))) };
  }
  return value === undefined || value === null
    ? { kind: 'remove-all' }
    : { kind: 'remove', members: readMembers(value) };
}

/** Okta: members beside `id` and `displayName` in one value without a path, peers.md 3.4 no. 4. */
function splitValue(operation: PatchOperation, others: PatchOperation[], members: MemberOperation[]): void {
  const { op, value } = operation;
  const name = isObject(value) ? Object.keys(value).find((key) => key.toLowerCase() === 'members') : undefined;
  if (op === 'remove' || !isObject(value) || name === undefined) {
    others.push(operation);
    return;
  }
  members.push({ kind: op, members: readMembers(ownValue(value, name)) });
  const rest = omit(value, name);
  if (Object.keys(rest).length > 0) others.push({ ...operation, value: rest });
}

/** The ids that `value eq "a"`, or several joined by `or`, ask for. */
function idsOf(filter: ResolvedFilter): readonly string[] | undefined {
  if (filter.kind === 'or') {
    const ids = filter.terms.map(idsOf);
    return ids.every((some) => some !== undefined) ? ids.flat() : undefined;
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || filter.path.keys[0] !== 'value') return undefined;
  return typeof filter.raw === 'string' ? [filter.raw] : undefined;
}

function readMembers(value: ScimValue | undefined): readonly Member[] {
  if (value === undefined || value === null) return [];
  return distinct((isArray(value) ? value : [value]).map(readMember));
}

function readMember(input: ScimValue): Member {
  const id = isObject(input) ? ownValue(input, 'value') : input;
  if (typeof id !== 'string' || id === '')
    throw new ProvostError('INVALID_VALUE', 'Every member must have a value: the id of a user or group.', {
      path: 'members.value',
    });
  const type = isObject(input) ? readType(ownValue(input, 'type')) : undefined;
  const display = isObject(input) ? ownValue(input, 'display') : undefined;
  return {
    value: id,
    ...(type === undefined ? {} : { type }),
    ...(typeof display === 'string' ? { display } : {}),
  };
}

/** Other types than these are no types of members: what the id belongs to is looked up then. */
function readType(type: ScimValue | undefined): Member['type'] {
  const folded = typeof type === 'string' ? type.toLowerCase() : undefined;
  return folded === 'user' ? 'User' : folded === 'group' ? 'Group' : undefined;
}

const distinct = (members: readonly Member[]): readonly Member[] => [
  ...new Map(members.map((member) => [member.value, member])).values(),
];
