import { type Connection, Schema } from 'mongoose';
import type { ChangeId, ResourceId, TenantId } from '../domain/ids.ts';

/** A member of a group: a user, or another group. */
export interface MemberKey {
  readonly id: ResourceId;
  readonly type: string;
}

/** One membership as it stands, or as it stood until it was ended. */
export interface Membership {
  readonly group: ResourceId;
  readonly member: ResourceId;
  readonly memberType: string;
  /** Version of the group that began or ended it last. */
  readonly version: number;
  readonly ended: boolean;
}

interface EdgeDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly group: string;
  readonly member: string;
  readonly memberType: string;
  readonly version: number;
  /** The change that began or ended it last. */
  readonly change: string;
  /** It was ended. The edge stays until every target knows, so that each can be told the difference. */
  readonly ended?: true;
  /** What an earlier change made of it that may still be compensated, too. */
  readonly beneath?: EarlierEdge;
}

interface EarlierEdge {
  readonly change: string;
  readonly ended?: true;
  readonly beneath?: EarlierEdge;
}

const schema = new Schema<EdgeDocument>(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    group: { type: String, required: true },
    member: { type: String, required: true },
    memberType: { type: String, required: true },
    version: { type: Number, required: true },
    change: { type: String, required: true },
    ended: { type: Boolean },
    beneath: { type: Schema.Types.Mixed },
  },
  { collection: 'memberships', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, group: 1, member: 1 });
schema.index({ tenant: 1, group: 1, version: 1 });
schema.index({ tenant: 1, member: 1, group: 1 });
// What one change wrote, however large the group: to do it again, to undo it, to tell a target of it.
schema.index({ tenant: 1, change: 1, group: 1, member: 1 });
// Memberships that ended and are not forgotten yet: few, in a group of any size. Every change of the group asks for them.
schema.index({ group: 1, tenant: 1, version: 1 }, { partialFilterExpression: { ended: true } });

/** Which change writes, and the version that it gives the group. */
export interface MembershipWrite {
  readonly tenant: TenantId;
  readonly group: ResourceId;
  readonly change: ChangeId;
  readonly version: number;
  /** Earlier changes that may still be compensated: what they made of an edge is kept beneath what this one makes of it. */
  readonly upon?: readonly ChangeId[];
}

/** A version that a group has got after edges of it were written. */
export interface GivenVersion {
  readonly tenant: TenantId;
  readonly group: ResourceId;
  readonly change?: ChangeId;
  readonly version: number;
}

export type MembershipStore = ReturnType<typeof createMembershipStore>;

/** Of an edge whose group is about to get its version: it is later than any that a target knows. */
export const PENDING_VERSION = 2_000_000_000;

/** Largest list of ids in one query. */
const BATCH = 1_000;

const LIVE = { ended: { $exists: false } } as const;
const ID_ALONE = { projection: { _id: 1 } } as const;

/**
 * Who is in which group, an edge a membership: a change of fifty members costs the same in a group of a hundred as in
 * one of a million. Every write names its change, so that doing it again does nothing and it can be undone.
 */
