import type { ResourceId, TenantId } from '../../domain/ids.ts';
import type { ScimObject } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { computedOf } from './computed-attributes.ts';
import type { Scim2Dependencies } from './context.ts';
import { renderResource } from './render.ts';

/** All of a resource as its clients see it. @returns undefined where nothing is stored under the id */
export async function shownResource(
  tenant: TenantId,
  type: ResourceTypeDefinition,
  id: ResourceId,
  baseUrl: string,
  dependencies: Pick<Scim2Dependencies, 'resources' | 'computed'>,
): Promise<ScimObject | undefined> {
  const stored = await dependencies.resources.find(tenant, type.name, id);
  if (stored === undefined) return undefined;
  return renderResource(stored, type, baseUrl, {}, await computedOf(tenant, stored, type, baseUrl, {}, dependencies));
}
