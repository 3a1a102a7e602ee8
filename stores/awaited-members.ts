import { type Connection, Schema } from 'mongoose';
import type { ResourceId, TargetId, TenantId } from '../domain/ids.ts';

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    target: { type: String, required: true },
    group: { type: String, required: true },
    member: { type: String, required: true },
  },
  { collection: 'awaited-members', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, target: 1, group: 1 });
schema.index({ tenant: 1, target: 1, member: 1 });

export type AwaitedMemberStore = ReturnType<typeof createAwaitedMemberStore>;

/** Members that a target could not be told of, because it has no account of theirs yet. */
export function createAwaitedMemberStore(connection: Connection) {
  const documents = connection.model('AwaitedMember', schema).collection;

  return {
    async add(tenant: TenantId, target: TargetId, group: ResourceId, members: readonly ResourceId[]): Promise<void> {
      if (members.length === 0) return;
      await documents.bulkWrite(
        members.map((member) => ({
          updateOne: {
            filter: { _id: idOf(target, group, member) as never, tenant },
            update: { $set: { tenant, target, group, member } },
            upsert: true,
          },
        })),
        { ordered: false },
      );
    },

    /** Who a group at a target waits for; at most `limit`. */
    async ofGroup(tenant: TenantId, target: TargetId, group: ResourceId, limit: number): Promise<ResourceId[]> {
      const found = await documents.find({ tenant, target, group }).limit(limit).toArray();
      return found.map(({ member }) => member as ResourceId);
    },

    /** Groups at a target that wait for this member. */
    async groupsAwaiting(tenant: TenantId, target: TargetId, member: ResourceId): Promise<ResourceId[]> {
      const found = await documents.find({ tenant, target, member }, { projection: { group: 1 } }).toArray();
      return found.map(({ group }) => group as ResourceId);
    },

    async remove(tenant: TenantId, target: TargetId, group: ResourceId, members: readonly ResourceId[]): Promise<void> {
      if (members.length === 0) return;
      await documents.deleteMany({
        _id: { $in: members.map((member) => idOf(target, group, member)) },
        tenant,
      } as never);
    },

    /** The group itself is gone at the target. */
    async removeGroup(tenant: TenantId, target: TargetId, group: ResourceId): Promise<void> {
      await documents.deleteMany({ tenant, target, group });
    },
  };
}

const idOf = (target: TargetId, group: ResourceId, member: ResourceId): string => `${target}:${group}:${member}`;
