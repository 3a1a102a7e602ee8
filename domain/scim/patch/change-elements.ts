import { ProvostError } from '../../errors.ts';
import type { Deviations } from '../deviation.ts';
import { matchesFilter } from '../filter/matches-filter.ts';
import type { ResolvedFilter } from '../filter/resolved.ts';
import { isArray, isObject, isSameValue, ownValue } from '../json.ts';
import type { PatchOperation, ScimObject, ScimValue } from '../resource.ts';
import type { AttributeDefinition } from '../schema/definition.ts';
import { isServerComputed } from '../schema/find-attribute.ts';
import { elementShadow } from '../shadow.ts';
import { changeSub, immutable, merge } from './change-value.ts';
import { settleValues } from './change-values.ts';
import type { AttributeTarget } from './patch-target.ts';

type Op = PatchOperation['op'];

/**
 * A multi-valued attribute after an operation on some of its elements, `emails[type eq "work"]`, or on a sub-attribute
 * of them, `emails[type eq "work"].value`; without a filter, of all.
 *
 * @throws ProvostError `NO_TARGET` where no element matches and none can be made, `MUTABILITY`
 */
export function changeElements(
  held: ScimValue | undefined,
  op: Op,
  value: ScimValue | undefined,
  target: AttributeTarget,
  deviations: Deviations,
): ScimValue | undefined {
  const { attribute, filter, sub } = target;
  const before = isArray(held) ? held : [];
  const matches = (element: ScimValue): boolean =>
    filter === undefined || matchesFilter(filter, elementShadow(element, attribute));
  if (!before.some(matches)) return settleMissing(held, before, op, value, target, deviations);
  const after = before.flatMap((element) => {
    if (!matches(element)) return [element];
    const next = sub === undefined ? changeElement(element, op, value) : changeElementSub(element, op, value, sub);
    if (next === undefined || (op === 'remove' && deviations.mode !== 'strict' && isOnlyLabels(next))) return [];
    return isSameValue(element, next) ? [element] : [next];
  });
  // Nothing left over can be new; a group of many members is not looked through for duplicates to remove one.
  if (op === 'remove' && sub === undefined) return after.length === 0 ? undefined : after;
  return settleValues(before, after, attribute);
}

function changeElement(element: ScimValue, op: Op, value: ScimValue | undefined): ScimValue | undefined {
  if (op === 'remove' || value === undefined || value === null) return op === 'add' ? element : undefined;
  return op === 'add' && isObject(element) && isObject(value) ? merge(element, value) : value;
}

function changeElementSub(
  element: ScimValue,
  op: Op,
  value: ScimValue | undefined,
  sub: AttributeDefinition,
): ScimObject | undefined {
  const next = changeSub(element, op, value, sub);
  const part = isObject(element) ? ownValue(element, sub.name) : undefined;
  const isKept = next !== undefined && isSameValue(part, ownValue(next, sub.name));
  if (sub.mutability === 'immutable' && part !== undefined && !isKept) throw immutable(sub.name);
  return next;
}

/**
 * What held a value and now says only which one it was holds nothing. Entra makes `{type, value}` out of a path and
 * clears it by the same path: peers.md 3.3 no. 5.
 */
const isOnlyLabels = (element: ScimValue): boolean =>
  isObject(element) && Object.keys(element).every((name) => name === 'type' || name === 'primary');

function settleMissing(
  held: ScimValue | undefined,
  before: readonly ScimValue[],
  op: Op,
  value: ScimValue | undefined,
  target: AttributeTarget,
  deviations: Deviations,
): ScimValue | undefined {
  const { attribute, filter, sub } = target;
  const message = `No element of ${attribute.name} matches the path.`;
  if (op === 'remove') {
    if (filter !== undefined) deviations.note('nothing-matched', attribute.name, 'NO_TARGET', message);
    return held;
  }
  deviations.note('element-created', attribute.name, 'NO_TARGET', message);
  const created = elementOfFilter(filter, attribute);
  if (created === undefined || value === undefined || value === null)
    throw new ProvostError('NO_TARGET', message, { path: attribute.name });
  const element =
    sub !== undefined ? changeSub(created, 'add', value, sub) : isObject(value) ? { ...created, ...value } : value;
  return element === undefined ? held : settleValues(before, [...before, element], attribute);
}

/** The element that an `eq`, or several joined by `and`, describe. Other filters describe none. */
function elementOfFilter(filter: ResolvedFilter | undefined, attribute: AttributeDefinition): ScimObject | undefined {
  if (filter === undefined) return {};
  if (attribute.type !== 'complex') return undefined;
  const element: Record<string, ScimValue> = {};
  for (const term of filter.kind === 'and' ? flatten(filter) : [filter]) {
    if (term.kind !== 'compare' || term.operator !== 'eq' || isServerComputed(term.path.attribute)) return undefined;
    const [name] = term.path.keys;
    if (name === undefined) return undefined;
    element[name] = term.raw;
  }
  return matchesFilter(filter, elementShadow(element, attribute)) ? element : undefined;
}

const flatten = (filter: ResolvedFilter): readonly ResolvedFilter[] =>
  filter.kind === 'and' ? filter.terms.flatMap(flatten) : [filter];
