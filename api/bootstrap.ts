import { isProvostError } from '../domain/errors.ts';
import { asTenantId } from '../domain/ids.ts';
import type { Config } from '../platform/config.ts';
import type { BootstrapMarks } from '../stores/bootstrap-marks.ts';
import type { CredentialStore } from '../stores/credentials.ts';
import type { PolicyStore } from '../stores/policies.ts';
import { createTenant, RESIDENT } from './admin/tenants/create-tenant.ts';

export interface BootstrapDependencies {
  readonly policies: Pick<PolicyStore, 'write'>;
  readonly credentials: Pick<CredentialStore, 'add'>;
  readonly bootstrapMarks: BootstrapMarks;
  hashSecret(secret: string): Promise<string>;
  now(): Date;
}

/**
 * Makes what an empty installation needs before anybody can administer it: one tenant, one administrator. An
 * administrator of one name is made once: whoever deleted it does not find it there again after the next start.
 */
export async function bootstrap(
  { tenant, admin }: Config['bootstrap'],
  { policies, credentials, bootstrapMarks, hashSecret, now }: BootstrapDependencies,
): Promise<void> {
  const id = asTenantId(tenant);
  const at = now().toISOString();
  await unlessThere(createTenant(policies, { id, name: tenant }, { by: 'bootstrap', at }));
  if (admin === undefined || (await bootstrapMarks.has(admin.username))) return;
  await unlessThere(
    credentials.add({
      id: admin.username,
      tenant: id,
      kind: 'basic',
      serviceProvider: RESIDENT,
      scopes: ['scim', 'admin', 'operate', 'audit'],
      roles: ['platform-admin', 'admin', 'operator', 'auditor'],
      secretHash: await hashSecret(admin.password),
      createdAt: at,
    }),
  );
  await bootstrapMarks.add(admin.username, at);
}

async function unlessThere(making: Promise<unknown>): Promise<void> {
  try {
    await making;
  } catch (error) {
    if (!isProvostError(error, 'UNIQUENESS')) throw error;
  }
}
