import { isArray, isObject, ownValue } from '../json.ts';
import type { ScimValue } from '../resource.ts';
import type { ResolvedCompare, ResolvedFilter, ResolvedPath } from './resolved.ts';

/**
 * Whether a shadow satisfies a filter. The same meaning as the query that stores/filter compiles.
 *
 * @param shadow of a resource, or of one element for a filter on elements
 */
export function matchesFilter(filter: ResolvedFilter, shadow: ScimValue): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.terms.every((term) => matchesFilter(term, shadow));
    case 'or':
      return filter.terms.some((term) => matchesFilter(term, shadow));
    case 'not':
      return !matchesFilter(filter.term, shadow);
    case 'present':
      return valuesAt(filter.path, shadow).some((value) => value !== undefined);
    case 'element':
      return elementsAt(filter.path, shadow).some((element) => matchesFilter(filter.filter, element));
    case 'compare': {
      const values = valuesAt(filter.path, shadow);
      if (filter.operator === 'ne' && values.length === 0) return true;
      return values.some((value) => holds(filter, value));
    }
  }
}

/** One value for a single-valued attribute, undefined where absent; one for each element of a multi-valued one. */
function valuesAt(path: ResolvedPath, shadow: ScimValue): readonly (ScimValue | undefined)[] {
  if (path.arrayAt === undefined) return [follow(shadow, path.keys)];
  const rest = path.keys.slice(path.arrayAt);
  return elementsAt(path, shadow).map((element) => follow(element, rest));
}

function elementsAt(path: ResolvedPath, shadow: ScimValue): readonly ScimValue[] {
  const array = follow(shadow, path.keys.slice(0, path.arrayAt));
  return isArray(array) ? array : [];
}

const follow = (start: ScimValue, keys: readonly string[]): ScimValue | undefined =>
  keys.reduce<ScimValue | undefined>((value, key) => (isObject(value) ? ownValue(value, key) : undefined), start);

function holds({ operator, value: wanted }: ResolvedCompare, value: ScimValue | undefined): boolean {
  if (operator === 'ne') return value !== wanted;
  if (typeof value === 'number' && typeof wanted === 'number') return holdsOrder(operator, value - wanted);
  if (typeof value === 'boolean') return operator === 'eq' && value === wanted;
  if (typeof value !== 'string' || typeof wanted !== 'string') return false;
  if (operator === 'co') return value.includes(wanted);
  if (operator === 'sw') return value.startsWith(wanted);
  if (operator === 'ew') return value.endsWith(wanted);
  return holdsOrder(operator, compareText(value, wanted));
}

function holdsOrder(operator: ResolvedCompare['operator'], difference: number): boolean {
  if (operator === 'eq') return difference === 0;
  if (operator === 'gt') return difference > 0;
  if (operator === 'ge') return difference >= 0;
  if (operator === 'lt') return difference < 0;
  return operator === 'le' && difference <= 0;
}

/** By code point, as UTF-8 sorts; JavaScript's own order differs for characters beyond U+FFFF. */
function compareText(left: string, right: string): number {
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    const a = left.codePointAt(at) ?? 0;
    const b = right.codePointAt(at) ?? 0;
    if (a !== b) return a - b;
    if (a > 0xffff) at += 1;
  }
  return left.length - right.length;
}
