import { DEFAULT_CLAIMS } from '../domain/claims/default-claims.ts';
import { ProvostError } from '../domain/errors.ts';
import { asTenantId } from '../domain/ids.ts';
import { resourceTypeNamed } from '../domain/scim/schema/tenant-types.ts';
import type { PolicyStore } from '../stores/policies.ts';
import { authorise } from './admin/authorise.ts';
import { claimTableInput } from './admin/claims/schemas.ts';
import { requireUsable, withoutAbsent } from './admin/claims/usable-claims.ts';
import { createPolicyEdits } from './admin/policy-edits.ts';
import { InvalidRequest } from './admin/problem.ts';
import { createRecord, type RecordDependencies } from './admin/record.ts';
import { createTenant } from './admin/tenants/create-tenant.ts';
import { tenantInput } from './admin/tenants/schemas.ts';
import type { SoapAdministration } from './soap/administration.ts';

export interface SoapAdministrationDependencies extends RecordDependencies {
  readonly policies: Pick<PolicyStore, 'current' | 'at' | 'write' | 'newestVersions'>;
}

/** Lets SOAP do what the administration API does, in its way: protocols know nothing of each other. */
export function createSoapAdministration(dependencies: SoapAdministrationDependencies): SoapAdministration {
  const { policies, now } = dependencies;
  const record = createRecord(dependencies);
  const edits = createPolicyEdits({ policies, record, now });

  return {
    async editClaims(principal, change) {
      const { tenant } = principal;
      authorise(principal, 'configure', tenant);
      await edits.edit({ tenant, principal }, (before) => {
        const user = resourceTypeNamed(before, 'User');
        const changed = claimTableInput.safeParse({ items: change(before.claims ?? DEFAULT_CLAIMS, user) });
        if (!changed.success) throw invalid(changed.error.issues[0]?.message ?? 'The claim is not as it should be.');
        const claims = changed.data.items.map(withoutAbsent);
        refuse(() => requireUsable(claims, user));
        return { policy: { ...before, claims }, result: undefined };
      });
    },

    requireTenantManager: (principal) => authorise(principal, 'manage tenants', undefined),

    async listTenants() {
      const heads = await policies.newestVersions();
      const found = await Promise.all(heads.map(({ tenant, version }) => policies.at(tenant, version)));
      return found.map(({ tenant, name }) => ({ id: tenant, name })).sort((a, b) => (a.id < b.id ? -1 : 1));
    },

    async createTenant(principal, id, name) {
      authorise(principal, 'manage tenants', undefined);
      const parsed = tenantInput.safeParse({ id, name });
      if (!parsed.success) throw invalid(parsed.error.issues[0]?.message ?? 'The domain is not as it should be.');
      const tenant = asTenantId(parsed.data.id);
      const author = { by: principal.credential, at: now().toISOString() };
      const policy = await createTenant(policies, { id: tenant, name: parsed.data.name }, author);
      await record({ tenant, principal }, 'tenant-created', { version: policy.version });
    },

    recordSession: (principal, event) => record({ tenant: principal.tenant, principal }, event, { by: 'soap' }),
  };
}

const invalid = (message: string): ProvostError => new ProvostError('INVALID_VALUE', message);

/** What the administration API tells field by field, as one failure. */
function refuse(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    throw invalid(error.errors[0]?.message ?? error.message);
  }
}
