import { type Connection, Schema } from 'mongoose';
import type { ResourceId, TargetId, TenantId } from '../domain/ids.ts';

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    target: { type: String, required: true },
    group: { type: String, required: true },
    member: { type: String, required: true },
    resourceType: { type: String },
  },
  { collection: 'awaited-members', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, target: 1, group: 1 });
schema.index({ tenant: 1, target: 1, member: 1 });

export type AwaitedMemberStore = ReturnType<typeof createAwaitedMemberStore>;

/** A resource at a target that waits for the account of another one. */
export interface Waiting {
  readonly resourceType: string;
  readonly resourceId: ResourceId;
}

/** An attribute of a resource is not sent to a target yet, because nobody has an account there whom it refers to. */
export interface AwaitedReference {
  readonly target: TargetId;
  readonly resourceId: ResourceId;
  readonly awaited: ResourceId;
}

/**
 * What a target could not be told of because it has no account of it yet: members of a group, and resources that an
 * attribute refers to, a manager say. The one that waits is the `group`, whatever it is.
 */
export function createAwaitedMemberStore(connection: Connection) {
  const documents = connection.model('AwaitedMember', schema).collection;

  return {
    async add(tenant: TenantId, target: TargetId, group: ResourceId, members: readonly ResourceId[]): Promise<void> {
      if (members.length === 0) return;
      await documents.bulkWrite(
        members.map((member) => ({
          updateOne: {
            filter: { _id: memberId(target, group, member) as never, tenant },
            update: { $set: { tenant, target, group, member }, $unset: { resourceType: '' } },
            upsert: true,
          },
        })),
        { ordered: false },
      );
    },

    /** Notes whom a resource's attributes wait for at a target, and nobody else any more. */
    async refer(
      tenant: TenantId,
      target: TargetId,
      { resourceType, resourceId }: Waiting,
      awaited: readonly ResourceId[],
    ): Promise<void> {
      const mine = { tenant, target, group: resourceId, resourceType };
      const ids = awaited.map((member) => referenceId(target, resourceId, member));
      if (awaited.length > 0)
        await documents.bulkWrite(
          awaited.map((member, index) => ({
            updateOne: {
              filter: { _id: ids[index] as never, tenant },
              update: { $set: { ...mine, member } },
              upsert: true,
            },
          })),
          { ordered: false },
        );
      await documents.deleteMany({ ...mine, _id: { $nin: ids } } as never);
    },

    /** Whose accounts are awaited at targets by attributes of these resources, a manager say; at most `limit`. */
    async referencesOf(
      tenant: TenantId,
      targets: readonly TargetId[],
      resources: readonly ResourceId[],
      limit: number,
    ): Promise<AwaitedReference[]> {
      if (targets.length === 0 || resources.length === 0) return [];
      const found = await documents
        .find({
          tenant,
          target: { $in: [...targets] },
          group: { $in: [...resources] },
          resourceType: { $exists: true },
        } as never)
        .limit(limit)
        .toArray();
      return found.map(({ target, group, member }) => ({
        target: target as TargetId,
        resourceId: group as ResourceId,
        awaited: member as ResourceId,
      }));
    },

    /** Who a group at a target waits for; at most `limit`. */
    async ofGroup(tenant: TenantId, target: TargetId, group: ResourceId, limit: number): Promise<ResourceId[]> {
      const found = await documents
        .find({ tenant, target, group, resourceType: { $exists: false } })
        .limit(limit)
        .toArray();
      return found.map(({ member }) => member as ResourceId);
    },

    /** Who waits at a target for the account of this one. */
    async waitingFor(tenant: TenantId, target: TargetId, member: ResourceId): Promise<Waiting[]> {
      const found = await documents
        .find({ tenant, target, member }, { projection: { group: 1, resourceType: 1 } })
        .toArray();
      return found.map(({ group, resourceType = 'Group' }) => ({ resourceType, resourceId: group as ResourceId }));
    },

    async remove(tenant: TenantId, target: TargetId, group: ResourceId, members: readonly ResourceId[]): Promise<void> {
      if (members.length === 0) return;
      await documents.deleteMany({
        _id: { $in: members.map((member) => memberId(target, group, member)) },
        tenant,
      } as never);
    },

    /** The group itself is gone at the target. */
    async removeGroup(tenant: TenantId, target: TargetId, group: ResourceId): Promise<void> {
      await documents.deleteMany({ tenant, target, group });
    },
  };
}

const memberId = (target: TargetId, group: ResourceId, member: ResourceId): string => `${target}:${group}:${member}`;

/** A resource may refer to one of its members, too: the two wait for themselves. */
const referenceId = (target: TargetId, resource: ResourceId, awaited: ResourceId): string =>
  `${memberId(target, resource, awaited)}:reference`;
