import { type Connection, Schema } from 'mongoose';
import type { Influence, InfluencingChange, Party } from '../domain/approval/influence.ts';
import {
  type ChangeBody,
  type ChangeRequest,
  type ChangeState,
  hasEnded,
  type StepOutcome,
  type StoredReference,
  type UndoStanding,
} from '../domain/change.ts';
import type { Decision } from '../domain/decide.ts';
import type { ErrorCode, ErrorFacts } from '../domain/errors.ts';
import type { ChangeId, JobId, ResourceId, ServiceProviderId, TargetId, TenantId } from '../domain/ids.ts';
import type { Sealer } from '../domain/sealing.ts';
import { isDuplicateKey } from './connect.ts';
import { IdCollisionError } from './id-collision.ts';
import { endedOfJob, openOfJobs, UNDER_WAY } from './job-outcomes.ts';
import type { SealedCollection } from './sealed-places.ts';

export interface ChangeError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly facts: ErrorFacts;
}

/** A change as its record tells it: everything but what the client sent. */
export interface ChangeRecord extends Omit<ChangeRequest, 'body'> {
  readonly policyVersion: number;
  /** Until it is persisted: it may be one. */
  readonly urgent: boolean;
  readonly state: ChangeState;
  readonly reference?: StoredReference;
  readonly error?: ChangeError;
  readonly decision?: Decision;
  readonly steps: readonly StepOutcome[];
  readonly undo?: UndoStanding;
  readonly settledAt?: string;
  /** What it wrote that decides who is asked for approvals, or who answers; kept where a tenant has approval rules. */
  readonly influences?: { readonly what: readonly Influence[]; readonly at: string };
}

interface ChangeDocument extends Omit<ChangeRecord, 'id'> {
  readonly _id: string;
  /** Sealed request; removed when nothing can need it again. */
  readonly body?: string;
  /** When a worker last saw that its workflow is there, or the change was received. Absent: nobody looks again. */
  readonly checkedAt?: string;
}

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    source: { type: String, required: true },
    actor: { type: String, required: true },
    serviceProvider: { type: String, required: true },
    operation: { type: String, required: true },
    resourceType: { type: String, required: true },
    resourceId: { type: String, required: true },
    idempotencyKey: { type: String, required: true },
    fingerprint: { type: String, required: true },
    receivedAt: { type: String, required: true },
    expectedVersion: { type: String },
    policyVersion: { type: Number, required: true },
    urgent: { type: Boolean, required: true },
    state: { type: String, required: true },
    body: { type: String },
    reference: { type: Schema.Types.Mixed },
    error: { type: Schema.Types.Mixed },
    decision: { type: Schema.Types.Mixed },
    steps: { type: [Schema.Types.Mixed], required: true },
    undo: { type: Schema.Types.Mixed },
    settledAt: { type: String },
    job: { type: String },
    checkedAt: { type: String },
    partOf: { type: String },
    influences: { type: Schema.Types.Mixed },
  },
  { collection: 'changes', versionKey: false, strict: 'throw', minimize: false },
);
schema.index({ tenant: 1, receivedAt: -1, _id: 1 });
// Lists, newest first. The `_id` at the end lets a page begin behind any change without sorting what is left.
schema.index({ tenant: 1, resourceId: 1, receivedAt: -1, _id: 1 });
schema.index({ tenant: 1, state: 1, receivedAt: -1, _id: 1 });
schema.index({ tenant: 1, serviceProvider: 1, receivedAt: -1, _id: 1 });
schema.index({ tenant: 1, job: 1, state: 1 }, { partialFilterExpression: { job: { $exists: true } } });
// Changes that have not ended, the one first that was looked at longest ago.
schema.index({ tenant: 1, checkedAt: 1 }, { partialFilterExpression: { checkedAt: { $exists: true } } });

// Who changed lately what decides who is asked for approvals.
schema.index(
  { tenant: 1, resourceId: 1, 'influences.at': -1 },
  { partialFilterExpression: { influences: { $exists: true } } },
);

export type ChangeUpdate = Partial<
  Pick<
    ChangeRecord,
    'state' | 'urgent' | 'influences' | 'reference' | 'error' | 'decision' | 'steps' | 'undo' | 'settledAt'
  >
>;
export type ChangeStore = ReturnType<typeof createChangeStore>;

