import { type Connection, Schema } from 'mongoose';
import {
  type ChangeBody,
  type ChangeRequest,
  type ChangeState,
  OPEN_STATES,
  type StepOutcome,
  type StoredReference,
  type UndoStanding,
} from '../domain/change.ts';
import type { Decision } from '../domain/decide.ts';
import type { ErrorCode, ErrorFacts } from '../domain/errors.ts';
import type { ChangeId, JobId, ResourceId, ServiceProviderId, TargetId, TenantId } from '../domain/ids.ts';
import type { Sealer } from '../domain/sealing.ts';
import { isDuplicateKey } from './connect.ts';
import type { SealedCollection } from './sealed-places.ts';

export interface ChangeError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly facts: ErrorFacts;
}

/** A change as its record tells it: everything but what the client sent. */
export interface ChangeRecord extends Omit<ChangeRequest, 'body'> {
  readonly policyVersion: number;
  readonly urgent: boolean;
  readonly state: ChangeState;
  readonly reference?: StoredReference;
  readonly error?: ChangeError;
  readonly decision?: Decision;
  readonly steps: readonly StepOutcome[];
  readonly undo?: UndoStanding;
  readonly settledAt?: string;
}

interface ChangeDocument extends Omit<ChangeRecord, 'id'> {
  readonly _id: string;
  /** Sealed request; removed when nothing can need it again. */
  readonly body?: string;
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
  },
  { collection: 'changes', versionKey: false, strict: 'throw', minimize: false },
);
schema.index({ tenant: 1, receivedAt: -1, _id: 1 });
schema.index({ tenant: 1, resourceId: 1, receivedAt: -1 });
schema.index({ tenant: 1, state: 1, receivedAt: -1 });
schema.index({ tenant: 1, job: 1, state: 1 }, { partialFilterExpression: { job: { $exists: true } } });

export type ChangeUpdate = Partial<
  Pick<ChangeRecord, 'state' | 'reference' | 'error' | 'decision' | 'steps' | 'undo' | 'settledAt'>
>;
export type ChangeStore = ReturnType<typeof createChangeStore>;

/** Every change ever accepted. A record never disappears; what the client sent is sealed, and dropped once settled. */
export function createChangeStore(connection: Connection, sealer: Sealer) {
  const documents = connection.model('Change', schema).collection;

  const toRecord = ({ _id, body: _sealed, ...rest }: ChangeDocument): ChangeRecord => ({
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
        ...(body.kind === 'delete' ? {} : { body: sealer.seal(body, bodyContext(request.tenant, id)) }),
      };
      try {
        await documents.insertOne(document as never);
        return undefined;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        return this.find(request.tenant, id);
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

    /** Sets what is given; `dropBody` removes the sealed request for good. */
    async update(
      tenant: TenantId,
      id: ChangeId,
      update: ChangeUpdate,
      options: { readonly dropBody?: boolean } = {},
    ): Promise<void> {
      await documents.updateOne(
        { _id: id as never, tenant },
        { $set: update, ...(options.dropBody ? { $unset: { body: '' } } : {}) },
      );
    },

    /** Service providers that these changes came from. Changes that are not known are left out. */
    async serviceProvidersOf(tenant: TenantId, ids: readonly ChangeId[]): Promise<Map<ChangeId, ServiceProviderId>> {
      const found = await documents
        .find({ _id: { $in: ids as never[] }, tenant } as never, { projection: { serviceProvider: 1 } })
        .toArray();
      return new Map(found.map((row) => [String(row['_id']) as ChangeId, row['serviceProvider'] as ServiceProviderId]));
    },

    /** What has come of the changes that a job asked for. */
    async progressOfJob(tenant: TenantId, job: JobId): Promise<JobProgress> {
      const rows = await documents
        .aggregate([
          { $match: { tenant, job } },
          { $group: { _id: { state: '$state', results: '$steps.result' }, changes: { $sum: 1 } } },
        ])
        .toArray();
      const progress = { open: 0, confirmed: 0, failed: 0, parked: 0 };
      for (const { _id, changes } of rows as unknown as ProgressRow[]) progress[progressOf(_id)] += changes;
      return progress;
    },

    /** Changes of a job that were recorded before a moment, and have not been taken up, the oldest first. */
    async receivedOfJob(tenant: TenantId, job: JobId, before: string, limit: number): Promise<ChangeRecord[]> {
      const found = await documents
        .find({ tenant, job, state: 'received', receivedAt: { $lt: before } } as never, { projection: { body: 0 } })
        .sort({ receivedAt: 1 })
        .limit(limit)
        .toArray();
      return found.map((document) => toRecord(document as unknown as ChangeDocument));
    },

    /** Changes that have not ended, received before a moment, the oldest first. */
    async listOpen(
      tenant: TenantId,
      before: string,
      after: OpenAfter | undefined,
      limit: number,
    ): Promise<ChangeRecord[]> {
      const beyond = (last: OpenAfter) => ({
        $or: [
          { receivedAt: { $gt: last.receivedAt } },
          { receivedAt: last.receivedAt, _id: { $gt: last.id as never } },
        ],
      });
      const query = { tenant, state: { $in: OPEN_STATES }, receivedAt: { $lt: before }, ...(after && beyond(after)) };
      const found = await documents
        .find(query as never, { projection: { body: 0 } })
        .sort({ receivedAt: 1, _id: 1 })
        .limit(limit)
        .toArray();
      return found.map((document) => toRecord(document as unknown as ChangeDocument));
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

/** The last change of the page before. */
export interface OpenAfter {
  readonly receivedAt: string;
  readonly id: ChangeId;
}

/** Numbers of changes. `open`: not settled and not parked. */
export interface JobProgress {
  readonly open: number;
  readonly confirmed: number;
  readonly failed: number;
  readonly parked: number;
}

interface ProgressRow {
  readonly _id: { readonly state: ChangeState; readonly results?: readonly string[] };
  readonly changes: number;
}

function progressOf({ state, results }: ProgressRow['_id']): keyof JobProgress {
  if (state === 'parked') return 'parked';
  if (state === 'settled') return results?.includes('failed') ? 'failed' : 'confirmed';
  return state === 'compensated' || state === 'rejected' ? 'failed' : 'open';
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
