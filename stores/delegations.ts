import { type Connection, Schema } from 'mongoose';
import type { ResourceId, TenantId } from '../domain/ids.ts';

/** Who decides for somebody while he is absent. Never passed on by the delegate to another. */
export interface Delegation {
  readonly person: ResourceId;
  readonly delegate: ResourceId;
  /** ISO 8601 UTC. */
  readonly from: string;
  /** Its end, not included. ISO 8601 UTC. */
  readonly until: string;
  /** Who arranged it, as the audit trail names them, and their service provider; older ones do not say. */
  readonly setBy?: string;
  readonly setFrom?: string;
}

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    person: { type: String, required: true },
    delegate: { type: String, required: true },
    from: { type: String, required: true },
    until: { type: String, required: true },
    setBy: { type: String },
    setFrom: { type: String },
  },
  { collection: 'delegations', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, delegate: 1 });
schema.index({ tenant: 1, person: 1 });

export type DelegationStore = ReturnType<typeof createDelegationStore>;

/** One for each person, who is asked for approvals; a new one takes the place of the one before. */
export function createDelegationStore(connection: Connection) {
  const documents = connection.model('Delegation', schema).collection;
  const idOf = (tenant: TenantId, person: ResourceId): string => `${tenant}/${person}`;
  const toDelegation = ({ _id, tenant: _tenant, ...rest }: object & { _id?: unknown; tenant?: unknown }): Delegation =>
    rest as Delegation;

  return {
    async put(tenant: TenantId, delegation: Delegation): Promise<void> {
      const _id = idOf(tenant, delegation.person);
      await documents.replaceOne({ _id: _id as never, tenant }, { tenant, ...delegation } as never, { upsert: true });
    },

    async find(tenant: TenantId, person: ResourceId): Promise<Delegation | undefined> {
      const found = await documents.findOne({ _id: idOf(tenant, person) as never, tenant });
      return found === null ? undefined : toDelegation(found);
    },

    async remove(tenant: TenantId, person: ResourceId): Promise<void> {
      await documents.deleteOne({ _id: idOf(tenant, person) as never, tenant });
    },

    /** By the person, a page at a time. */
    async list(tenant: TenantId, { after, limit }: { after?: string; limit: number }): Promise<Delegation[]> {
      const found = await documents
        .find({ tenant, ...(after === undefined ? {} : { person: { $gt: after } }) } as never)
        .sort({ person: 1 })
        .limit(limit)
        .toArray();
      return found.map(toDelegation);
    },

    /** Whom somebody stands in for at a moment. */
    async peopleOf(tenant: TenantId, delegate: ResourceId, at: string): Promise<ResourceId[]> {
      const inForce = { tenant, delegate, from: { $lte: at }, until: { $gt: at } };
      const found = await documents.find(inForce as never, { projection: { person: 1 } }).toArray();
      return found.map((row) => row['person'] as ResourceId);
    },

    /** Who stands in for some people at a moment. */
    async delegatesOf(tenant: TenantId, people: readonly ResourceId[], at: string): Promise<Delegation[]> {
      if (people.length === 0) return [];
      const inForce = { tenant, person: { $in: people }, from: { $lte: at }, until: { $gt: at } };
      return (await documents.find(inForce as never).toArray()).map(toDelegation);
    },
  };
}