export function createMembershipStore(connection: Connection) {
  const documents = connection.model('Membership', schema).collection;

  async function end(
    filter: Record<string, unknown>,
    { change, version, upon = [] }: Pick<MembershipWrite, 'change' | 'version' | 'upon'>,
  ): Promise<boolean> {
    const live = { ...filter, ...LIVE };
    let changed = false;
    for (let page = await laidUpon(live, upon); page.length > 0; page = await laidUpon(live, upon)) {
      changed = true;
      const writes = page.map((edge) => ({
        updateOne: {
          filter: { _id: edge._id as never, tenant: edge.tenant },
          update: { $set: { ended: true, change, version, beneath: asEarlierEdge(edge) } },
        },
      }));
      await documents.bulkWrite(writes as never[], { ordered: false });
    }
    const result = await documents.updateMany(live as never, {
      $set: { ended: true, change, version },
      $unset: { beneath: '' },
    });
    return result.modifiedCount > 0 || changed;
  }

  /** Edges that earlier changes wrote; mostly there is none that could still be compensated. */
  async function laidUpon(filter: Record<string, unknown>, upon: readonly ChangeId[]): Promise<EdgeDocument[]> {
    if (upon.length === 0) return [];
    const query = { ...filter, change: { $in: [...upon] } };
    return (await documents
      .find(query as never)
      .limit(BATCH)
      .toArray()) as unknown as EdgeDocument[];
  }

  async function add(write: MembershipWrite, members: readonly MemberKey[]): Promise<boolean> {
    const { tenant, group, change, version, upon = [] } = write;
    let changed = false;
    for (const batch of batches(members)) {
      const ids = batch.map(({ id }) => edgeId(group, id));
      const live = await documents
        .find({ _id: { $in: ids }, tenant, ...LIVE } as never, { projection: { _id: 1 } })
        .toArray();
      const standing = new Set(live.map(({ _id }) => String(_id)));
      const missing = batch.filter(({ id }) => !standing.has(edgeId(group, id)));
      if (missing.length === 0) continue;
      changed = true;
      const laid = await laidUpon({ _id: { $in: missing.map(({ id }) => edgeId(group, id)) }, tenant }, upon);
      const beneath = new Map(laid.map((edge) => [edge._id, asEarlierEdge(edge)]));
      await documents.bulkWrite(
        missing.map(({ id, type }) => {
          const earlier = beneath.get(edgeId(group, id));
          const edge = { tenant, group, member: id, memberType: type, change, version };
          return {
            updateOne: {
              filter: { _id: edgeId(group, id), tenant },
              update:
                earlier === undefined
                  ? { $set: edge, $unset: { ended: '', beneath: '' } }
                  : { $set: { ...edge, beneath: earlier }, $unset: { ended: '' } },
              upsert: true,
            },
          };
        }) as never[],
        { ordered: false },
      );
    }
    return changed;
  }

  async function remove(write: MembershipWrite, members: readonly ResourceId[]): Promise<boolean> {
    const { tenant, group } = write;
    let changed = false;
    for (const batch of batches(members)) {
      const ids = batch.map((id) => edgeId(group, id));
      changed = (await end({ _id: { $in: ids }, tenant }, write)) || changed;
    }
    return changed;
  }

  async function page(tenant: TenantId, group: ResourceId, after: string, limit: number): Promise<Membership[]> {
    const found = await documents
      .find({ ...ofGroup(tenant, group, after), ...LIVE } as never)
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
    return found.map(toMembership);
  }

  /** Whether one of these edges is live, or with `missing` is not. */
  async function someOf(tenant: TenantId, group: ResourceId, members: readonly ResourceId[], missing: boolean) {
    for (const batch of batches(members)) {
      const ids = batch.map((id) => edgeId(group, id));
      const limit = missing ? ids.length : 1;
      const live = await documents.countDocuments({ _id: { $in: ids }, tenant, ...LIVE } as never, { limit });
      if (missing ? live < ids.length : live > 0) return true;
    }
    return false;
  }

  /** Members beside these, a page at a time. */
  async function* others(tenant: TenantId, group: ResourceId, members: readonly ResourceId[]) {
    const wanted = new Set<string>(members);
    for (let after = ''; ; ) {
      const held = await page(tenant, group, after, BATCH);
      yield held.filter(({ member }) => !wanted.has(member)).map(({ member }) => member);
      const last = held.at(-1);
      if (last === undefined || held.length < BATCH) return;
      after = last.member;
    }
  }

  return {
    add,
    remove,
    page,

    /** Whether not all of these are members. */
    lacksSome: (tenant: TenantId, group: ResourceId, members: readonly ResourceId[]): Promise<boolean> =>
      someOf(tenant, group, members, true),

    /** Whether one of these is a member. */
    hasSome: (tenant: TenantId, group: ResourceId, members: readonly ResourceId[]): Promise<boolean> =>
      someOf(tenant, group, members, false),

    /** Whether anybody else is a member. */
    async hasOthers(tenant: TenantId, group: ResourceId, members: readonly ResourceId[]): Promise<boolean> {
      if (members.length <= BATCH) {
        const except = members.length === 0 ? {} : { member: { $nin: [...members] } };
        const others = { ...ofGroup(tenant, group), ...except, ...LIVE };
        return (await documents.findOne(others as never, { ...ID_ALONE, sort: { _id: 1 } })) !== null;
      }
      for await (const page of others(tenant, group, members)) if (page.length > 0) return true;
      return false;
    },

    /** Makes these the group's members, and no others. */
    async replace(write: MembershipWrite, members: readonly MemberKey[]): Promise<boolean> {
      const joined = await add(write, members);
      const { tenant, group } = write;
      if (members.length <= BATCH) {
        const others = members.length === 0 ? {} : { member: { $nin: members.map(({ id }) => id) } };
        return (await end({ tenant, group, ...others }, write)) || joined;
      }
      let left = false;
      const ids = members.map(({ id }) => id);
      for await (const leaving of others(tenant, group, ids)) left = (await remove(write, leaving)) || left;
      return left || joined;
    },

    /** Ends every membership of one member, each in a version of its group that is still to come. */
    async leaveAll(tenant: TenantId, member: ResourceId, change: ChangeId): Promise<void> {
      await end({ tenant, member }, { change, version: PENDING_VERSION });
    },

    /** Begins again what {@link leaveAll} ended. */
    async rejoinAll(tenant: TenantId, member: ResourceId, change: ChangeId): Promise<void> {
      await documents.updateMany({ tenant, change, member, ended: true } as never, {
        $set: { version: PENDING_VERSION },
        $unset: { ended: '' },
      });
    },

    /** Groups of which an edge that a change wrote of one member has no version yet, a page at a time in the order of ids. */
    async pendingGroups(
      tenant: TenantId,
      member: ResourceId,
      change: ChangeId,
      { after, limit }: { readonly after: string; readonly limit: number },
    ): Promise<ResourceId[]> {
      const found = await documents
        .find({ tenant, change, group: { $gt: after }, member, version: PENDING_VERSION } as never, {
          projection: { group: 1 },
        })
        .sort({ group: 1 })
        .limit(limit)
        .toArray();
      return found.map((edge) => edge['group'] as ResourceId);
    },

    /** Gives edges that a change wrote of one member the versions that their groups have got. */
    async giveVersions(
      tenant: TenantId,
      member: ResourceId,
      change: ChangeId,
      versions: ReadonlyMap<ResourceId, number>,
    ): Promise<void> {
      if (versions.size === 0) return;
      await documents.bulkWrite(
        [...versions].map(([group, version]) => ({
          updateOne: {
            filter: { _id: edgeId(group, member) as never, tenant, change },
            update: { $set: { version } },
          },
        })),
        { ordered: false },
      );
    },

    /** Gives edges of a group that have no version yet this one: those that a change wrote, without one all of them. */
    async giveVersion({ tenant, group, change, version }: GivenVersion): Promise<void> {
      const written = change === undefined ? {} : { change };
      await documents.updateMany({ tenant, group, ...written, version: PENDING_VERSION } as never, {
        $set: { version },
      });
    },

    /** Reverts what a change did to one group: who it added leaves, who it removed is back. Repeating it does nothing. */
    async revert({ tenant, group, change, version }: MembershipWrite, restoredBy: ChangeId): Promise<void> {
      const written = { tenant, change, group };
      const marked = { change: restoredBy, version };
      const laid = { ...written, beneath: { $exists: true } };
      const readLaid = async (): Promise<EdgeDocument[]> =>
        (await documents
          .find(laid as never)
          .limit(BATCH)
          .toArray()) as unknown as EdgeDocument[];
      for (let page = await readLaid(); page.length > 0; page = await readLaid())
        await documents.bulkWrite(
          page.map(({ _id, beneath }) => ({
            updateOne: {
              filter: { _id, tenant, change },
              update: {
                $set: { version, ...beneath },
                $unset: {
                  ...(beneath?.ended === undefined ? { ended: '' } : {}),
                  ...(beneath?.beneath === undefined ? { beneath: '' } : {}),
                },
              },
            },
          })) as never[],
          { ordered: false },
        );
      // First those who are back, under another name, or the second statement would not know them from the others.
      await documents.updateMany({ ...written, ended: true } as never, { $set: marked, $unset: { ended: '' } });
      await documents.updateMany({ ...written, ...LIVE } as never, { $set: { ...marked, ended: true } });
    },

    /** Those of some members whom one of these changes let into the group. */
    async letIn(
      tenant: TenantId,
      group: ResourceId,
      members: readonly ResourceId[],
      changes: readonly ChangeId[],
    ): Promise<ResourceId[]> {
      const found = await documents
        .find({ tenant, group, member: { $in: members }, change: { $in: changes }, ...LIVE } as never, {
          projection: { member: 1 },
        })
        .toArray();
      return found.map((row) => row['member'] as ResourceId);
    },

    /** Groups in which a change wrote an edge of this member. */
    async groupsWrittenBy(tenant: TenantId, member: ResourceId, change: ChangeId): Promise<ResourceId[]> {
      const found = await documents.find({ tenant, change, member } as never, { projection: { group: 1 } }).toArray();
      return found.map((edge) => edge['group'] as ResourceId);
    },

    /** Whether a change has begun or ended any membership. */
    async hasWritten(tenant: TenantId, change: ChangeId): Promise<boolean> {
      return (await documents.findOne({ tenant, change } as never, ID_ALONE)) !== null;
    },

    /** Direct memberships of these members. */
    async ofMembers(tenant: TenantId, members: readonly ResourceId[]): Promise<Membership[]> {
      const found: Membership[] = [];
      for (const batch of batches(members)) {
        const query = { tenant, member: batch.length === 1 ? batch[0] : { $in: batch }, ...LIVE };
        found.push(...(await documents.find(query as never).toArray()).map(toMembership));
      }
      return found;
    },

    /** Members of these groups, each in the order of their ids; at most `limit` in all. */
    async ofGroups(
      tenant: TenantId,
      groups: readonly ResourceId[],
      options: { readonly memberType?: string; readonly limit: number },
    ): Promise<Membership[]> {
      const { memberType, limit } = options;
      const [only, ...more] = groups;
      const isOne = only !== undefined && more.length === 0;
      const among = isOne ? ofGroup(tenant, only) : { tenant, group: { $in: groups } };
      const found = await documents
        .find({ ...among, ...(memberType === undefined ? {} : { memberType }), ...LIVE } as never)
        .sort(isOne ? { _id: 1 } : { group: 1, member: 1 })
        .limit(limit)
        .toArray();
      return found.map(toMembership);
    },

    /** Number of members, by group; groups without any are left out. */
    async sizes(tenant: TenantId, groups: readonly ResourceId[]): Promise<Map<ResourceId, number>> {
      const rows = await documents
        .aggregate([
          { $match: { tenant, group: { $in: groups }, ...LIVE } },
          { $group: { _id: '$group', members: { $sum: 1 } } },
        ])
        .toArray();
      return new Map(rows.map((row) => [row['_id'] as unknown as ResourceId, Number(row['members'])]));
    },

    /** Every group that has a member. */
    async groupsWithMembers(tenant: TenantId): Promise<ResourceId[]> {
      return (await documents.distinct('group', { tenant, ...LIVE } as never)) as unknown as ResourceId[];
    },

    /** What began or ended after a version of the group, a page at a time in the order of member ids. */
    async changedSince(
      tenant: TenantId,
      group: ResourceId,
      version: number,
      { after, limit }: { readonly after: string; readonly limit: number },
    ): Promise<Membership[]> {
      const found = await documents
        .find({ tenant, group, version: { $gt: version }, member: { $gt: after } } as never)
        .sort({ member: 1 })
        .limit(limit)
        .toArray();
      return found.map(toMembership);
    },

    /** What one change did to a group, a page at a time in the order of member ids. */
    async writtenBy(
      { tenant, group, change }: Pick<MembershipWrite, 'tenant' | 'group' | 'change'>,
      { after, limit }: { readonly after: string; readonly limit: number },
    ): Promise<Membership[]> {
      const found = await documents
        .find({ tenant, change, group, member: { $gt: after } } as never)
        .sort({ member: 1 })
        .limit(limit)
        .toArray();
      return found.map(toMembership);
    },

    /** Forgets memberships that ended at or before a version: every target knows. */
    async forgetEnded(tenant: TenantId, group: ResourceId, version: number): Promise<void> {
      await documents.deleteMany({ tenant, group, ended: true, version: { $lte: version } } as never);
    },

    /** Forgets everything about a resource that is gone for good. */
    async forget(tenant: TenantId, id: ResourceId): Promise<void> {
      await documents.deleteMany({ tenant, group: id } as never);
    },
  };
}

const asEarlierEdge = ({ change, ended, beneath }: EdgeDocument): EarlierEdge => ({
  change,
  ...(ended === undefined ? {} : { ended }),
  ...(beneath === undefined ? {} : { beneath }),
});

/**
 * Edges of a group behind a member, in the order of members when they are sorted by `_id`: a range of keys is read in its
 * order wherever it begins, however large the group is.
 */
const ofGroup = (tenant: TenantId, group: ResourceId, after = '') => ({
  _id: { $gt: edgeId(group, after), $lt: `${group};` },
  tenant,
});

const edgeId = (group: string, member: string): string => `${group}:${member}`;

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += BATCH) yield all.slice(from, from + BATCH);
}

const toMembership = (document: object): Membership => {
  const { group, member, memberType, version, ended = false } = document as EdgeDocument;
  return {
    group: group as ResourceId,
    member: member as ResourceId,
    memberType,
    version,
    ended,
  };
};
