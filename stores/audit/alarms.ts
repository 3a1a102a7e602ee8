import { type Connection, Schema } from 'mongoose';
import type { TenantId } from '../../domain/ids.ts';

/**
 * What only tampering with the database, or its partial loss, explains. `entries-missing`: a chain ends before the entry
 * that its head names. `head-missing`: a chain has no head. `id-taken`: something else has the id of the next entry.
 */
export type AuditAlarmReason = 'entries-missing' | 'head-missing' | 'id-taken';

export interface AuditAlarm {
  readonly id: string;
  readonly tenant: TenantId;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly reason: AuditAlarmReason;
  readonly since: string;
}

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    resourceType: { type: String, required: true },
    resourceId: { type: String, required: true },
    reason: { type: String, required: true },
    since: { type: String, required: true },
    lastAt: { type: String, required: true },
    times: { type: Number, required: true },
  },
  { collection: 'audit-alarms', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, _id: 1 });

export type AuditAlarmStore = ReturnType<typeof createAuditAlarmStore>;

/** Alarms of the audit trail, until an operator has looked into each. */
export function createAuditAlarmStore(connection: Connection) {
  const documents = connection.model('AuditAlarm', schema).collection;

  return {
    async raise({ id, since, ...alarm }: AuditAlarm): Promise<void> {
      await documents.updateOne(
        { _id: id as never, tenant: alarm.tenant },
        { $set: { ...alarm, lastAt: since }, $setOnInsert: { since }, $inc: { times: 1 } },
        { upsert: true },
      );
    },

    /** In the order of ids. */
    async list(
      tenant: TenantId,
      { after, limit }: { readonly after?: string; readonly limit: number },
    ): Promise<AuditAlarm[]> {
      const found = await documents
        .find({ tenant, ...(after === undefined ? {} : { _id: { $gt: after } }) } as never)
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map(({ _id, times: _times, lastAt: _lastAt, ...alarm }) => ({ id: String(_id), ...alarm }) as never);
    },

    /** An operator has looked into it. @returns whether there was one */
    async dismiss(tenant: TenantId, id: string): Promise<boolean> {
      return (await documents.deleteOne({ _id: id as never, tenant })).deletedCount > 0;
    },
  };
}
