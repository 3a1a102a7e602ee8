import { type Connection, Schema } from 'mongoose';
import type { JobId, ResourceId, TargetId, TenantId } from '../domain/ids.ts';
import type { Job, JobReach, JobState } from '../domain/job.ts';
import { isDuplicateKey } from './connect.ts';
import { IdCollisionError } from './id-collision.ts';

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    task: { type: Schema.Types.Mixed, required: true },
    state: { type: String, required: true },
    startedBy: { type: String, required: true },
    startedAt: { type: String, required: true },
    endedAt: { type: String },
    examined: { type: Number, required: true },
    touched: { type: Number, required: true },
    cursor: { type: String },
    error: { type: String },
    confirmed: { type: Number },
    failed: { type: Number },
  },
  { collection: 'jobs', versionKey: false, strict: 'throw', minimize: false },
);
schema.index({ tenant: 1, startedAt: -1, _id: 1 });
schema.index({ tenant: 1, 'task.kind': 1, 'task.to': -1 });
schema.index({ tenant: 1, state: 1, 'task.target': 1 });
// Those that are running, and those that failed lately.
schema.index({ tenant: 1, state: 1, endedAt: 1 });

const itemSchema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    job: { type: String, required: true },
    resourceType: { type: String, required: true },
    resourceId: { type: String, required: true },
  },
  { collection: 'job-items', versionKey: false, strict: 'throw' },
);
itemSchema.index({ tenant: 1, job: 1, resourceId: 1 });

/** A resource that a job was given by name. */
export interface JobItem {
  readonly resourceType: string;
  readonly resourceId: ResourceId;
}

/** A job as it begins: nothing that it asks for has ended. */
export type NewJob = Omit<Job, 'confirmed' | 'failed'>;

export type JobStore = ReturnType<typeof createJobStore>;

/** Jobs, each with how far it has got, and the resources that were named to it. */
export function createJobStore(connection: Connection) {
  const documents = connection.model('Job', schema).collection;
  const items = connection.model('JobItem', itemSchema).collection;

  const toJob = (document: object): Job => {
    const { _id, ...rest } = document as Omit<Job, 'id'> & { _id: string };
    return { ...rest, id: _id as JobId };
  };

  return {
    /** Recording a job that is there already does nothing. */
    async add({ id, ...job }: NewJob): Promise<void> {
      try {
        await documents.insertOne({ _id: id, ...job, confirmed: 0, failed: 0 } as never);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        if ((await this.find(job.tenant, id)) === undefined) throw new IdCollisionError('jobs');
      }
    },

    async find(tenant: TenantId, id: JobId): Promise<Job | undefined> {
      const found = await documents.findOne({ _id: id as never, tenant });
      return found === null ? undefined : toJob(found);
    },

    /** Newest first, by key: `before` is the last job of the page before. */
    async list(
      tenant: TenantId,
      {
        before,
        limit,
      }: { readonly before?: { readonly startedAt: string; readonly id: JobId }; readonly limit: number },
    ): Promise<Job[]> {
      const behind =
        before === undefined
          ? {}
          : {
              $or: [
                { startedAt: { $lt: before.startedAt } },
                { startedAt: before.startedAt, _id: { $gt: before.id as never } },
              ],
            };
      const found = await documents
        .find({ tenant, ...behind } as never)
        .sort({ startedAt: -1, _id: 1 })
        .limit(limit)
        .toArray();
      return found.map(toJob);
    },

    /** Jobs that failed, in the order of ids. */
    async failed(
      tenant: TenantId,
      {
        endedAfter,
        target,
        after,
        limit,
      }: {
        readonly endedAfter: string;
        readonly target?: TargetId;
        readonly after?: JobId;
        readonly limit: number;
      },
    ): Promise<Job[]> {
      const found = await documents
        .find({
          tenant,
          state: 'failed',
          endedAt: { $gt: endedAfter },
          ...(target === undefined ? {} : { 'task.target': target }),
          ...(after === undefined ? {} : { _id: { $gt: after } }),
        } as never)
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map(toJob);
    },

    /** The newest version of the policy that a job brings resources to, if it is newer than this one. */
    async newestEditSince(tenant: TenantId, version: number): Promise<number | undefined> {
      const [found] = await documents
        .find({ tenant, 'task.kind': 'policy-edit', 'task.to': { $gt: version } } as never)
        .sort({ 'task.to': -1 })
        .limit(1)
        .toArray();
      return found === undefined ? undefined : Number((found as unknown as Job & { task: { to: number } }).task.to);
    },

    /** Whether a reconciliation of this target is running. */
    async isReconciling(tenant: TenantId, target: TargetId): Promise<boolean> {
      const running = { tenant, state: 'running', 'task.kind': 'reconcile-target', 'task.target': target };
      return (await documents.findOne(running as never, { projection: { _id: 1 } })) !== null;
    },

    async reached(tenant: TenantId, id: JobId, reach: JobReach): Promise<void> {
      await documents.updateOne({ _id: id as never, tenant }, { $set: reach });
    },

    /** Jobs that have not ended, the one first that began first. */
    async running(tenant: TenantId, limit: number): Promise<Job[]> {
      const found = await documents
        .find({ tenant, state: 'running' } as never)
        .sort({ startedAt: 1 })
        .limit(limit)
        .toArray();
      return found.map(toJob);
    },

    /** Counts one more change that has ended. */
    async count(tenant: TenantId, id: JobId, outcome: 'confirmed' | 'failed'): Promise<void> {
      await documents.updateOne({ _id: id as never, tenant }, { $inc: { [outcome]: 1 } });
    },

    /** Corrects the counts: a worker may have died between ending a change and counting it. */
    async recount(tenant: TenantId, id: JobId, ended: Pick<Job, 'confirmed' | 'failed'>): Promise<void> {
      await documents.updateOne({ _id: id as never, tenant }, { $set: ended });
    },

    /** Ends it, and forgets what was named to it. */
    async end(tenant: TenantId, id: JobId, state: JobState, endedAt: string, error?: string): Promise<void> {
      const ended = { state, endedAt, ...(error === undefined ? {} : { error }) };
      await documents.updateOne({ _id: id as never, tenant, state: 'running' } as never, { $set: ended });
      await items.deleteMany({ tenant, job: id } as never);
    },

    /** Names resources to a job; those that it has already stay as they are. */
    async addItems(tenant: TenantId, job: JobId, named: readonly JobItem[]): Promise<void> {
      if (named.length === 0) return;
      await items.bulkWrite(
        named.map(({ resourceType, resourceId }) => ({
          updateOne: {
            filter: { _id: `${job}:${resourceId}` as never, tenant },
            update: { $set: { tenant, job, resourceType, resourceId } },
            upsert: true,
          },
        })),
        { ordered: false },
      );
    },

    /** What was named to a job, a page at a time in the order of ids. */
    async itemsOf(tenant: TenantId, job: JobId, after: string, limit: number): Promise<JobItem[]> {
      const found = await items
        .find({ tenant, job, resourceId: { $gt: after } } as never)
        .sort({ resourceId: 1 })
        .limit(limit)
        .toArray();
      return found.map(({ resourceType, resourceId }) => ({ resourceType, resourceId }) as unknown as JobItem);
    },
  };
}
