import type { ScimObject, ScimValue } from './resource.ts';

/** A JSON object, as opposed to an array or a simple value. */
export const isObject = (value: ScimValue | undefined): value is ScimObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isArray = (value: ScimValue | undefined): value is readonly ScimValue[] => Array.isArray(value);

/** The same for input of which nothing is known yet. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Own property only: a resource comes from JSON, and `constructor` or `__proto__` in a path must find nothing. */
export const ownValue = (object: ScimObject, name: string): ScimValue | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** The object without one of its attributes. */
export function omit(object: ScimObject, name: string): ScimObject {
  const { [name]: _dropped, ...rest } = object;
  return rest;
}

export type ArrayOrder = 'ordered' | 'unordered';

/**
 * Whether two values are the same JSON; the order of an object's keys never counts.
 *
 * @param order `unordered`: arrays are sets, as multi-valued attributes are (RFC 7643 §2.4)
 */
export function isSameValue(
  left: ScimValue | undefined,
  right: ScimValue | undefined,
  order: ArrayOrder = 'ordered',
): boolean {
  if (left === right) return true;
  if (isArray(left)) {
    if (!isArray(right) || left.length !== right.length) return false;
    return order === 'ordered'
      ? left.every((value, index) => isSameValue(value, right[index], order))
      : isSameSet(left, right);
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isSameValue(left[name], right[name], order))
  );
}

/** Compared by a canonical text: members come by the thousand, and looking each up in the other list would be quadratic. */
function isSameSet(left: readonly ScimValue[], right: readonly ScimValue[]): boolean {
  const texts = right.map(canonicalText).sort();
  return left
    .map(canonicalText)
    .sort()
    .every((text, index) => text === texts[index]);
}

/** JSON with an object's keys in order: equal texts are equal values. */
export function canonicalText(value: ScimValue): string {
  if (isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalText(value[name] ?? null)}`).join(',')}}`;
}
