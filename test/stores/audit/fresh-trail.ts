import type { TestContext } from 'node:test';
import type { AuditFact } from '../../../domain/audit.ts';
import type { ChangeRequest } from '../../../domain/change.ts';
import { asChangeId, asResourceId, asServiceProviderId, asTenantId, type TenantId } from '../../../domain/ids.ts';
import type { KeyRing } from '../../../platform/key-ring.ts';
import { createSealer } from '../../../platform/seal.ts';
import type { AuditAlarm } from '../../../stores/audit/alarms.ts';
import { openAuditTrail } from '../../../stores/audit.ts';
import { createChangeStore } from '../../../stores/changes.ts';
import { ensureIndexes } from '../../../stores/connect.ts';
import { createSecretStore } from '../../../stores/secrets.ts';
import { randomKeyRing } from '../../platform/keys.ts';
import { openFreshDatabase } from '../fresh-database.ts';

export const ADA = asResourceId('ada');
export const ACME = asTenantId('acme');
export const GLOBEX = asTenantId('globex');

export const user = (tenant: TenantId, resourceId = ADA) => ({ tenant, resourceType: 'User', resourceId });

export const fact = (event: AuditFact['event'], at: string, more: Partial<AuditFact> = {}): AuditFact => ({
  event,
  at,
  change: asChangeId('c'),
  ...more,
});

/** An audit trail on a database of its own, with what an attacker who has that database may do to it. */
export async function openFreshTrail(context: TestContext, keys: KeyRing = randomKeyRing('k1')) {
  const connection = await openFreshDatabase(context, 'test-audit');
  const alarms: AuditAlarm[] = [];
  const open = (ring: KeyRing) => {
    const sealer = createSealer(ring);
    const changes = createChangeStore(connection, sealer);
    const secrets = createSecretStore(connection, sealer);
    const onAlarm = (alarm: AuditAlarm): void => void alarms.push(alarm);
    return { changes, audit: openAuditTrail(connection, { sealer, secrets, changes, now: Date.now, onAlarm }) };
  };
  const { audit, changes } = open(keys);
  await ensureIndexes(connection);
  return {
    connection,
    audit,
    changes,
    alarms,
    /** The same trail as a process with other keys has it. */
    withKeys: (ring: KeyRing) => open(ring).audit,
    entries: connection.collection('audit'),
    heads: connection.collection('audit-heads'),

    /** A change of the resource that has ended long ago. */
    async endedChange(id: string, resourceId = ADA): Promise<void> {
      const request: ChangeRequest = {
        id: asChangeId(id),
        tenant: ACME,
        source: 'scim2',
        actor: 'hr',
        serviceProvider: asServiceProviderId('resident'),
        operation: 'delete',
        resourceType: 'User',
        resourceId,
        body: { kind: 'delete' },
        idempotencyKey: id,
        fingerprint: id,
        receivedAt: '2026-01-01T00:00:00.000Z',
      };
      await changes.accept(request, 1, false);
      await changes.update(ACME, request.id, { state: 'settled', settledAt: '2026-01-01T00:00:01.000Z' });
    },
  };
}
