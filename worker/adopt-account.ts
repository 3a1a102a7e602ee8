import type { BulkDependencies, ReconcileDependencies } from '../activities/index.ts';
import { mayEndAccess } from '../domain/deactivation.ts';
import { asChangeId, asResourceId, type TenantId } from '../domain/ids.ts';
import { type Policy, residentOf } from '../domain/policy.ts';
import type { DeriveId } from '../platform/derived-id.ts';

export interface AdoptDependencies {
  readonly applyChange: BulkDependencies['applyChange'];
  readonly policies: { current(tenant: TenantId): Promise<Policy> };
  readonly deriveId: DeriveId;
  now(): Date;
}

/** Takes over what a target holds by a change of the resident service provider's, like any other. */
export function createAdopt({
  applyChange,
  policies,
  deriveId,
  now,
}: AdoptDependencies): ReconcileDependencies['adopt'] {
  return async ({ tenant, finding, resourceType, resourceId, body }, signal) => {
    const policy = await policies.current(tenant);
    const key = deriveId(['adopt', tenant, finding]);
    const outcome = await applyChange(
      {
        id: asChangeId(key),
        tenant,
        source: 'reconciliation',
        actor: 'engine',
        serviceProvider: residentOf(policy).id,
        operation: body.kind,
        resourceType,
        resourceId: resourceId ?? asResourceId(deriveId(['adopted', tenant, finding])),
        body,
        idempotencyKey: key,
        fingerprint: key,
        receivedAt: now().toISOString(),
      },
      policy.version,
      mayEndAccess(body),
      signal,
    );
    return 'error' in outcome ? outcome.error.message : undefined;
  };
}