/** Every change ever accepted. A record never disappears; what the client sent is sealed, and dropped once settled. */
export function createChangeStore(connection: Connection, sealer: Sealer) {
  const documents = connection.model('Change', schema).collection;

  const toRecord = ({ _id, body: _sealed, checkedAt: _checked, ...rest }: ChangeDocument): ChangeRecord => ({
    ...rest,
    id: _id as ChangeId,
  });

  return {
    /**
     * Records a request before anything is done about it.
     *
     * @returns undefined, or the record that holds this id already: the same request came before
     */
    async accept(request: ChangeRequest, policyVersion: number, urgent: boolean): Promise<ChangeRecord | undefined> {
      const { id, body, ...rest } = request;
      const document: ChangeDocument = {
        _id: id,
        ...rest,
        policyVersion,
        urgent,
        state: 'received',
        steps: [],
        checkedAt: request.receivedAt,
        ...(body.kind === 'delete' ? {} : { body: sealer.seal(body, bodyContext(request.tenant, id)) }),
      };
      try {
        await documents.insertOne(document as never);
        return undefined;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const earlier = await this.find(request.tenant, id);
        if (earlier === undefined) throw new IdCollisionError('changes');
        return earlier;
      }
    },

    async find(tenant: TenantId, id: ChangeId): Promise<ChangeRecord | undefined> {
      const found = await documents.findOne({ _id: id as never, tenant }, { projection: { body: 0 } });
      return found === null ? undefined : toRecord(found as unknown as ChangeDocument);
    },

    /** @returns the change with what the client sent, unsealed; the body is undefined once it was dropped */
    async findWithBody(
      tenant: TenantId,
      id: ChangeId,
    ): Promise<{ change: ChangeRecord; body: ChangeBody | undefined } | undefined> {
      const found = (await documents.findOne({ _id: id as never, tenant })) as unknown as ChangeDocument | null;
      if (found === null) return undefined;
      const body: ChangeBody | undefined =
        found.operation === 'delete'
          ? { kind: 'delete' }
          : found.body === undefined
            ? undefined
            : (sealer.unseal(found.body, bodyContext(tenant, id)) as ChangeBody);
      return { change: toRecord(found), body };
    },

    /**
     * Sets what is given; `dropBody` removes the sealed request for good.
     *
     * @returns whether this call ended the change: it had not ended before, and its state now says so
     */
    async update(
      tenant: TenantId,
      id: ChangeId,
      update: ChangeUpdate,
      options: { readonly dropBody?: boolean } = {},
    ): Promise<boolean> {
      const ends = update.state !== undefined && hasEnded(update.state);
      const unset = { ...(options.dropBody ? { body: '' } : {}), ...(ends ? { checkedAt: '' } : {}) };
      const query = { _id: id as never, tenant };
      const set = { $set: update, ...(Object.keys(unset).length === 0 ? {} : { $unset: unset }) };
      if (!ends) {
        await documents.updateOne(query, set);
        return false;
      }
      const before = await documents.findOneAndUpdate(query, set, {
        projection: { state: 1 },
        returnDocument: 'before',
      });
      return before !== null && !hasEnded(before['state'] as ChangeState);
    },

    /** Changes by a party that had influence on who is asked for approvals, the latest first. */
    async influencesOn(tenant: TenantId, { on, what, by, since, limit }: InfluenceQuery): Promise<InfluencingChange[]> {
      const found = await documents
        .find(
          {
            tenant,
            resourceId: { $in: on },
            influences: { $exists: true },
            'influences.at': { $gte: since },
            'influences.what': { $in: what },
            $or: [{ actor: { $in: by.actors } }, { serviceProvider: by.serviceProvider }],
          } as never,
          { projection: { actor: 1, resourceId: 1 } },
        )
        .sort({ 'influences.at': -1 })
        .limit(limit)
        .toArray();
      return found.map(({ _id, actor, resourceId }) => ({ change: String(_id), actor, on: resourceId }));
    },

    /** Service providers that these changes came from. Changes that are not known are left out. */
    async serviceProvidersOf(tenant: TenantId, ids: readonly ChangeId[]): Promise<Map<ChangeId, ServiceProviderId>> {
      const found = await documents
        .find({ _id: { $in: ids as never[] }, tenant } as never, { projection: { serviceProvider: 1 } })
        .toArray();
      return new Map(found.map((row) => [String(row['_id']) as ChangeId, row['serviceProvider'] as ServiceProviderId]));
    },

    /** Changes of a job that are under way, counted up to `most`. One that is parked waits for a person, and is none. */
    countOpenOfJob: (tenant: TenantId, job: JobId, most: number): Promise<number> =>
      documents.countDocuments({ tenant, job, state: { $in: UNDER_WAY } } as never, { limit: most }),

    openOfJobs: (tenant: TenantId, jobs: readonly JobId[]) => openOfJobs(documents, tenant, jobs),

    endedOfJob: (tenant: TenantId, job: JobId) => endedOfJob(documents, tenant, job),

    /** Changes of a job that were recorded before a moment, and have not been taken up, the oldest first. */
    async receivedOfJob(tenant: TenantId, job: JobId, before: string, limit: number): Promise<ChangeRecord[]> {
      const found = await documents
        .find({ tenant, job, state: 'received', receivedAt: { $lt: before } } as never, { projection: { body: 0 } })
        .sort({ receivedAt: 1 })
        .limit(limit)
        .toArray();
      return found.map((document) => toRecord(document as unknown as ChangeDocument));
    },

    /** Changes that have not ended and were not looked at since a moment, the one first that was not for longest. */
    async uncheckedSince(tenant: TenantId, moment: string, limit: number): Promise<ChangeRecord[]> {
      const found = await documents
        .find({ tenant, checkedAt: { $lt: moment } } as never, { projection: { body: 0 } })
        .sort({ checkedAt: 1 })
        .limit(limit)
        .toArray();
      return found.map((document) => toRecord(document as unknown as ChangeDocument));
    },

    /** Notes that a change was looked at. @param at undefined: nobody has to look again */
    async checked(tenant: TenantId, id: ChangeId, at: string | undefined): Promise<void> {
      await documents.updateOne(
        // What has ended meanwhile is not looked for any more.
        { _id: id as never, tenant, checkedAt: { $exists: true } },
        at === undefined ? { $unset: { checkedAt: '' } } : { $set: { checkedAt: at } },
      );
    },

    /** Changes with a step that is parked so. */
    countParked: (tenant: TenantId, like: ParkedLike): Promise<number> =>
      documents.countDocuments({ tenant, ...parkedLike(like) } as never),

    /** Newest first, by key: `before` is the last record of the page before. */
    async list(tenant: TenantId, query: ChangeQuery): Promise<ChangeRecord[]> {
      const { state, resourceId, serviceProvider, parkedAt, before, limit } = query;
      const found = await documents
        .find(
          {
            tenant,
            ...(state === undefined ? {} : { state }),
            ...(resourceId === undefined ? {} : { resourceId }),
            ...(serviceProvider === undefined ? {} : { serviceProvider }),
            ...(parkedAt === undefined ? {} : parkedLike(parkedAt)),
            ...(before === undefined
              ? {}
              : {
                  $or: [
                    { receivedAt: { $lt: before.receivedAt } },
                    { receivedAt: before.receivedAt, _id: { $gt: before.id as never } },
                  ],
                }),
          },
          { projection: { body: 0 } },
        )
        .sort({ receivedAt: -1, _id: 1 })
        .limit(limit)
        .toArray();
      return found.map((document) => toRecord(document as unknown as ChangeDocument));
    },
  };
}

