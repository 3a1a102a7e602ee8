import type { AdministrativeEvent, AdministrativeFact } from '../domain/audit.ts';
import { isProvostError } from '../domain/errors.ts';
import { asTenantId } from '../domain/ids.ts';
import type { Config } from '../platform/config.ts';
import type { AuditTrail } from '../stores/audit.ts';
import type { BootstrapMarks } from '../stores/bootstrap-marks.ts';
import type { CredentialStore } from '../stores/credentials.ts';
import type { PolicyStore } from '../stores/policies.ts';
import { factsOf } from './admin/credentials/keep.ts';
import { createTenant, RESIDENT } from './admin/tenants/create-tenant.ts';

export interface BootstrapDependencies {
  readonly policies: Pick<PolicyStore, 'write'>;
  readonly credentials: Pick<CredentialStore, 'add'>;
  readonly bootstrapMarks: BootstrapMarks;
  readonly audit: Pick<AuditTrail, 'appendAdministrative'>;
  hashSecret(secret: string): Promise<string>;
  now(): Date;
}

/**
 * Makes what an empty installation needs before anybody can administer it: one tenant, one administrator. An
 * administrator of one name is made once: whoever deleted it does not find it there again after the next start.
 */
export async function bootstrap(
  { tenant, admin }: Config['bootstrap'],
  { policies, credentials, bootstrapMarks, audit, hashSecret, now }: BootstrapDependencies,
): Promise<void> {
  const id = asTenantId(tenant);
  const at = now().toISOString();
  const record = (event: AdministrativeEvent, facts: AdministrativeFact['facts'] = {}) =>
    audit.appendAdministrative(id, { event, at, actor: 'bootstrap', facts });
  if (await unlessThere(createTenant(policies, { id, name: tenant }, { by: 'bootstrap', at })))
    await record('tenant-created', { version: 1 });
  if (admin === undefined || (await bootstrapMarks.has(admin.username))) return;
  const administrator = {
    id: admin.username,
    tenant: id,
    kind: 'basic',
    serviceProvider: RESIDENT,
    scopes: ['scim', 'admin', 'operate', 'audit'],
    roles: ['platform-admin', 'admin', 'operator', 'auditor'],
    createdAt: at,
  } as const;
  if (await unlessThere(credentials.add({ ...administrator, secretHash: await hashSecret(admin.password) })))
    await record('credential-created', factsOf(administrator));
  await bootstrapMarks.add(admin.username, at);
}

/** @returns whether it was made now */
async function unlessThere(making: Promise<unknown>): Promise<boolean> {
  try {
    await making;
    return true;
  } catch (error) {
    if (!isProvostError(error, 'UNIQUENESS')) throw error;
    return false;
  }
}
