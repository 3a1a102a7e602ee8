import { type Connection, Schema } from 'mongoose';
import { type Approval, type ApprovalState, askedNow } from '../domain/approval/approval.ts';
import type { ApprovalId, ChangeId, ResourceId, TargetId, TenantId } from '../domain/ids.ts';
import type { Sealer } from '../domain/sealing.ts';
import { isDuplicateKey } from './connect.ts';
import { IdCollisionError } from './id-collision.ts';
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
    superseded: { type: Boolean },
    unreadable: { type: Boolean },
    content: { type: String, required: true },
  },
  { collection: 'approvals', versionKey: false, strict: 'throw', minimize: false },
);
schema.index({ tenant: 1, state: 1, _id: 1 });
schema.index({ tenant: 1, resourceId: 1, state: 1 });
schema.index({ tenant: 1, asks: 1, _id: 1 });
// What a target must not learn of a resource: approvals that later ones have not superseded, in the order of asking.
schema.index({ tenant: 1, resourceId: 1, target: 1, superseded: 1, askedAt: 1, _id: 1 });

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

  /** @throws where the record is damaged */
  const read = ({ _id, asks: _asks, content, ...rest }: ApprovalDocument): Approval => {
    const approval: Approval = {
      ...rest,
      id: _id as ApprovalId,
      ...(sealer.unseal(content, contextOf(rest.tenant, _id)) as Sealed),
    };
    if (!isWellFormed(approval)) throw new Error(`the record of the approval ${_id} is damaged`);
    return approval;
  };

  /** A damaged record hides none of the others. Nobody can approve by it, and it can be withdrawn. */
  const toApproval = (document: ApprovalDocument): Approval => {
    try {
      return read(document);
    } catch {
      return unreadable(document);
    }
  };

  return {
    /** Asked once. @returns the approval as it stands: an attempt of persisting that was repeated finds it there */
    async add(approval: Approval): Promise<Approval> {
      try {
        await documents.insertOne(toDocument(approval) as never);
        return approval;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const earlier = await this.find(approval.tenant, approval.id);
        if (earlier === undefined) throw new IdCollisionError('approvals');
        return earlier;
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

    /**
     * What was asked about a resource at a target and still says what it may see, the oldest first. There is at most
     * one for each attribute, and one for the account: {@link supersede}.
     *
     * @throws where a record is damaged: the target sees nothing that it may withhold
     */
    async ofTarget(tenant: TenantId, resourceId: ResourceId, target: TargetId): Promise<Approval[]> {
      const found = await documents
        .find({ tenant, resourceId, target, superseded: null } as never)
        .sort({ askedAt: 1, _id: 1 })
        .toArray();
      return found.map((document) => read(document as unknown as ApprovalDocument));
    },

    /** The same of several targets, and whatever one change has asked about there. */
    async ofTargets(
      tenant: TenantId,
      resourceId: ResourceId,
      targets: readonly TargetId[],
      change: ChangeId,
    ): Promise<ReadonlyMap<TargetId, readonly Approval[]>> {
      const found = await documents
        .find({ tenant, resourceId, target: { $in: targets }, $or: [{ superseded: null }, { change }] } as never)
        .sort({ askedAt: 1, _id: 1 })
        .toArray();
      const approvals = found.map((document) => read(document as unknown as ApprovalDocument));
      return new Map(targets.map((target) => [target, approvals.filter((approval) => approval.target === target)]));
    },

    /** Marks approvals that later ones have superseded: what a target may see is told without them. */
    async supersede(tenant: TenantId, ids: readonly ApprovalId[]): Promise<void> {
      if (ids.length === 0) return;
      await documents.updateMany({ _id: { $in: ids as never[] }, tenant } as never, { $set: { superseded: true } });
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

const STATES: ReadonlySet<unknown> = new Set<ApprovalState>([
  'waiting',
  'granted',
  'refused',
  'expired',
  'withdrawn',
  'cancelled',
]);

const areTexts = (values: unknown): boolean =>
  Array.isArray(values) && values.every((value) => typeof value === 'string');

/** What everything that reads an approval goes by. */
function isWellFormed(approval: Approval): boolean {
  const { stages, stage, state, touches, decisions, differences, expiresAt } = approval;
  const areStages =
    Array.isArray(stages) &&
    stages.every((one) => areTexts(one?.approvers) && Number.isFinite(one.needs)) &&
    stages[stage] !== undefined;
  const isSealedPart = Array.isArray(decisions) && Array.isArray(differences);
  const isKnown = STATES.has(state) && isMoment(expiresAt) && approval.unreadable === undefined;
  return areStages && isSealedPart && areTexts(touches) && isKnown;
}

const isMoment = (value: unknown): value is string => typeof value === 'string' && Number.isFinite(Date.parse(value));

/** A time that cannot be read is long past: what waits expires. */
const momentOf = (value: unknown): string => (isMoment(value) ? value : new Date(0).toISOString());

/** What can be told of a damaged record. */
function unreadable(document: ApprovalDocument): Approval {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const { _id, tenant, change, target, resourceType, resourceId, operation, rule, requester, state } = document;
  return {
    id: _id as ApprovalId,
    tenant,
    change: text(change) as ChangeId,
    ...(target === undefined ? {} : { target }),
    resourceType: text(resourceType),
    resourceId: text(resourceId) as ResourceId,
    operation: text(operation),
    rule: text(rule),
    requester: text(requester),
    touches: [],
    differences: [],
    stages: [{ approvers: [], needs: 1, expiresAfterMs: 0 }],
    stage: 0,
    // Nothing is granted by what cannot be read.
    state: STATES.has(state) && state !== 'granted' ? state : 'cancelled',
    decisions: [],
    askedAt: momentOf(document.askedAt),
    stageSince: momentOf(document.stageSince),
    expiresAt: momentOf(document.expiresAt),
    unreadable: true,
  };
}

const contextOf = (tenant: TenantId, id: string): string => `${tenant}/approvals/${id}`;

export const SEALED_APPROVALS: SealedCollection = {
  collection: 'approvals',
  placesIn: ({ _id, tenant }) => [['content', contextOf(tenant as TenantId, _id)]],
};
