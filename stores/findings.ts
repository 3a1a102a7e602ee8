import { type Connection, Schema } from 'mongoose';
import type { JobId, ResourceId, TargetId, TenantId } from '../domain/ids.ts';
import type { ReconciliationAction, Situation } from '../domain/reconciliation.ts';
import type { ScimObject } from '../domain/scim/resource.ts';
import type { Sealer } from '../domain/sealing.ts';
import { isDuplicateKey } from './connect.ts';
import { IdCollisionError } from './id-collision.ts';
import type { SealedCollection } from './sealed-places.ts';

/**
 * `reported`: told, nothing more. `done`: the action was taken, or handed to the resource's workflow. `waiting`: for a
 * person. `decided`: a person has, and it is being carried out. `failed`: the action was refused, `note` says why.
 */
export type FindingState = 'reported' | 'waiting' | 'decided' | 'done' | 'failed';

/** One difference that a reconciliation found. */
export interface Finding {
  readonly id: string;
  readonly tenant: TenantId;
  readonly target: TargetId;
  /** The job that found it. */
  readonly run: JobId;
  readonly situation: Situation;
  readonly resourceType: 'User' | 'Group';
  readonly resourceId?: ResourceId;
  readonly remoteId?: string;
  /** Of a group whose members differ: how many are missing there, and how many should not be. */
  readonly members?: { readonly missing: number; readonly surplus: number };
  /** Attributes that differ. */
  readonly attributes?: readonly string[];
  readonly action: ReconciliationAction;
  readonly state: FindingState;
  /** Why it stands so, in words. */
  readonly note?: string;
  readonly foundAt: string;
  readonly decidedBy?: string;
  /** What the target confirmed last, and what it holds. Sealed in the database. */
  readonly confirmed?: ScimObject;
  readonly held?: ScimObject;
}

type FindingDocument = Omit<Finding, 'id' | 'confirmed' | 'held'> & {
  readonly _id: string;
  readonly confirmed?: string;
  readonly held?: string;
};

const schema = new Schema<FindingDocument>(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    target: { type: String, required: true },
    run: { type: String, required: true },
    situation: { type: String, required: true },
    resourceType: { type: String, required: true },
    resourceId: { type: String },
    remoteId: { type: String },
    attributes: { type: [String], default: undefined },
    members: { type: Schema.Types.Mixed },
    action: { type: String, required: true },
    state: { type: String, required: true },
    note: { type: String },
    foundAt: { type: String, required: true },
    decidedBy: { type: String },
    confirmed: { type: String },
    held: { type: String },
  },
  { collection: 'findings', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, run: 1, _id: 1 });
schema.index({ tenant: 1, state: 1, _id: 1 });

export interface FindingQuery {
  readonly run?: JobId;
  readonly target?: TargetId;
  readonly situation?: Situation;
  readonly state?: FindingState;
  /** Id of the last finding of the page before. */
  readonly after?: string;
  readonly limit: number;
}

export type FindingStore = ReturnType<typeof createFindingStore>;

/** What reconciliations found, one record a difference. */
export function createFindingStore(connection: Connection, sealer: Sealer) {
  const documents = connection.model('Finding', schema).collection;

  const toFinding = ({ _id, confirmed, held, ...rest }: FindingDocument): Finding => ({
    ...rest,
    id: _id,
    ...(confirmed === undefined
      ? {}
      : { confirmed: sealer.unseal(confirmed, contextOf(rest.tenant, _id)) as ScimObject }),
    ...(held === undefined ? {} : { held: sealer.unseal(held, contextOf(rest.tenant, _id)) as ScimObject }),
  });

  return {
    /** @returns false where the run has recorded it before: an attempt of the page was lost */
    async add({ id, confirmed, held, ...rest }: Finding): Promise<boolean> {
      const seal = (value: ScimObject): string => sealer.seal(value, contextOf(rest.tenant, id));
      try {
        await documents.insertOne({
          _id: id,
          ...rest,
          ...(confirmed === undefined ? {} : { confirmed: seal(confirmed) }),
          ...(held === undefined ? {} : { held: seal(held) }),
        } as never);
        return true;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        if ((await this.find(rest.tenant, id)) === undefined) throw new IdCollisionError('findings');
        return false;
      }
    },

    async find(tenant: TenantId, id: string): Promise<Finding | undefined> {
      const found = await documents.findOne({ _id: id as never, tenant });
      return found === null ? undefined : toFinding(found as unknown as FindingDocument);
    },

    /** In the order of their ids: those of one resource type and account stand together in every run. */
    async list(tenant: TenantId, { after, limit, ...query }: FindingQuery): Promise<Finding[]> {
      const found = await documents
        .find({ tenant, ...query, ...(after === undefined ? {} : { _id: { $gt: after } }) } as never)
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map((document) => toFinding(document as unknown as FindingDocument));
    },

    async settle(
      { tenant, id }: Pick<Finding, 'tenant' | 'id'>,
      update: Partial<Pick<Finding, 'state' | 'note' | 'action' | 'decidedBy'>>,
    ): Promise<void> {
      await documents.updateOne({ _id: id as never, tenant }, { $set: update });
    },

    /** Takes a person's decision. @returns false where it does not wait for one any more */
    async decide(
      { tenant, id }: Pick<Finding, 'tenant' | 'id'>,
      action: ReconciliationAction,
      decidedBy: string,
      state: FindingState,
    ): Promise<boolean> {
      const result = await documents.updateOne({ _id: id as never, tenant, state: 'waiting' } as never, {
        $set: { action, decidedBy, state },
      });
      return result.modifiedCount === 1;
    },

    /** Findings of a run by situation and state. */
    async count(
      tenant: TenantId,
      run: JobId,
    ): Promise<{ readonly situation: Situation; readonly state: FindingState; readonly count: number }[]> {
      const rows = await documents
        .aggregate([
          { $match: { tenant, run } },
          { $group: { _id: { situation: '$situation', state: '$state' }, count: { $sum: 1 } } },
        ])
        .toArray();
      return (rows as unknown as { _id: { situation: Situation; state: FindingState }; count: number }[])
        .map(({ _id, count }) => ({ ..._id, count }))
        .sort((left, right) => `${left.situation} ${left.state}`.localeCompare(`${right.situation} ${right.state}`));
    },
  };
}

const contextOf = (tenant: string, id: string): string => `${tenant}/findings/${id}`;

export const SEALED_FINDINGS: SealedCollection = {
  collection: 'findings',
  placesIn: ({ _id, tenant = '' }) => ['confirmed', 'held'].map((field) => [field, contextOf(tenant, _id)] as const),
};
