import { randomUUID } from 'node:crypto';
import { RESIDENT } from '../../../api/admin/tenants/create-tenant.ts';
import type { AuditFact } from '../../../domain/audit.ts';
import type { ChangeRequest } from '../../../domain/change.ts';
import { asChangeId, asResourceId, type ChangeId, type TargetId, type TenantId } from '../../../domain/ids.ts';
import { USER_SCHEMA } from '../../../domain/scim/resource.ts';
import type { ChangeUpdate } from '../../../stores/changes.ts';
import type { Admin } from './fixture.ts';

export const USER_NAME = 'barbara@example.com';

/** Records a change the way the doors and the workflow do, up to where `update` says it stands. */
export async function recordChange(
  { changes }: Pick<Admin, 'changes'>,
  tenant: TenantId,
  update: ChangeUpdate = {},
  request: Partial<ChangeRequest> = {},
): Promise<ChangeRequest> {
  const change: ChangeRequest = {
    id: asChangeId(randomUUID()),
    tenant,
    source: 'scim2',
    actor: 'hr-system',
    serviceProvider: RESIDENT,
    operation: 'create',
    resourceType: 'User',
    resourceId: asResourceId(randomUUID()),
    body: { kind: 'create', resource: { schemas: [USER_SCHEMA], userName: USER_NAME } },
    idempotencyKey: 'idempotency-key-of-the-client',
    fingerprint: 'fingerprint-of-the-request',
    receivedAt: new Date().toISOString(),
    ...request,
  };
  await changes.accept(change, 1, false);
  if (Object.keys(update).length > 0) await changes.update(tenant, change.id, update);
  return change;
}

/** Where a change stands that one target has refused. */
export const parkedAt = (target: TargetId, others: readonly TargetId[] = []): ChangeUpdate => ({
  state: 'parked',
  decision: {
    mode: 'persist-and-provision',
    steps: [],
    reasons: [target, ...others].map((called) => ({
      target: called,
      called: true,
      because: 'Resident provisions to Okta',
    })),
  },
  steps: [{ target, result: 'parked', code: 'TARGET_REJECTED', message: 'userName: must be an address' }],
});

export const fact = (
  change: ChangeId,
  event: AuditFact['event'],
  second: number,
  rest: Partial<AuditFact> = {},
): AuditFact => ({
  event,
  at: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  change,
  ...rest,
});