/** Which parked steps. The index of parked changes is what is gone through. */
export interface ParkedLike {
  readonly target?: TargetId;
  readonly code?: string;
  /** Whether it is one that was to take the change back. */
  readonly undoing?: boolean;
}

const parkedLike = ({ target, code, undoing }: ParkedLike) => ({
  state: 'parked',
  steps: {
    $elemMatch: {
      result: 'parked',
      ...(target === undefined ? {} : { target }),
      ...(code === undefined ? {} : { code }),
      ...(undoing === undefined ? {} : { undoing: undoing ? true : { $exists: false } }),
    },
  },
});

export interface ChangeQuery {
  readonly state?: ChangeState;
  readonly resourceId?: ResourceId;
  readonly serviceProvider?: ServiceProviderId;
  /** Of parked ones: those with a step that is parked there, or with this code. */
  readonly parkedAt?: ParkedLike;
  readonly before?: { readonly receivedAt: string; readonly id: ChangeId };
  /** 1–200 */
  readonly limit: number;
}

const bodyContext = (tenant: TenantId, id: ChangeId): string => `${tenant}/changes/${id}/body`;

export const SEALED_CHANGES: SealedCollection = {
  collection: 'changes',
  placesIn: ({ _id, tenant }) => [['body', bodyContext(tenant as TenantId, _id as ChangeId)]],
};

/** Whose influence on which users or groups is looked for. */
export interface InfluenceQuery {
  readonly on: readonly ResourceId[];
  readonly what: readonly Influence[];
  readonly by: Party;
  /** ISO 8601 UTC. */
  readonly since: string;
  readonly limit: number;
}
