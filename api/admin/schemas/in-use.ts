import type { TenantId } from '../../../domain/ids.ts';
import { resourceTypesOf, type TenantSchemas } from '../../../domain/scim/schema/tenant-types.ts';
import { encodeKey } from '../../../domain/scim/stored-form.ts';
import type { ResourceStore } from '../../../stores/resources.ts';

type Counting = Pick<ResourceStore, 'count'>;

/** Whether a resource of this type stands. */
export const hasResources = async (tenant: TenantId, type: string, resources: Counting): Promise<boolean> =>
  (await resources.count(tenant, [{ type, query: {} }])) > 0;

/** Whether a resource of this type has anything of an extension. */
export const hasExtension = async (
  tenant: TenantId,
  type: string,
  schema: string,
  resources: Counting,
): Promise<boolean> =>
  (await resources.count(tenant, [{ type, query: { [`r.${encodeKey(schema)}`]: { $exists: true } } }])) > 0;

/** Whether a resource of any type has values under this schema, as its core or as an extension. */
export async function isSchemaInUse(
  tenant: TenantId,
  policy: TenantSchemas,
  schema: string,
  resources: Counting,
): Promise<boolean> {
  for (const type of resourceTypesOf(policy)) {
    if (type.schema.id === schema && (await hasResources(tenant, type.name, resources))) return true;
    const isExtension = type.extensions.some((extension) => extension.schema.id === schema);
    if (isExtension && (await hasExtension(tenant, type.name, schema, resources))) return true;
  }
  return false;
}
