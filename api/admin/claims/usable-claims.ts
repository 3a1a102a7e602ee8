import { bindClaim } from '../../../domain/claims/bind-claim.ts';
import type { ClaimMapping } from '../../../domain/claims/claim-mapping.ts';
import { ProvostError } from '../../../domain/errors.ts';
import type { ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { type FieldProblem, InvalidRequest } from '../problem.ts';

type Given = { readonly [Key in keyof ClaimMapping]: ClaimMapping[Key] | undefined };

export const withoutAbsent = (given: Given): ClaimMapping =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as ClaimMapping;

/** @throws InvalidRequest for paths that a user does not have, and for a claim that is there twice */
export function requireUsable(claims: readonly ClaimMapping[], user: ResourceTypeDefinition): void {
  const seen = new Set<string>();
  const errors: FieldProblem[] = [];
  for (const [index, mapping] of claims.entries()) {
    if (seen.has(mapping.claim)) errors.push({ path: `items[${index}].claim`, message: 'Name each claim once.' });
    seen.add(mapping.claim);
    try {
      bindClaim(mapping, user);
    } catch (error) {
      if (!(error instanceof ProvostError)) throw error;
      errors.push({ path: `items[${index}].attribute`, message: error.message });
    }
  }
  if (errors.length > 0) throw new InvalidRequest(errors);
}
