import { type Connection, Schema } from 'mongoose';
import { ProvostError } from '../domain/errors.ts';
import type { JobId, ResourceId, TargetId, TenantId } from '../domain/ids.ts';
import type { Link, LinkState } from '../domain/link.ts';
import type { ScimObject } from '../domain/scim/resource.ts';
import type { Sealer } from '../domain/sealing.ts';
import { isDuplicateKey } from './connect.ts';
import type { SealedCollection } from './sealed-places.ts';

interface LinkDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly target: string;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly state: LinkState;
  readonly remoteId?: string;
  readonly content?: string;
  readonly contentHash?: string;
  readonly shown?: string;
  readonly notKept?: readonly string[];
  readonly suspended?: boolean;
  readonly found?: string;
  readonly membersVersion?: number;
  readonly disabledAt?: string;
  /** The account that is this resource's and no other's, while it is linked. */
  readonly holds?: string;
  /** The reconciliation that met the account last. */
  readonly seenBy?: string;
}

const schema = new Schema<LinkDocument>(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    target: { type: String, required: true },
    resourceType: { type: String, required: true },
    resourceId: { type: String, required: true },
    state: { type: String, required: true },
    remoteId: { type: String },
    content: { type: String },
    contentHash: { type: String },
    shown: { type: String },
    notKept: { type: [String], default: undefined },
    suspended: { type: Boolean },
    found: { type: String },
    membersVersion: { type: Number },
    disabledAt: { type: String },
    holds: { type: String },
    seenBy: { type: String },
  },
  { collection: 'links', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, resourceId: 1 });
schema.index({ tenant: 1, target: 1, _id: 1 });
schema.index({ tenant: 1, target: 1, remoteId: 1 });
// No account is two resources', whoever of two steps comes first.
schema.index({ tenant: 1, holds: 1 }, { unique: true, partialFilterExpression: { holds: { $exists: true } } });

export type LinkStanding = Pick<Link, 'resourceId' | 'target' | 'state'>;

export type LinkStore = ReturnType<typeof createLinkStore>;

