import type { ClaimMapping } from '../../domain/claims/claim-mapping.ts';
import type { TenantId } from '../../domain/ids.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { Principal } from '../identify/principal.ts';

export interface TenantSummary {
  readonly id: TenantId;
  readonly name: string | undefined;
}

/** What administrators may do by SOAP, as by the administration API: under the same roles and in the same trail. */
export interface SoapAdministration {
  /**
   * Changes a tenant's claims, as a whole.
   *
   * @param change pure: it may run several times
   * @throws ProvostError `FORBIDDEN`, `INVALID_VALUE`
   */
  editClaims(
    principal: Principal,
    change: (before: readonly ClaimMapping[], user: ResourceTypeDefinition) => readonly ClaimMapping[],
  ): Promise<void>;
  /** @throws ProvostError `FORBIDDEN` for whoever does not manage tenants */
  requireTenantManager(principal: Principal): void;
  /** Every tenant, by id. For whoever manages tenants. */
  listTenants(): Promise<readonly TenantSummary[]>;
  /** @throws ProvostError `UNIQUENESS`, `INVALID_VALUE` for an id that cannot be one */
  createTenant(principal: Principal, id: string, name: string): Promise<void>;
  /** Writes into the tenant's trail that somebody begins or ends a session. */
  recordSession(by: Pick<Principal, 'tenant' | 'credential'>, event: 'signed-in' | 'signed-out'): Promise<void>;
}
