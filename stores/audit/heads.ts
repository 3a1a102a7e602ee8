import { type Connection, Schema } from 'mongoose';
import type { ResourceId, TenantId } from '../../domain/ids.ts';
import { isDuplicateKey } from '../connect.ts';
import { isSame, macOf } from './authenticate.ts';
import type { AuditKeys } from './keys.ts';

/** A chain's last entry, as far as it was noted. */
export interface ChainEnd {
  readonly sequence: number;
  readonly hash: string;
}

export interface ChainKey {
  readonly tenant: TenantId;
  readonly resourceId: ResourceId;
}

/** First and last sequence of entries that an older release wrote without a key. */
export type UnkeyedRange = readonly [first: number, last: number];

export interface HeadDocument extends ChainEnd {
  readonly _id: string;
  readonly tenant: string;
  readonly resourceId: string;
  /** Id of the audit key that `mac` was made with. */
  readonly key: string;
  readonly mac: string;
  readonly unkeyed?: readonly UnkeyedRange[];
  readonly unkeyedKey?: string;
  readonly unkeyedMac?: string;
  /** It moved since the last seal. */
  readonly unsealed?: boolean;
}

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    resourceId: { type: String, required: true },
    sequence: { type: Number, required: true },
    hash: { type: String, required: true },
    key: { type: String, required: true },
    mac: { type: String, required: true },
    unkeyed: { type: Schema.Types.Mixed },
    unkeyedKey: { type: String },
    unkeyedMac: { type: String },
    unsealed: { type: Boolean },
  },
  { collection: 'audit-heads', versionKey: false, strict: 'throw' },
);
// What the next seals cover: as many as moved since the last ones, however many there are.
schema.index({ unsealed: 1, tenant: 1, _id: 1 }, { partialFilterExpression: { unsealed: true } });

/** Heads that are read at once. */
const PAGE = 500;

export type AuditHeads = ReturnType<typeof createAuditHeads>;

/** Where each chain ends, apart from the chain and authenticated, so that entries cut off at its end are missed. */
export function createAuditHeads(connection: Connection, keys: AuditKeys) {
  const documents = connection.model('AuditHead', schema).collection;

  return {
    async find({ tenant, resourceId }: ChainKey): Promise<HeadDocument | undefined> {
      const found = await documents.findOne({ _id: headId({ tenant, resourceId }) as never, tenant });
      return (found as unknown as HeadDocument | null) ?? undefined;
    },

    /** Notes that the chain goes as far as this. A head that is further already stays. */
    async advance(chain: ChainKey, { sequence, hash }: ChainEnd): Promise<void> {
      const key = await keys.active();
      const mac = macOf(key, 'head', headMaterial(chain, { sequence, hash }));
      const { tenant, resourceId } = chain;
      try {
        await documents.updateOne(
          { _id: headId(chain) as never, tenant, sequence: { $lt: sequence } },
          { $set: { resourceId, sequence, hash, key: key.id, mac, unsealed: true } },
          { upsert: true },
        );
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },

    /** Marks which entries of a chain an older release wrote. */
    async markUnkeyed(chain: ChainKey, unkeyed: readonly UnkeyedRange[]): Promise<void> {
      const key = await keys.active();
      const unkeyedMac = macOf(key, 'unkeyed', unkeyedMaterial(chain, unkeyed));
      await documents.updateOne(
        { _id: headId(chain) as never, tenant: chain.tenant },
        { $set: { unkeyed, unkeyedKey: key.id, unkeyedMac } },
      );
    },

    /** Every chain of a tenant that has a head, in the order of resource ids. */
    async *chainsOf(tenant: TenantId): AsyncGenerator<ResourceId> {
      for (let after = `${tenant}/`; ; ) {
        const behind = { tenant, _id: { $gt: after, $lt: `${tenant}0` } };
        const query = documents.find(behind as never, { projection: { resourceId: 1 } }).sort({ _id: 1 });
        const page = await query.limit(PAGE).toArray();
        for (const { resourceId } of page) yield resourceId as ResourceId;
        const last = page.at(-1);
        if (last === undefined || page.length < PAGE) return;
        after = String(last._id);
      }
    },

    /** Whether a head is as Provost wrote it. */
    async isAuthentic(head: HeadDocument): Promise<boolean> {
      const chain = chainOf(head);
      const key = await keys.find(head.key);
      if (key === undefined || !isSame(head.mac, macOf(key, 'head', headMaterial(chain, head)))) return false;
      if (head.unkeyed === undefined) return true;
      const marked = await keys.find(head.unkeyedKey ?? '');
      const mac = marked && macOf(marked, 'unkeyed', unkeyedMaterial(chain, head.unkeyed));
      return mac !== undefined && isSame(head.unkeyedMac ?? '', mac);
    },
  };
}

export const headId = ({ tenant, resourceId }: ChainKey): string => `${tenant}/${resourceId}`;

const chainOf = ({ tenant, resourceId }: HeadDocument): ChainKey => ({
  tenant: tenant as TenantId,
  resourceId: resourceId as ResourceId,
});

const headMaterial = ({ tenant, resourceId }: ChainKey, { sequence, hash }: ChainEnd) => [
  tenant,
  resourceId,
  sequence,
  hash,
];

const unkeyedMaterial = ({ tenant, resourceId }: ChainKey, unkeyed: readonly UnkeyedRange[]) => [
  tenant,
  resourceId,
  unkeyed,
];