/** What each target is known to hold of each resource. The confirmed content is sealed. */
export function createLinkStore(connection: Connection, sealer: Sealer) {
  const documents = connection.model('Link', schema).collection;

  const open = (sealed: string, field: string, tenant: string, id: string): ScimObject =>
    sealer.unseal(sealed, context(tenant, id, field)) as ScimObject;

  const toLink = ({ _id, content, shown, found, holds: _holds, seenBy: _run, ...rest }: LinkDocument): Link => {
    const opened = Object.entries({ content, shown, found }).flatMap(([field, sealed]) =>
      sealed === undefined ? [] : [[field, open(sealed, field, rest.tenant, _id)] as const],
    );
    return { ...(rest as Omit<Link, SealedField>), ...Object.fromEntries(opened) };
  };

  return {
    async find(tenant: TenantId, target: TargetId, resourceId: ResourceId): Promise<Link | undefined> {
      const found = await documents.findOne({ _id: linkId(target, resourceId) as never, tenant });
      return found === null ? undefined : toLink(found as unknown as LinkDocument);
    },

    async ofResource(tenant: TenantId, resourceId: ResourceId): Promise<Link[]> {
      const found = await documents.find({ tenant, resourceId }).toArray();
      return found.map((document) => toLink(document as unknown as LinkDocument));
    },

    /** How targets stand with these resources, without what they hold. */
    async standingsOf(tenant: TenantId, resourceIds: readonly ResourceId[]): Promise<LinkStanding[]> {
      const found = await documents
        .find({ tenant, resourceId: resourceIds.length === 1 ? resourceIds[0] : { $in: resourceIds } } as never, {
          projection: { _id: 0, resourceId: 1, target: 1, state: 1 },
        })
        .toArray();
      return found as unknown as LinkStanding[];
    },

    /** Up to which version of a group each target knows who its members are; 0 where it knows none. */
    async memberVersionsOf(tenant: TenantId, group: ResourceId): Promise<number[]> {
      const found = await documents
        .find({ tenant, resourceId: group }, { projection: { _id: 0, membersVersion: 1 } })
        .toArray();
      return found.map(({ membersVersion }) => Number(membersVersion ?? 0));
    },

    /** @throws ProvostError `TARGET_MATCH_UNDECIDED` where the account is another resource's */
    async save(link: Link): Promise<void> {
      const { content, shown, found, ...rest } = link;
      const id = linkId(link.target, link.resourceId);
      const sealed = Object.entries({ content, shown, found }).flatMap(([field, value]) =>
        value === undefined ? [] : [[field, sealer.seal(value, context(link.tenant, id, field))] as const],
      );
      const document = { ...rest, ...holdOf(link), ...Object.fromEntries(sealed) };
      for (let attempt = 1; ; attempt += 1) {
        try {
          await documents.replaceOne({ _id: id as never, tenant: link.tenant }, document as never, { upsert: true });
          return;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
          const holder = await this.otherHolder(link, link.remoteId ?? '');
          if (holder !== undefined) throw isAnothers(link.remoteId ?? '', holder);
          // Another attempt made the link between the look and the write.
          if (attempt === 3) throw error;
        }
      }
    },

    /** The resource whose account this is. */
    async holderOf(
      { tenant, target, resourceType }: Pick<Link, 'tenant' | 'target' | 'resourceType'>,
      remoteId: string,
    ): Promise<ResourceId | undefined> {
      const found = await documents.findOne(
        { tenant, target, remoteId, resourceType, state: { $in: ['linked', 'disabled'] } },
        { projection: { resourceId: 1 } },
      );
      return found === null ? undefined : (found['resourceId'] as ResourceId);
    },

    /** Another resource whose account this is. That of one who is gone, and was disabled, is nobody's. */
    async otherHolder(
      { tenant, target, resourceType, resourceId }: Pick<Link, 'tenant' | 'target' | 'resourceType' | 'resourceId'>,
      remoteId: string,
    ): Promise<ResourceId | undefined> {
      const found = await documents.findOne(
        { tenant, target, remoteId, resourceType, state: 'linked', resourceId: { $ne: resourceId } } as never,
        { projection: { resourceId: 1 } },
      );
      return found === null ? undefined : (found['resourceId'] as ResourceId);
    },

    /** Writes a link where there is none, and the account is nobody's. @returns whether it did */
    async claim({ content: _none, shown: _neither, found, ...rest }: Link): Promise<boolean> {
      const id = linkId(rest.target, rest.resourceId);
      const sealed = found === undefined ? {} : { found: sealer.seal(found, context(rest.tenant, id, 'found')) };
      try {
        await documents.insertOne({ _id: id as never, ...rest, ...holdOf(rest), ...sealed } as never);
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    /** Remote ids of these resources' accounts, where the target holds one. */
    async remoteIds(
      tenant: TenantId,
      target: TargetId,
      resourceIds: readonly ResourceId[],
    ): Promise<Map<ResourceId, string>> {
      const found = await documents
        .find(
          { _id: { $in: resourceIds.map((id) => linkId(target, id)) as never[] }, tenant },
          { projection: { resourceId: 1, remoteId: 1, state: 1 } },
        )
        .toArray();
      const held = (found as unknown as LinkDocument[]).filter(({ remoteId, state }) => remoteId && state !== 'gone');
      return new Map(held.map(({ resourceId, remoteId }) => [resourceId as ResourceId, remoteId ?? '']));
    },

    /** Links to these accounts, marked as met by a reconciliation. */
    async meet(
      { tenant, target, resourceType }: Pick<Link, 'tenant' | 'target' | 'resourceType'>,
      remoteIds: readonly string[],
      run: JobId,
    ): Promise<Link[]> {
      if (remoteIds.length === 0) return [];
      const accounts = { tenant, target, resourceType, remoteId: { $in: remoteIds as string[] } };
      await documents.updateMany(accounts, { $set: { seenBy: run } });
      const found = await documents.find(accounts).toArray();
      return found.map((document) => toLink(document as unknown as LinkDocument));
    },

    /** Links to accounts that a reconciliation did not meet, a page at a time in the order of resource ids. */
    async unmet(
      tenant: TenantId,
      target: TargetId,
      run: JobId,
      { after, limit }: { readonly after: string; readonly limit: number },
    ): Promise<Link[]> {
      const found = await documents
        .find({
          tenant,
          target,
          _id: { $gt: linkId(target, after as ResourceId) as never },
          state: 'linked',
          seenBy: { $ne: run },
        } as never)
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map((document) => toLink(document as unknown as LinkDocument));
    },

    /** Links of a target, a page at a time in the order of resource ids. Without what accounts hold. */
    async ofTarget(
      tenant: TenantId,
      target: TargetId,
      { after, limit }: { readonly after: string; readonly limit: number },
    ): Promise<Link[]> {
      const behind = { $gt: linkId(target, after as ResourceId), $lt: `${target};` };
      const found = await documents
        .find({ tenant, target, _id: behind } as never, { projection: { content: 0, shown: 0 } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map((document) => toLink(document as unknown as LinkDocument));
    },

    /** Accounts that the target holds of the tenant's resources. */
    count: (tenant: TenantId, target: TargetId): Promise<number> =>
      documents.countDocuments({ tenant, target, state: { $in: ['linked', 'disabled'] } }),

    /** The target knows who is in the group up to this version of it. */
    async confirmMembers(tenant: TenantId, target: TargetId, group: ResourceId, version: number): Promise<void> {
      await documents.updateOne({ _id: linkId(target, group) as never, tenant }, { $set: { membersVersion: version } });
    },

    /** Notes what an account keeps of what it confirmed, unless something else was sent meanwhile. */
    async noteNotKept(
      { tenant, target, resourceId, contentHash }: Pick<Link, 'tenant' | 'target' | 'resourceId' | 'contentHash'>,
      notKept: readonly string[],
    ): Promise<void> {
      const link = { _id: linkId(target, resourceId), tenant, contentHash };
      await documents.updateOne(link as never, { $set: { notKept: [...notKept] } });
    },

    async remove(tenant: TenantId, target: TargetId, resourceId: ResourceId): Promise<void> {
      await documents.deleteOne({ _id: linkId(target, resourceId) as never, tenant });
    },
  };
}

const holdOf = ({ state, target, resourceType, remoteId }: Omit<Link, 'content'>): { readonly holds?: string } =>
  state === 'linked' && remoteId !== undefined ? { holds: `${target}:${resourceType}:${remoteId}` } : {};

const isAnothers = (remoteId: string, holder: ResourceId): ProvostError =>
  new ProvostError(
    'TARGET_MATCH_UNDECIDED',
    `The account ${remoteId} matches, and is that of the resource ${holder}. Unlink it there first, decide for another one, or match by something else.`,
  );

/** What of an account is stored sealed. */
const SEALED_FIELDS = ['content', 'shown', 'found'] as const;
type SealedField = (typeof SEALED_FIELDS)[number];

const linkId = (target: TargetId, resourceId: ResourceId): string => `${target}:${resourceId}`;
const context = (tenant: string, id: string, field: string): string => `${tenant}/links/${id}/${field}`;

export const SEALED_LINKS: SealedCollection = {
  collection: 'links',
  placesIn: ({ _id, tenant = '' }) => SEALED_FIELDS.map((field) => [field, context(tenant, _id, field)] as const),
};
