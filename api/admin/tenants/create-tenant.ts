import { isProvostError, ProvostError } from '../../../domain/errors.ts';
import { asServiceProviderId, type TenantId } from '../../../domain/ids.ts';
import { type Policy, PRIMARY_STORE } from '../../../domain/policy.ts';
import type { PolicyStore } from '../../../stores/policies.ts';

/** Id of the resident service provider; the same in every tenant. */
export const RESIDENT = asServiceProviderId('resident');

/**
 * Writes the first version of a tenant's configuration: nothing but the resident service provider.
 *
 * @throws ProvostError `UNIQUENESS` where the tenant exists
 *
 * @example
 * await createTenant(policies, { id: asTenantId('acme'), name: 'Acme' }, { by: 'seed', at: new Date().toISOString() });
 */
export async function createTenant(
  policies: Pick<PolicyStore, 'write'>,
  { id, name }: { readonly id: TenantId; readonly name: string },
  author: { readonly by: string; readonly at: string },
): Promise<Policy> {
  const policy: Policy = {
    tenant: id,
    version: 1,
    name,
    serviceProviders: [
      {
        id: RESIDENT,
        name: 'Resident',
        resident: true,
        mode: 'persist-and-provision',
        userStore: PRIMARY_STORE,
        conformance: 'tolerant',
      },
    ],
    identityProviders: [],
  };
  try {
    await policies.write(policy, author);
  } catch (error) {
    if (!isProvostError(error, 'CONCURRENT_WRITE')) throw error;
    throw new ProvostError(
      'UNIQUENESS',
      'A tenant with this id exists; choose another.',
      { path: 'id' },
      { cause: error },
    );
  }
  return policy;
}
