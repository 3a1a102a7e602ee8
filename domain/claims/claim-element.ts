import { isOfAccount } from '../account.ts';
import { ProvostError } from '../errors.ts';
import type { ScimValue } from '../scim/resource.ts';
import type { BoundClaim } from './bind-claim.ts';
import { CLAIM_SEPARATOR } from './claim-mapping.ts';

/** Path of the attribute that holds a claim, without its sub-attribute. */
export const attributePath = ({ extension, attribute }: BoundClaim): string =>
  `${extension === undefined ? '' : `${extension}:`}${attribute.name}`;

/** Path of what the claim is, without what it selects by. */
export const pathOf = (claim: BoundClaim): string =>
  `${attributePath(claim)}${claim.sub === undefined ? '' : `.${claim.sub.name}`}`;

/**
 * An element of a multi-valued attribute that holds a claim's value and what the claim selects by.
 *
 * @param isFirst whether the attribute has no other, so that this is the primary one
 */
export function newElement(value: string, claim: BoundClaim, isFirst: boolean): ScimValue {
  if (claim.sub === undefined) return typedValue(value, claim);
  const hasPrimary = claim.attribute.subAttributes?.some(({ name }) => name === 'primary') === true;
  return {
    ...Object.fromEntries(claim.selectors.map(({ name, value: selected }) => [name, selected])),
    ...(isFirst && hasPrimary && claim.selectors.length === 0 && claim.mapping.multiValued !== true
      ? { primary: true }
      : {}),
    [claim.sub.name]: typedValue(value, claim),
  };
}

/** A claim's text as the attribute has it. @throws ProvostError `INVALID_VALUE` */
export function typedValue(value: string, { extension, attribute, sub, mapping }: BoundClaim): ScimValue {
  const { type } = sub ?? attribute;
  if (type === 'integer' && isOfAccount(extension, attribute)) return wholeNumber(value, mapping.claim);
  if (type !== 'boolean') return value;
  const folded = value.trim().toLowerCase();
  if (folded !== 'true' && folded !== 'false')
    throw new ProvostError('INVALID_VALUE', `The claim ${mapping.claim} is true or false.`);
  return (folded === 'true') !== (mapping.negated === true);
}

function wholeNumber(value: string, claim: string): number {
  const text = value.trim();
  if (!/^\d{1,9}$/.test(text))
    throw new ProvostError('INVALID_VALUE', `The claim ${claim} is a whole number, from 0 to 999999999.`);
  return Number(text);
}

/** The values of a claim of many, each once. */
export const splitValues = (value: string): readonly string[] => [
  ...new Set(
    value
      .split(CLAIM_SEPARATOR)
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
];
