import type { BoundClaim } from '../../../domain/claims/bind-claim.ts';
import type { ClaimWrite } from '../../../domain/claims/write-claims.ts';
import { ProvostError } from '../../../domain/errors.ts';
import type { Call } from '../call.ts';
import { claimNotFound } from '../faults.ts';
import type { Arguments } from '../message/arguments.ts';

/** Most claims in one call. */
const MOST_CLAIMS = 200;

/** @throws ProvostError `INVALID_VALUE` for a claim that the tenant's table does not have */
export function findClaim({ claims }: Call, uri: string): BoundClaim {
  const found = claims.get(uri.trim());
  if (found === undefined) throw claimNotFound(uri);
  return found;
}

export interface ClaimValue {
  readonly claimURI: string;
  readonly value: string;
}

/** Elements of type ClaimValue. One without a claim's URI is left out, as WSO2's own code does. */
export const claimValuesOf = (given: readonly Arguments[]): readonly ClaimValue[] =>
  given.flatMap((claim) => {
    const claimURI = claim.plain('claimURI').trim();
    return claimURI === '' ? [] : [{ claimURI, value: claim.plain('value') }];
  });

export function claimWrites(call: Call, given: readonly ClaimValue[], kind: ClaimWrite['kind']): readonly ClaimWrite[] {
  requireFew(given);
  return given.map(({ claimURI, value }) => ({ claim: findClaim(call, claimURI), kind, value }));
}

export function requireFew(given: readonly unknown[]): void {
  if (given.length > MOST_CLAIMS)
    throw new ProvostError('TOO_MANY', `A call may name at most ${MOST_CLAIMS} claims.`, { path: 'claims' });
}
