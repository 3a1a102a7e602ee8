import { ProvostError } from '../../errors.ts';
import { isArray, isObject, omit, ownValue } from '../json.ts';
import type { PatchOperation, ScimObject, ScimValue } from '../resource.ts';
import type { AttributeDefinition } from '../schema/definition.ts';
import { addValues, keepOnePrimary, removeValues, settleValues } from './change-values.ts';

type Op = PatchOperation['op'];

/** The attribute as such, or a sub-attribute within its holder. */
export function changeWhole(
  held: ScimValue | undefined,
  op: Op,
  value: ScimValue | undefined,
  attribute: AttributeDefinition,
): ScimValue | undefined {
  if (!attribute.multiValued) {
    if (op === 'remove' || isNothing(value)) return op === 'add' ? held : undefined;
    // "A set of sub-attributes … that replaces any existing values": those that are not in the set stay.
    return attribute.type === 'complex' && isObject(held) && isObject(value) ? merge(held, value) : value;
  }
  const before = isArray(held) ? held : [];
  const given = value === undefined || value === null ? undefined : isArray(value) ? value : [value];
  if (op === 'remove') {
    if (given === undefined) return undefined;
    const left = removeValues(before, given, attribute);
    return left.length === 0 ? undefined : left;
  }
  if (op === 'add') return keepOnePrimary(before, addValues(before, given ?? [], attribute));
  return settleValues(before, given ?? [], attribute);
}

/** One sub-attribute of a complex value. @returns undefined where nothing of the value is left */
export function changeSub(
  held: ScimValue | undefined,
  op: Op,
  value: ScimValue | undefined,
  sub: AttributeDefinition,
): ScimObject | undefined {
  const holder = isObject(held) ? held : {};
  const next = changeWhole(ownValue(holder, sub.name), op, value, sub);
  const changed = next === undefined ? omit(holder, sub.name) : { ...holder, [sub.name]: next };
  return Object.keys(changed).length === 0 ? undefined : changed;
}

/** Sub-attributes given replace those held; null takes one away. */
export function merge(held: ScimObject, given: ScimObject): ScimObject {
  const merged: Record<string, ScimValue> = { ...held };
  for (const [name, value] of Object.entries(given)) {
    if (isNothing(value)) delete merged[name];
    else merged[name] = value;
  }
  return merged;
}

const isNothing = (value: ScimValue | undefined): boolean =>
  value === undefined || value === null || (isArray(value) && value.length === 0);

export const immutable = (path: string): ProvostError =>
  new ProvostError('MUTABILITY', `${path} cannot be changed once it is set.`, { path });
