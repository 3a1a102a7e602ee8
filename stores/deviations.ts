import { type Connection, Schema } from 'mongoose';
import type { ServiceProviderId, TenantId } from '../domain/ids.ts';
import type { DeviationCode } from '../domain/scim/deviation.ts';

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    serviceProvider: { type: String, required: true },
    code: { type: String, required: true },
    count: { type: Number, required: true },
    path: { type: String },
    firstSeen: { type: String, required: true },
    lastSeen: { type: String, required: true },
  },
  { collection: 'deviations', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, serviceProvider: 1 });

/** How often clients of one service provider did one thing differently from the RFCs. */
export interface DeviationCount {
  readonly code: DeviationCode;
  readonly count: number;
  /** Attribute of the last one; never a value. */
  readonly path?: string;
  /** ISO 8601, UTC. */
  readonly firstSeen: string;
  readonly lastSeen: string;
}

export interface DeviationIncrement extends Omit<DeviationCount, 'firstSeen'> {
  readonly tenant: TenantId;
  readonly serviceProvider: ServiceProviderId;
}

export type DeviationStore = ReturnType<typeof createDeviationStore>;

/** Counters of deviations by tenant, service provider and code. */
export function createDeviationStore(connection: Connection) {
  const documents = connection.model('Deviation', schema).collection;

  return {
    async add(increments: readonly DeviationIncrement[]): Promise<void> {
      if (increments.length === 0) return;
      await documents.bulkWrite(
        increments.map(({ tenant, serviceProvider, code, count, path, lastSeen }) => ({
          updateOne: {
            filter: { _id: `${tenant} ${serviceProvider} ${code}` as never, tenant },
            update: {
              $inc: { count },
              $set: { lastSeen, ...(path === undefined ? {} : { path }) },
              $setOnInsert: { serviceProvider, code, firstSeen: lastSeen },
            },
            upsert: true,
          },
        })),
        { ordered: false },
      );
    },

    /** Most frequent first. */
    async of(tenant: TenantId, serviceProvider: ServiceProviderId): Promise<DeviationCount[]> {
      const found = await documents.find({ tenant, serviceProvider }).sort({ count: -1, code: 1 }).toArray();
      return found.map((document) => {
        const { code, count, path, firstSeen, lastSeen } = document as unknown as DeviationCount;
        return { code, count, ...(path === undefined ? {} : { path }), firstSeen, lastSeen };
      });
    },

    /** Begins to count anew. */
    async reset(tenant: TenantId, serviceProvider: ServiceProviderId): Promise<void> {
      await documents.deleteMany({ tenant, serviceProvider });
    },
  };
}
