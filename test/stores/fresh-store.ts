import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { createResourceRules } from '../../domain/apply-change.ts';
import { asChangeId, asResourceId, asTenantId, type TenantId } from '../../domain/ids.ts';
import { PRIMARY_STORE } from '../../domain/policy.ts';
import type { Resource, ScimObject } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { fromStored, toStored } from '../../domain/scim/stored-form.ts';
import { connectMongo, ensureIndexes } from '../../stores/connect.ts';
import { createResourceStore, type ResourceWrite } from '../../stores/resources.ts';

export type FreshStore = Awaited<ReturnType<typeof openFreshStore>>;

/** A resource store with its indexes, on a database that is dropped after the test. */
export async function openFreshStore(context: TestContext) {
  const uri = new URL(process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:27017/');
  uri.pathname = `/test-resources-${randomUUID()}`;
  const connection = await connectMongo({ uri: uri.href, maxPoolSize: 10 });
  context.after(async () => {
    await connection.dropDatabase();
    await connection.close();
  });
  const resources = createResourceStore(connection, { toStored, fromStored });
  await ensureIndexes(connection);
  const tenant = asTenantId('acme');
  const documents = connection.collection('resources');

  return {
    connection,
    documents,
    resources,
    tenant,

    /** Stores a resource as the persist activity does. */
    async add(type: ResourceTypeDefinition, attributes: ScimObject, given: Given = {}): Promise<ResourceWrite> {
      const write = toWrite(tenant, type, attributes, given);
      await resources.insert(write);
      return write;
    },

    /** Many at once. */
    async addAll(type: ResourceTypeDefinition, all: readonly ScimObject[]): Promise<ResourceWrite[]> {
      const writes = all.map((attributes) => toWrite(tenant, type, attributes, {}));
      for (let at = 0; at < writes.length; at += 500) {
        await documents.insertMany(
          writes.slice(at, at + 500).map(({ id, resource, shadow, uniqueKeys, ...rest }) => ({
            _id: id as never,
            ...rest,
            r: toStored(resource),
            k: toStored(shadow),
            uniq: uniqueKeys,
          })),
        );
      }
      return writes;
    },
  };
}

export interface Given {
  readonly id?: string;
  readonly change?: string;
  readonly at?: string;
}

/** A resource as the persist activity writes it. */
export function toWrite(
  tenant: TenantId,
  type: ResourceTypeDefinition,
  attributes: ScimObject,
  { id = randomUUID(), change = randomUUID(), at = new Date().toISOString() }: Given,
): ResourceWrite {
  const resource = { schemas: [type.schema.id], ...attributes } as Resource;
  const rules = createResourceRules(type);
  return {
    id: asResourceId(id),
    tenant,
    type: type.name,
    store: PRIMARY_STORE,
    version: 1,
    change: asChangeId(change),
    created: at,
    lastModified: at,
    resource,
    shadow: rules.shadow(resource, { id, created: at, lastModified: at }),
    uniqueKeys: rules.uniqueKeys(resource, PRIMARY_STORE),
  };
}
