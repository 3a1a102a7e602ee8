import { foldCase } from '../scim/fold-case.ts';
import { isArray, isObject, ownValue } from '../scim/json.ts';
import type { ScimObject, ScimValue } from '../scim/resource.ts';
import type { BoundClaim, Selector } from './bind-claim.ts';
import { CLAIM_SEPARATOR } from './claim-mapping.ts';

/**
 * The value of a claim.
 *
 * @param user the resource with what the server says of it: `id`, `meta`, `groups`
 * @returns undefined where the user has none
 */
export function readClaim(claim: BoundClaim, user: ScimObject): string | undefined {
  const values = valuesOf(claim, user).map((value) => toText(value, claim.mapping.negated === true));
  const [first] = values;
  return claim.mapping.multiValued === true && values.length > 0 ? values.join(CLAIM_SEPARATOR) : first;
}

/** Simple values of a claim: one, or as many as it has. The primary one comes first. */
function valuesOf(claim: BoundClaim, user: ScimObject): readonly (string | number | boolean)[] {
  const { attribute, sub } = claim;
  const held = attributeOf(claim, user);
  const holders = attribute.multiValued ? elementsOf(claim, held) : held === undefined ? [] : [held];
  return holders
    .map((holder) => (sub === undefined ? holder : isObject(holder) ? ownValue(holder, sub.name) : undefined))
    .filter((value) => value !== undefined && value !== null && typeof value !== 'object');
}

/** The attribute as the user has it, whole. */
export function attributeOf({ extension, attribute }: BoundClaim, user: ScimObject): ScimValue | undefined {
  const holder = extension === undefined ? user : ownValue(user, extension);
  return isObject(holder) ? ownValue(holder, attribute.name) : undefined;
}

/** Elements that the claim's path selects, the primary one first. */
export function elementsOf({ selectors }: BoundClaim, held: ScimValue | undefined): readonly ScimValue[] {
  const selected = (isArray(held) ? held : []).filter((element) => selectors.every((wanted) => has(element, wanted)));
  const isPrimary = (element: ScimValue): boolean => isObject(element) && ownValue(element, 'primary') === true;
  return [...selected.filter(isPrimary), ...selected.filter((element) => !isPrimary(element))];
}

function has(element: ScimValue, { name, value }: Selector): boolean {
  const held = isObject(element) ? ownValue(element, name) : undefined;
  return typeof held === 'string' && typeof value === 'string' ? foldCase(held) === foldCase(value) : held === value;
}

const toText = (value: string | number | boolean, negated: boolean): string =>
  String(negated && typeof value === 'boolean' ? !value : value);
