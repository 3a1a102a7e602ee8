import { type Connection, Schema } from 'mongoose';
import type { NoticeEvent } from '../domain/approval/notice.ts';
import type { TenantId } from '../domain/ids.ts';
import type { Sealer } from '../domain/sealing.ts';
import type { SealedCollection } from './sealed-places.ts';

/** Where a tenant has approvals told by HTTP. */
export interface Webhook {
  readonly id: string;
  readonly tenant: TenantId;
  readonly url: string;
  /** Absent: every event. */
  readonly events?: readonly NoticeEvent[];
  /** Whether old and new values are sent, or ids alone. */
  readonly values: boolean;
}

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    url: { type: String, required: true },
    events: { type: [String], default: undefined },
    values: { type: Boolean, required: true },
    secret: { type: String, required: true },
  },
  { collection: 'webhooks', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1 });

export type WebhookStore = ReturnType<typeof createWebhookStore>;

/** Webhooks of tenants; their secrets are sealed. */
export function createWebhookStore(connection: Connection, sealer: Sealer) {
  const documents = connection.model('Webhook', schema).collection;
  const toWebhook = ({ _id, secret: _secret, ...rest }: object & { _id?: unknown; secret?: unknown }): Webhook =>
    ({ id: String(_id), ...rest }) as Webhook;

  return {
    async add({ id, ...webhook }: Webhook, secret: string): Promise<void> {
      const sealed = sealer.seal(secret, contextOf(webhook.tenant, id));
      await documents.insertOne({ _id: id, ...webhook, secret: sealed } as never);
    },

    async list(tenant: TenantId): Promise<Webhook[]> {
      return (await documents.find({ tenant }).sort({ _id: 1 }).toArray()).map(toWebhook);
    },

    /** @returns undefined where it was removed */
    async find(tenant: TenantId, id: string): Promise<{ webhook: Webhook; secret: string } | undefined> {
      const found = await documents.findOne({ _id: id as never, tenant });
      if (found === null) return undefined;
      return {
        webhook: toWebhook(found),
        secret: String(sealer.unseal(String(found['secret']), contextOf(tenant, id))),
      };
    },

    /** @returns false where there was none */
    async remove(tenant: TenantId, id: string): Promise<boolean> {
      return (await documents.deleteOne({ _id: id as never, tenant })).deletedCount > 0;
    },
  };
}

const contextOf = (tenant: string, id: string): string => `${tenant}/webhooks/${id}`;

export const SEALED_WEBHOOKS: SealedCollection = {
  collection: 'webhooks',
  placesIn: ({ _id, tenant = '' }) => [['secret', contextOf(tenant, _id)]],
};
