import { type Connection, Schema } from 'mongoose';
import { type Approval, type ApprovalState, askedNow } from '../domain/approval/approval.ts';
import type { ApprovalId, ChangeId, ResourceId, TargetId, TenantId } from '../domain/ids.ts';
import type { Sealer } from '../domain/sealing.ts';
import { isDuplicateKey } from './connect.ts';
import type { SealedCollection } from './sealed-places.ts';

/** What people are shown and what they said: personal data, so it is sealed. */
type Sealed = Pick<Approval, 'differences' | 'decisions'>;

type ApprovalDocument = Omit<Approval, 'id' | keyof Sealed> & {
  readonly _id: string;
  /** Those who are asked now, while it waits; for the index of inboxes. */
  readonly asks: readonly string[];
  readonly content: string;
};

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    change: { type: String, required: true },
    target: { type: String },
    creates: { type: Boolean },
    resourceType: { type: String, required: true },
    resourceId: { type: String, required: true },
    operation: { type: String, required: true },
    rule: { type: String, required: true },
    requester: { type: String, required: true },
    touches: { type: [String], required: true },
    stages: { type: [Schema.Types.Mixed], required: true },
    stage: { type: Number, required: true },
    state: { type: String, required: true },
    askedAt: { type: String, required: true },
    stageSince: { type: String, required: true },
    remindedAt: { type: String },
    expiresAt: { type: String, required: true },
    asks: { type: [String], required: true },
    content: { type: String, required: true },
  },
  { collection: 'approvals', versionKey: false, strict: 'throw', minimize: false },
);
schema.index({ tenant: 1, state: 1, _id: 1 });
schema.index({ tenant: 1, resourceId: 1, state: 1 });
schema.index({ tenant: 1, asks: 1, _id: 1 });

export interface ApprovalQuery {
  readonly state?: ApprovalState;
  /** Only what waits for one of these. */
  readonly asks?: readonly string[];
  /** Id of the last one of the page before. */
  readonly after?: string;
  readonly limit: number;
}

export type ApprovalStore = ReturnType<typeof createApprovalStore>;

/** What changes wait for, or waited for. Written by the resource's workflow alone, one thing after another. */
export function createApprovalStore(connection: Connection, sealer: Sealer) {
  const documents = connection.model('Approval', schema).collection;

  const toDocument = ({ id, differences, decisions, ...rest }: Approval): ApprovalDocument => ({
    ...rest,
    _id: id,
    asks: rest.state === 'waiting' ? askedNow(rest) : [],
    content: sealer.seal({ differences, decisions }, contextOf(rest.tenant, id)),
  });

  const toApproval = ({ _id, asks: _asks, content, ...rest }: ApprovalDocument): Approval => ({
    ...rest,
    id: _id as ApprovalId,
    ...(sealer.unseal(content, contextOf(rest.tenant, _id)) as Sealed),
  });

  return {
    /** Asked once. @returns the approval as it stands: an attempt of persisting that was repeated finds it there */
    async add(approval: Approval): Promise<Approval> {
      try {
        await documents.insertOne(toDocument(approval) as never);
        return approval;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        return (await this.find(approval.tenant, approval.id)) ?? approval;
      }
    },

    async find(tenant: TenantId, id: ApprovalId): Promise<Approval | undefined> {
      const found = await documents.findOne({ _id: id as never, tenant });
      return found === null ? undefined : toApproval(found as unknown as ApprovalDocument);
    },

    async replace(approval: Approval): Promise<void> {
      const { _id, ...document } = toDocument(approval);
      await documents.replaceOne({ _id: _id as never, tenant: approval.tenant }, document as never);
    },

    /** What changes of a resource touch that wait to be written, those that should have expired by then left out. */
    async waitingOf(
      tenant: TenantId,
      resourceId: ResourceId,
      at: string,
    ): Promise<Pick<Approval, 'change' | 'touches'>[]> {
      const waiting = { tenant, resourceId, target: null, state: 'waiting', expiresAt: { $gt: at } };
      const found = await documents.find(waiting as never, { projection: { touches: 1, change: 1 } }).toArray();
      return found.map((row) => ({ change: row['change'] as ChangeId, touches: row['touches'] as string[] }));
    },

    /** All that was ever asked about a resource at a target, the oldest first. */
    async ofTarget(tenant: TenantId, resourceId: ResourceId, target: TargetId): Promise<Approval[]> {
      const found = await documents
        .find({ tenant, resourceId, target } as never)
        .sort({ askedAt: 1, _id: 1 })
        .toArray();
      return found.map((document) => toApproval(document as unknown as ApprovalDocument));
    },

    /** By id, a page at a time. */
    async list(tenant: TenantId, { state, asks, after, limit }: ApprovalQuery): Promise<Approval[]> {
      const found = await documents
        .find({
          tenant,
          ...(state === undefined ? {} : { state }),
          ...(asks === undefined ? {} : { asks: { $in: asks } }),
          ...(after === undefined ? {} : { _id: { $gt: after } }),
        } as never)
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map((document) => toApproval(document as unknown as ApprovalDocument));
    },
  };
}

const contextOf = (tenant: TenantId, id: string): string => `${tenant}/approvals/${id}`;

export const SEALED_APPROVALS: SealedCollection = {
  collection: 'approvals',
  placesIn: ({ _id, tenant }) => [['content', contextOf(tenant as TenantId, _id)]],
};
