import type { AuditAlarmReason } from '../../../stores/audit/alarms.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import type { AttentionSource } from './source.ts';

const WORDS: Readonly<Record<AuditAlarmReason, string>> = {
  'entries-missing': 'Entries at the end of its audit trail are missing.',
  'head-missing': 'The head of its audit trail is missing.',
  'id-taken': 'The next entry of its audit trail had an id that something else holds.',
};

/** What only tampering with the database, or a loss in it, explains. */
export const auditAlarms = ({ audit }: Pick<RoutesDependencies, 'audit'>): AttentionSource => ({
  kind: 'audit-alarm',
  async read({ tenant, target, code, after, limit }) {
    if (target !== undefined || code !== undefined) return { items: [] };
    const found = await audit.alarms.list(tenant, { limit: limit + 1, ...(after === undefined ? {} : { after }) });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(({ id, resourceType, resourceId, reason, since }) => ({
        kind: 'audit-alarm' as const,
        because: `${WORDS[reason]} Verify the trail and compare it with the sealed heads and with a backup.`,
        since,
        resourceType,
        resource: resourceId,
        actions: [
          {
            operation: 'dismissAuditAlarm',
            method: 'POST' as const,
            path: `/tenants/${tenant}/audit/alarms/${id}/dismiss`,
          },
        ],
      })),
      ...(found.length > limit && last !== undefined ? { next: last.id } : {}),
    };
  },
});
