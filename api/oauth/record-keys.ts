import type { TenantId } from '../../domain/ids.ts';
import type { AuditTrail } from '../../stores/audit.ts';
import type { RecordKey } from './signing-key-rotation.ts';

/** Records into the trail of the installation's own tenant. */
export const recordKeysOf =
  (audit: Pick<AuditTrail, 'appendAdministrative'>, tenant: TenantId, actor: string): RecordKey =>
  (event, kid) =>
    audit.appendAdministrative(tenant, { event, at: new Date().toISOString(), actor, facts: { key: kid } });
