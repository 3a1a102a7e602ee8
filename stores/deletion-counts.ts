import { type Connection, Schema } from 'mongoose';
import type { ResourceId, TargetId, TenantId } from '../domain/ids.ts';
import { isDuplicateKey } from './connect.ts';

interface WindowDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly count: number;
  readonly most: number;
  readonly expiresAt: Date;
}

const windows = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    count: { type: Number, required: true },
    most: { type: Number, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'deletion-windows', versionKey: false, strict: 'throw' },
);
windows.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

const grants = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'deletion-grants', versionKey: false, strict: 'throw' },
);
grants.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export interface DeletionAsked {
  readonly tenant: TenantId;
  readonly target: TargetId;
  readonly resourceId: ResourceId;
  readonly windowMs: number;
  readonly now: number;
  /** How many the window lets through; asked once, when it begins. */
  most(): Promise<number>;
}

export type DeletionCountStore = ReturnType<typeof createDeletionCountStore>;

/** How many accounts were deleted at each target in each window of its guard. */
export function createDeletionCountStore(connection: Connection) {
  const counts = connection.model('DeletionWindow', windows).collection;
  const granted = connection.model('DeletionGrant', grants).collection;

  async function begin(_id: string, asked: DeletionAsked, expiresAt: Date): Promise<void> {
    if ((await counts.findOne({ _id: _id as never, tenant: asked.tenant })) !== null) return;
    const document = { _id, tenant: asked.tenant, count: 0, most: await asked.most(), expiresAt };
    try {
      await counts.insertOne(document as never);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  return {
    /**
     * Takes one of the deletions that a window lets through. Exact however many ask at once: the counter only grows
     * below its bound, in one write. A repeated attempt of the same resource takes none again.
     *
     * @returns false where the window is used up
     */
    async take(asked: DeletionAsked): Promise<boolean> {
      const { tenant, target, resourceId, windowMs, now } = asked;
      const begins = Math.floor(now / windowMs) * windowMs;
      const window = `${tenant}:${target}:${begins}`;
      const grant = `${window}:${resourceId}`;
      const expiresAt = new Date(begins + 2 * windowMs);
      if ((await granted.findOne({ _id: grant as never, tenant })) !== null) return true;
      await begin(window, asked, expiresAt);
      const taken = await counts.updateOne(
        { _id: window as never, tenant, $expr: { $lt: ['$count', '$most'] } },
        { $inc: { count: 1 } },
      );
      if (taken.modifiedCount === 0) return false;
      // A worker that dies between the two writes loses one deletion of the window, which errs on the safe side.
      await granted.updateOne({ _id: grant as never, tenant }, { $set: { tenant, expiresAt } }, { upsert: true });
      return true;
    },

    /** What the window of a moment has let through. */
    async used(tenant: TenantId, target: TargetId, windowMs: number, now: number): Promise<number> {
      const window = `${tenant}:${target}:${Math.floor(now / windowMs) * windowMs}`;
      const found = await counts.findOne({ _id: window as never, tenant });
      return (found as unknown as WindowDocument | null)?.count ?? 0;
    },
  };
}
