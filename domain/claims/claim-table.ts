import type { ResourceTypeDefinition } from '../scim/schema/definition.ts';
import { type BoundClaim, bindClaim } from './bind-claim.ts';
import type { ClaimMapping } from './claim-mapping.ts';
import { DEFAULT_CLAIMS } from './default-claims.ts';

/** Mappings by claim URI, in the table's order. */
export type ClaimTable = ReadonlyMap<string, BoundClaim>;

const tables = new WeakMap<readonly ClaimMapping[], WeakMap<ResourceTypeDefinition, ClaimTable>>();

/**
 * A tenant's claims, ready for use. Rows whose attribute the user's schema no longer has are left out: a schema may have
 * been changed after the table was checked.
 *
 * @param mappings the tenant's own table; undefined for the default one
 */
export function claimTable(mappings: readonly ClaimMapping[] | undefined, type: ResourceTypeDefinition): ClaimTable {
  const rows = mappings ?? DEFAULT_CLAIMS;
  const byType = tables.get(rows) ?? new WeakMap<ResourceTypeDefinition, ClaimTable>();
  tables.set(rows, byType);
  const known = byType.get(type);
  if (known !== undefined) return known;
  const table = new Map(
    rows.flatMap((mapping) => {
      const bound = boundOrNothing(mapping, type);
      return bound === undefined ? [] : [[mapping.claim, bound] as const];
    }),
  );
  byType.set(type, table);
  return table;
}

function boundOrNothing(mapping: ClaimMapping, type: ResourceTypeDefinition): BoundClaim | undefined {
  try {
    return bindClaim(mapping, type);
  } catch {
    return undefined;
  }
}
