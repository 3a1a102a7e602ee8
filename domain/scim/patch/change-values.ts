import { ProvostError } from '../../errors.ts';
import { canonicalText, isObject, isSameValue, ownValue } from '../json.ts';
import type { ScimObject, ScimValue } from '../resource.ts';
import type { AttributeDefinition } from '../schema/definition.ts';
import { elementShadow } from '../shadow.ts';
import { maxValues } from '../values/parse-value.ts';

type Values = readonly ScimValue[];

/**
 * Values appended, none twice (RFC 7644 §3.5.2.1). An element is the one that is there where `value` and `type` are the
 * same (RFC 7643 §2.4); what else it says then completes that one. Kept linear: members come by the thousand.
 */
export function addValues(before: Values, given: Values, attribute: AttributeDefinition): Values {
  const after = [...before];
  const places = new Map<string, number[]>();
  before.forEach((element, index) => {
    remember(places, identity(element), index);
  });
  for (const element of given) {
    const key = identity(element);
    const candidates = places.get(key) ?? [];
    if (candidates.some((index) => isSameValue(after[index], element))) continue;
    const index = findSame(after, candidates, element);
    const same = index === undefined ? undefined : after[index];
    if (index !== undefined && isObject(same) && isObject(element)) {
      after[index] = { ...same, ...element };
    } else {
      remember(places, key, after.length);
      after.push(element);
    }
    refuseTooMany(after, attribute);
  }
  return after;
}

function remember(places: Map<string, number[]>, key: string, index: number): void {
  const known = places.get(key);
  if (known === undefined) places.set(key, [index]);
  else known.push(index);
}

const valueKey = (element: ScimValue): string | undefined => {
  const value = isObject(element) ? ownValue(element, 'value') : undefined;
  return value === undefined ? undefined : canonicalText(value);
};

/** What an element is known by: its `value`; where it has none, all of it. */
const identity = (element: ScimValue): string => valueKey(element) ?? `= ${canonicalText(element)}`;

function findSame(after: Values, candidates: readonly number[], element: ScimValue): number | undefined {
  const type = typeOf(element);
  return (
    candidates.find((index) => isSameValue(typeOf(after[index]), type)) ??
    candidates.find((index) => type === undefined || typeOf(after[index]) === undefined)
  );
}

const typeOf = (element: ScimValue | undefined): ScimValue | undefined =>
  isObject(element) ? ownValue(element, 'type') : undefined;

/** Values without those that a remove lists; a listed element means every one that has all that it says. */
export function removeValues(before: Values, listed: Values, attribute: AttributeDefinition): Values {
  // Compared as filters compare: a client that removes `A@example.com` means the `a@example.com` that is here.
  const plain = new Set<string>();
  const partial: ScimObject[] = [];
  for (const element of listed) {
    const shadow = elementShadow(element, attribute);
    if (!isObject(element)) plain.add(canonicalText(shadow));
    else if (isObject(shadow) && Object.keys(shadow).length > 0) partial.push(shadow);
  }
  const byValue = Map.groupBy(partial, (element) => valueKey(element));
  const withoutValue = byValue.get(undefined) ?? [];
  return before.filter((element) => {
    const shadow = elementShadow(element, attribute);
    if (!isObject(shadow)) return !plain.has(canonicalText(shadow));
    const key = valueKey(shadow);
    const candidates = key === undefined ? withoutValue : [...(byValue.get(key) ?? []), ...withoutValue];
    return !candidates.some((wanted) => hasAll(shadow, wanted));
  });
}

const hasAll = (held: ScimObject, wanted: ScimObject): boolean =>
  Object.entries(wanted).every(([name, value]) => isSameValue(ownValue(held, name), value, 'unordered'));

/**
 * A list of values as it may stand: none twice, at most one primary.
 *
 * @returns undefined where no value is left
 */
export function settleValues(before: Values, after: Values, attribute: AttributeDefinition): Values | undefined {
  refuseTooMany(after, attribute);
  const unique = [...new Map(after.map((element) => [canonicalText(element), element])).values()];
  return keepOnePrimary(before, unique);
}

/**
 * The primary is the one that the operation made primary, since "the server … set 'primary' to 'false' for any other
 * values" (RFC 7644 §3.5.2).
 */
export function keepOnePrimary(before: Values, after: Values): Values | undefined {
  if (after.length === 0) return undefined;
  const primaries = after.filter(isPrimary);
  if (primaries.length < 2) return after;
  const untouched = new Set(before.filter(isPrimary));
  const winner = primaries.find((element) => !untouched.has(element)) ?? primaries[0];
  return after.map((element) =>
    element !== winner && isObject(element) && isPrimary(element) ? { ...element, primary: false } : element,
  );
}

function refuseTooMany(values: Values, attribute: AttributeDefinition): void {
  if (values.length > maxValues(attribute))
    throw new ProvostError('TOO_MANY', `${attribute.name} has too many values.`, { path: attribute.name });
}

const isPrimary = (element: ScimValue): boolean => isObject(element) && ownValue(element, 'primary') === true;
