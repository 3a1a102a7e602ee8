import type { ScimObject } from '../../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';

export const RESOURCE_TYPE_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:ResourceType';

/** A resource type as clients read it (RFC 7643 §6). */
export function renderResourceType(type: ResourceTypeDefinition, baseUrl: string): ScimObject {
  const extensions = type.extensions.map(({ schema, required }) => ({ schema: schema.id, required }));
  return {
    schemas: [RESOURCE_TYPE_SCHEMA],
    id: type.id,
    name: type.name,
    endpoint: type.endpoint,
    description: type.description,
    schema: type.schema.id,
    ...(extensions.length === 0 ? {} : { schemaExtensions: extensions }),
    meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/${encodeURIComponent(type.name)}` },
  };
}
