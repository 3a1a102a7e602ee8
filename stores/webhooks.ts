import { type Connection, Schema } from 'mongoose';
import type { NoticeEvent } from '../domain/approval/notice.ts';
import { ProvostError } from '../domain/errors.ts';
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

/** A secret that was replaced, and until when (ISO 8601 UTC) what is sent is signed with it as well. */
interface Retiring {
  readonly secret: string;
  readonly until: string;
}

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    url: { type: String, required: true },
    events: { type: [String], default: undefined },
    values: { type: Boolean, required: true },
    secret: { type: String, required: true },
    retiring: { type: Schema.Types.Mixed },
  },
  { collection: 'webhooks', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1 });

export type WebhookStore = ReturnType<typeof createWebhookStore>;

/** Webhooks of tenants; their secrets are sealed. */
export function createWebhookStore(connection: Connection, sealer: Sealer) {
  const documents = connection.model('Webhook', schema).collection;
  type Found = object & { _id?: unknown; secret?: unknown; retiring?: unknown };
  const toWebhook = ({ _id, secret: _secret, retiring: _retiring, ...rest }: Found): Webhook =>
    ({ id: String(_id), ...rest }) as Webhook;

  return {
    async add({ id, ...webhook }: Webhook, secret: string): Promise<void> {
      const sealed = sealer.seal(secret, contextOf(webhook.tenant, id));
      await documents.insertOne({ _id: id, ...webhook, secret: sealed } as never);
    },

    async list(tenant: TenantId): Promise<Webhook[]> {
      return (await documents.find({ tenant }).sort({ _id: 1 }).toArray()).map(toWebhook);
    },

    /** @returns the webhook with the secrets in force at a time, the newest first; undefined where it was removed */
    async find(
      tenant: TenantId,
      id: string,
      at: string,
    ): Promise<{ webhook: Webhook; secrets: readonly string[] } | undefined> {
      const found = await documents.findOne({ _id: id as never, tenant });
      if (found === null) return undefined;
      const retiring = found['retiring'] as Retiring | undefined;
      const sealed = [
        String(found['secret']),
        ...(retiring !== undefined && retiring.until > at ? [retiring.secret] : []),
      ];
      return {
        webhook: toWebhook(found),
        secrets: sealed.map((one) => String(sealer.unseal(one, contextOf(tenant, id)))),
      };
    },

    /**
     * Replaces the secret; the one before is in force beside it until then.
     *
     * @returns false where there is no such webhook
     * @throws ProvostError `CONCURRENT_WRITE` where somebody else replaced it at the same time
     */
    async replaceSecret(tenant: TenantId, id: string, secret: string, until: string): Promise<boolean> {
      const found = await documents.findOne({ _id: id as never, tenant });
      if (found === null) return false;
      const before = String(found['secret']);
      const retiring: Retiring = { secret: before, until };
      const { matchedCount } = await documents.updateOne(
        { _id: id as never, tenant, secret: before },
        { $set: { secret: sealer.seal(secret, contextOf(tenant, id)), retiring } },
      );
      if (matchedCount === 0)
        throw new ProvostError('CONCURRENT_WRITE', 'Somebody else replaced the secret at the same time; try again.');
      return true;
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
  placesIn: ({ _id, tenant = '' }) => [
    ['secret', contextOf(tenant, _id)],
    ['retiring.secret', contextOf(tenant, _id)],
  ],
};
