import { type Connection, Schema } from 'mongoose';
import type { ChangeId, ResourceId, TargetId, TenantId } from '../domain/ids.ts';
import { isDuplicateKey } from './connect.ts';

/** One account that waits for a decision whether it may go. */
export interface StagedDeletion {
  readonly tenant: TenantId;
  readonly target: TargetId;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
  readonly change: ChangeId;
  /** ISO 8601 UTC, as all times here. */
  readonly since: string;
  readonly decision?: { readonly verdict: 'approved' | 'rejected'; readonly by: string; readonly at: string };
}

interface StagedDocument extends StagedDeletion {
  readonly _id: string;
  /** Whether the step was told of the decision. */
  readonly carriedOut?: boolean;
  /** Epoch milliseconds until which a worker is at it. */
  readonly claimedUntil?: number;
}

const stagedSchema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    target: { type: String, required: true },
    resourceType: { type: String, required: true },
    resourceId: { type: String, required: true },
    change: { type: String, required: true },
    since: { type: String, required: true },
    decision: { type: Schema.Types.Mixed },
    carriedOut: { type: Boolean },
    claimedUntil: { type: Number },
  },
  { collection: 'staged-deletions', versionKey: false, strict: 'throw' },
);
stagedSchema.index({ tenant: 1, target: 1, _id: 1 });
stagedSchema.index({ 'decision.verdict': 1, carriedOut: 1 });

export type StagedDeletionStore = ReturnType<typeof createStagedDeletionStore>;

/** Deletions that a target's guard held back, until somebody decides about all of a target at once. */
export function createStagedDeletionStore(connection: Connection) {
  const documents = connection.model('StagedDeletion', stagedSchema).collection;

  return {
    /** Staging the same account again keeps since when it waits. */
    async stage(staged: Omit<StagedDeletion, 'decision'>): Promise<void> {
      const _id = idOf(staged.tenant, staged.target, staged.resourceId);
      try {
        await documents.insertOne({ _id, ...staged } as never);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        // An earlier decision was about an earlier deletion.
        await documents.updateOne(
          { _id: _id as never, tenant: staged.tenant },
          { $set: { change: staged.change }, $unset: { decision: '', carriedOut: '', claimedUntil: '' } },
        );
      }
    },

    async isApproved(tenant: TenantId, target: TargetId, resourceId: ResourceId): Promise<boolean> {
      const found = await documents.findOne({ _id: idOf(tenant, target, resourceId) as never, tenant });
      return (found as unknown as StagedDocument | null)?.decision?.verdict === 'approved';
    },

    async remove(tenant: TenantId, target: TargetId, resourceId: ResourceId): Promise<void> {
      await documents.deleteOne({ _id: idOf(tenant, target, resourceId) as never, tenant });
    },

    /** How many of a target nobody has decided about. */
    count: (tenant: TenantId, target: TargetId): Promise<number> =>
      documents.countDocuments({ tenant, target, decision: { $exists: false } }),

    /** The same for each target of a tenant that has some. */
    async countByTarget(tenant: TenantId): Promise<Map<TargetId, number>> {
      const found = await documents
        .aggregate([
          { $match: { tenant, decision: { $exists: false } } },
          { $group: { _id: '$target', count: { $sum: 1 } } },
        ])
        .toArray();
      return new Map(found.map((row) => [row['_id'] as TargetId, row['count'] as number]));
    },

    /** Decides about all of a target that wait. @returns how many */
    async decide(
      tenant: TenantId,
      target: TargetId,
      decision: NonNullable<StagedDeletion['decision']>,
    ): Promise<number> {
      const result = await documents.updateMany(
        { tenant, target, decision: { $exists: false } },
        { $set: { decision, carriedOut: false } },
      );
      return result.modifiedCount;
    },

    /** Somebody who claimed it could not carry it out yet; the next look may. */
    async release({ tenant, target, resourceId }: StagedDeletion): Promise<void> {
      await documents.updateOne({ _id: idOf(tenant, target, resourceId), tenant, carriedOut: false } as never, {
        $unset: { claimedUntil: '' },
      });
    },

    /** Decisions that steps were not told of, of all tenants, for this worker alone to tell until `until`. For processes, not for requests. */
    async claimDecided(limit: number, now: number, until: number): Promise<StagedDeletion[]> {
      const open = { $or: [{ claimedUntil: { $exists: false } }, { claimedUntil: { $lt: now } }] };
      const found = (await documents
        .find({ 'decision.verdict': { $in: ['approved', 'rejected'] }, carriedOut: false, ...open })
        .limit(limit)
        .toArray()) as unknown as StagedDocument[];
      const claimed: StagedDeletion[] = [];
      for (const document of found) {
        const { _id, tenant } = document;
        const result = await documents.updateOne({ _id, tenant, carriedOut: false, ...open } as never, {
          $set: { claimedUntil: until },
        });
        if (result.modifiedCount === 1) claimed.push(document);
      }
      return claimed;
    },

    /** The step knows: an approved one is kept until its account is gone. */
    async carriedOut({ tenant, target, resourceId, decision }: StagedDeletion): Promise<void> {
      const _id = idOf(tenant, target, resourceId) as never;
      if (decision?.verdict === 'rejected') await documents.deleteOne({ _id, tenant });
      else await documents.updateOne({ _id, tenant }, { $set: { carriedOut: true } });
    },
  };
}

const idOf = (tenant: TenantId, target: TargetId, resource: ResourceId): string => `${tenant}:${target}:${resource}`;
