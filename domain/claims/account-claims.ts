import type { AccountChange } from '../account.ts';
import { ProvostError } from '../errors.ts';
import type { Resource } from '../scim/resource.ts';
import { typedValue } from './claim-element.ts';
import { readClaim } from './read-claim.ts';
import type { ClaimWrite } from './write-claims.ts';

/**
 * A claim that says how an account stands, which no operation of a PATCH can write.
 *
 * @throws ProvostError `MUTABILITY` where the tenant's table has it as read only, `INVALID_VALUE`
 */
export function accountChange({ claim, kind, value }: ClaimWrite, user: Resource): AccountChange {
  const { attribute, mapping, isWritable } = claim;
  if (!isWritable) throw new ProvostError('MUTABILITY', `The claim ${mapping.claim} can be read and not written.`);
  const held = readClaim(claim, user);
  if (kind === 'remove' || value === '') return held === undefined ? {} : { [attribute.name]: null };
  const next = typedValue(value, claim);
  if (typeof next !== 'boolean' && typeof next !== 'number')
    throw new Error(`${attribute.name} is of no type that an account has`);
  return held === value ? {} : { [attribute.name]: next };
}
