import { type Connection, Schema } from 'mongoose';
import type { ResourceId, TargetId, TenantId } from '../domain/ids.ts';
import type { Link, LinkState } from '../domain/link.ts';
import type { ScimObject } from '../domain/scim/resource.ts';
import type { Sealer } from '../domain/sealing.ts';

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
  },
  { collection: 'links', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, resourceId: 1 });
schema.index({ tenant: 1, target: 1, _id: 1 });
schema.index({ tenant: 1, target: 1, remoteId: 1 });

export type LinkStore = ReturnType<typeof createLinkStore>;

/** What each target is known to hold of each resource. The confirmed content is sealed. */
export function createLinkStore(connection: Connection, sealer: Sealer) {
  const documents = connection.model('Link', schema).collection;

  const toLink = ({ _id, content, ...rest }: LinkDocument): Link => ({
    ...(rest as Omit<Link, 'content'>),
    ...(content === undefined ? {} : { content: sealer.unseal(content, context(rest.tenant, _id)) as ScimObject }),
  });

  return {
    async find(tenant: TenantId, target: TargetId, resourceId: ResourceId): Promise<Link | undefined> {
      const found = await documents.findOne({ _id: linkId(target, resourceId) as never, tenant });
      return found === null ? undefined : toLink(found as unknown as LinkDocument);
    },

    async ofResource(tenant: TenantId, resourceId: ResourceId): Promise<Link[]> {
      const found = await documents.find({ tenant, resourceId }).toArray();
      return found.map((document) => toLink(document as unknown as LinkDocument));
    },

    async save(link: Link): Promise<void> {
      const { content, ...rest } = link;
      const id = linkId(link.target, link.resourceId);
      const document = {
        ...rest,
        ...(content === undefined ? {} : { content: sealer.seal(content, context(link.tenant, id)) }),
      };
      await documents.replaceOne({ _id: id as never, tenant: link.tenant }, document as never, { upsert: true });
    },

    async remove(tenant: TenantId, target: TargetId, resourceId: ResourceId): Promise<void> {
      await documents.deleteOne({ _id: linkId(target, resourceId) as never, tenant });
    },
  };
}

const linkId = (target: TargetId, resourceId: ResourceId): string => `${target}:${resourceId}`;
const context = (tenant: string, id: string): string => `${tenant}/links/${id}/content`;
