import { ProvostError } from '../../errors.ts';
import { matchesFilter } from '../filter/matches-filter.ts';
import { isArray, isObject, isRecord, ownValue } from '../json.ts';
import type { ScimObject, ScimValue } from '../resource.ts';
import { elementShadow } from '../shadow.ts';
import { toInstant } from '../values/date-time.ts';
import type { AttributeTarget } from './patch-target.ts';

/** An operation that says what a read-only attribute is: no change where it is right, else one that nobody may make. */
export interface ReadOnlyClaim {
  readonly op: 'add' | 'replace';
  readonly target: AttributeTarget;
  readonly value: unknown;
  /** Why it is refused where it is not so. */
  readonly message: string;
}

/** Comparisons of elements for one request: a user in a thousand groups may say them all. */
const MOST_COMPARISONS = 1_000_000;

/**
 * Refuses a PATCH that would change what is read-only (RFC 7644 §3.5.2).
 *
 * @param shown the resource as its client sees it, with `id`, `meta`, `groups`
 * @throws ProvostError `MUTABILITY`, `TOO_MANY`
 */
export function requireTrue(claims: readonly ReadOnlyClaim[], shown: ScimObject): void {
  let left = MOST_COMPARISONS;
  for (const claim of claims) {
    const { value, message, target } = claim;
    const elements = elementsOf(target, shown);
    left -= Math.max(1, elements.length) * (Array.isArray(value) ? value.length : 1);
    const path = target.attribute.name;
    if (left < 0) throw new ProvostError('TOO_MANY', `Too much is said of ${path} in one request.`, { path });
    if (!isTrue(claim, elements)) throw new ProvostError('MUTABILITY', message, { path });
  }
}

/** The values that a path leads to, whole: one of a single-valued attribute. */
function elementsOf({ attribute, filter, extension }: AttributeTarget, shown: ScimObject): readonly ScimValue[] {
  const holder = extension === undefined ? shown : ownValue(shown, extension);
  const held = isObject(holder) ? ownValue(holder, attribute.name) : undefined;
  if (held === undefined) return [];
  if (!isArray(held)) return [held];
  if (filter === undefined) return held;
  return held.filter((element) => matchesFilter(filter, elementShadow(element, attribute)));
}

function isTrue({ op, target, value }: ReadOnlyClaim, elements: readonly ScimValue[]): boolean {
  const { attribute, sub } = target;
  if (sub !== undefined)
    return elements.length > 0 && elements.every((element) => isSaid(partOf(element, sub.name), value));
  if (!attribute.multiValued) return isSaid(elements[0], value);
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  const areThere = given.every((one) => elements.some((element) => isSaid(element, one)));
  return areThere && (op === 'add' || given.length === elements.length);
}

const partOf = (held: ScimValue | undefined, name: string): ScimValue | undefined =>
  isObject(held) ? ownValue(held, name) : undefined;

/** Of a complex value only what is said of it has to be so. */
function isSaid(held: ScimValue | undefined, said: unknown): boolean {
  if (isRecord(said))
    return Object.entries(said).every(([name, part]) => part === null || isSaid(partOf(held, name), part));
  if (typeof held !== 'string' || typeof said !== 'string') return held === said;
  const instant = toInstant(held);
  return held === said || (instant !== undefined && instant === toInstant(said)) || isSameUrn(held, said);
}

const isSameUrn = (left: string, right: string): boolean =>
  /^urn:/i.test(left) && left.toLowerCase() === right.toLowerCase();
