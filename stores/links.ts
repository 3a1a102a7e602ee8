import { type Connection, Schema } from 'mongoose';
import type { JobId, ResourceId, TargetId, TenantId } from '../domain/ids.ts';
import type { Link, LinkState } from '../domain/link.ts';
import type { ScimObject } from '../domain/scim/resource.ts';
import type { Sealer } from '../domain/sealing.ts';
import { isDuplicateKey } from './connect.ts';

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
  readonly found?: string;
  readonly membersVersion?: number;
  readonly disabledAt?: string;
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
    found: { type: String },
    membersVersion: { type: Number },
    disabledAt: { type: String },
    seenBy: { type: String },
  },
  { collection: 'links', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, resourceId: 1 });
schema.index({ tenant: 1, target: 1, _id: 1 });
schema.index({ tenant: 1, target: 1, remoteId: 1 });

export type LinkStanding = Pick<Link, 'resourceId' | 'target' | 'state'>;

export type LinkStore = ReturnType<typeof createLinkStore>;

/** What each target is known to hold of each resource. The confirmed content is sealed. */
export function createLinkStore(connection: Connection, sealer: Sealer) {
  const documents = connection.model('Link', schema).collection;

  const open = (sealed: string | undefined, field: string, tenant: string, id: string): ScimObject | undefined =>
    sealed === undefined ? undefined : (sealer.unseal(sealed, context(tenant, id, field)) as ScimObject);

  const toLink = ({ _id, content, found, seenBy: _run, ...rest }: LinkDocument): Link => {
    const opened = {
      content: open(content, 'content', rest.tenant, _id),
      found: open(found, 'found', rest.tenant, _id),
    };
    return {
      ...(rest as Omit<Link, 'content' | 'found'>),
      ...(opened.content === undefined ? {} : { content: opened.content }),
      ...(opened.found === undefined ? {} : { found: opened.found }),
    };
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

    async save(link: Link): Promise<void> {
      const { content, found, ...rest } = link;
      const id = linkId(link.target, link.resourceId);
      const seal = (value: ScimObject, field: string): string => sealer.seal(value, context(link.tenant, id, field));
      const document = {
        ...rest,
        ...(content === undefined ? {} : { content: seal(content, 'content') }),
        ...(found === undefined ? {} : { found: seal(found, 'found') }),
      };
      await documents.replaceOne({ _id: id as never, tenant: link.tenant }, document as never, { upsert: true });
    },

    /** The resource whose account this is. */
    async holderOf(tenant: TenantId, target: TargetId, remoteId: string): Promise<ResourceId | undefined> {
      const found = await documents.findOne(
        { tenant, target, remoteId, state: { $in: ['linked', 'disabled'] } },
        { projection: { resourceId: 1 } },
      );
      return found === null ? undefined : (found['resourceId'] as ResourceId);
    },

    /** Another resource whose account this is. That of one who is gone, and was disabled, is nobody's. */
    async otherHolder(
      { tenant, target, resourceId }: Pick<Link, 'tenant' | 'target' | 'resourceId'>,
      remoteId: string,
    ): Promise<ResourceId | undefined> {
      const found = await documents.findOne(
        { tenant, target, remoteId, state: 'linked', resourceId: { $ne: resourceId } } as never,
        { projection: { resourceId: 1 } },
      );
      return found === null ? undefined : (found['resourceId'] as ResourceId);
    },

    /** Writes a link where there is none. @returns whether it did */
    async claim({ content: _none, found, ...rest }: Link): Promise<boolean> {
      const id = linkId(rest.target, rest.resourceId);
      const sealed = found === undefined ? {} : { found: sealer.seal(found, context(rest.tenant, id, 'found')) };
      try {
        await documents.insertOne({ _id: id as never, ...rest, ...sealed } as never);
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
    async meet(tenant: TenantId, target: TargetId, remoteIds: readonly string[], run: JobId): Promise<Link[]> {
      if (remoteIds.length === 0) return [];
      const accounts = { tenant, target, remoteId: { $in: remoteIds as string[] } };
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
        .find({ tenant, target, _id: behind } as never, { projection: { content: 0 } })
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

    async remove(tenant: TenantId, target: TargetId, resourceId: ResourceId): Promise<void> {
      await documents.deleteOne({ _id: linkId(target, resourceId) as never, tenant });
    },
  };
}

const linkId = (target: TargetId, resourceId: ResourceId): string => `${target}:${resourceId}`;
const context = (tenant: string, id: string, field: string): string => `${tenant}/links/${id}/${field}`;
