import { createHash } from 'node:crypto';
import { type Connection, Schema } from 'mongoose';
import type { ResourceId, TenantId } from '../../domain/ids.ts';
import { isDuplicateKey } from '../connect.ts';
import { isSame, macOf } from './authenticate.ts';
import type { HeadDocument } from './heads.ts';
import type { AuditKeys } from './keys.ts';

/** Where one chain ended when it was sealed. */
export interface SealedHead {
  readonly resourceId: ResourceId;
  readonly sequence: number;
  readonly hash: string;
}

/** What is written out of a seal. `hash` covers the seal before it and every head in this one; `mac` authenticates it. */
export interface AuditSeal {
  readonly tenant: TenantId;
  /** 1 for the tenant's first. */
  readonly number: number;
  readonly at: string;
  readonly previous: string;
  readonly hash: string;
  readonly key: string;
  readonly mac: string;
}

interface SealDocument extends AuditSeal {
  readonly _id: string;
  readonly heads: readonly SealedHead[];
  /** It was not written out yet everywhere where it is to be. */
  readonly unwritten?: boolean;
}

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    number: { type: Number, required: true },
    at: { type: String, required: true },
    heads: { type: Schema.Types.Mixed, required: true },
    previous: { type: String, required: true },
    hash: { type: String, required: true },
    key: { type: String, required: true },
    mac: { type: String, required: true },
    unwritten: { type: Boolean },
  },
  { collection: 'audit-seals', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, number: 1 }, { unique: true });
schema.index({ unwritten: 1, tenant: 1, number: 1 }, { partialFilterExpression: { unwritten: true } });

/** Heads of one seal at most, and what is read at once. */
const PAGE = 500;

export type AuditSeals = ReturnType<typeof createAuditSeals>;

/**
 * Seals of each tenant, one upon the other, each over the heads that moved since the one before. Written out of the
 * database they show later whether chains, heads and seals in it were exchanged together, or put back to an earlier state.
 */
export function createAuditSeals(connection: Connection, keys: AuditKeys) {
  const documents = connection.model('AuditSeal', schema).collection;
  const heads = connection.collection('audit-heads');

  async function newest(tenant: TenantId): Promise<Pick<AuditSeal, 'number' | 'hash'>> {
    const [found] = await documents.find({ tenant }).sort({ number: -1 }).limit(1).toArray();
    return (found as unknown as SealDocument | undefined) ?? { number: 0, hash: '' };
  }

  /** @returns false where another process has sealed meanwhile */
  async function seal(tenant: TenantId, moved: readonly HeadDocument[], at: string): Promise<boolean> {
    const before = await newest(tenant);
    const key = await keys.active();
    const sealed = moved.map(({ resourceId, sequence, hash }) => ({ resourceId, sequence, hash }));
    const unhashed = { tenant, number: before.number + 1, at, previous: before.hash };
    const hash = hashOf(unhashed, sealed as SealedHead[]);
    const document = { ...unhashed, heads: sealed, hash, key: key.id, mac: macOf(key, 'seal', [hash]) };
    try {
      await documents.insertOne({ _id: `${tenant}/${unhashed.number}`, ...document, unwritten: true } as never);
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
    await heads.bulkWrite(
      moved.map(({ _id, sequence }) => ({
        updateOne: { filter: { _id: _id as never, tenant, sequence }, update: { $unset: { unsealed: '' } } },
      })),
      { ordered: false },
    );
    return true;
  }

  return {
    /** Seals what moved since the last seals. Costs as much as there is of that. */
    async sealMoved(now: () => Date): Promise<number> {
      for (let count = 0; ; ) {
        const query = heads.find({ unsealed: true }).sort({ tenant: 1, _id: 1 }).limit(PAGE);
        const moved = (await query.toArray()) as unknown as HeadDocument[];
        for (const [tenant, some] of Map.groupBy(moved, (head) => head.tenant as TenantId)) {
          if (!(await seal(tenant, some, now().toISOString()))) return count;
          count += 1;
        }
        if (moved.length < PAGE) return count;
      }
    },

    /** Writes out what was not yet, in order. What `write` throws leaves the rest for the next time. */
    async writeOut(write: (seal: AuditSeal) => Promise<void>): Promise<void> {
      const query = documents.find({ unwritten: true }, { projection: { heads: 0, unwritten: 0 } });
      for (const found of await query.sort({ tenant: 1, number: 1 }).limit(PAGE).toArray()) {
        const { _id, ...seal } = found as unknown as SealDocument;
        await write(seal);
        await documents.updateOne({ _id: _id as never, tenant: seal.tenant }, { $unset: { unwritten: '' } });
      }
    },

    /** A tenant's seals behind a number, in order. */
    async list(tenant: TenantId, after: number, limit = 50): Promise<(AuditSeal & { heads: readonly SealedHead[] })[]> {
      const found = await documents
        .find({ tenant, number: { $gt: after } })
        .sort({ number: 1 })
        .limit(limit)
        .toArray();
      return found as never;
    },

    /** Why a seal is not the one that follows `before`. */
    async faultOf(
      seal: AuditSeal & { readonly heads: readonly SealedHead[] },
      before: Pick<AuditSeal, 'number' | 'hash'>,
    ): Promise<string | undefined> {
      if (seal.number !== before.number + 1) return 'a seal is missing';
      if (seal.previous !== before.hash) return 'it does not follow the seal before it';
      if (!isSame(hashOf(seal, seal.heads), seal.hash)) return 'its content was altered';
      const key = await keys.find(seal.key);
      if (key === undefined) return 'its key is unknown';
      return isSame(macOf(key, 'seal', [seal.hash]), seal.mac) ? undefined : 'it is forged';
    },
  };
}

const hashOf = (
  { tenant, number, at, previous }: Pick<AuditSeal, 'tenant' | 'number' | 'at' | 'previous'>,
  heads: readonly SealedHead[],
): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        ...[tenant, number, at, previous],
        heads.map(({ resourceId, sequence, hash }) => [resourceId, sequence, hash]),
      ]),
    )
    .digest('hex');
