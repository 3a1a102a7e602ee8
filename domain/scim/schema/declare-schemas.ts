import { isObject, omit } from '../json.ts';
import type { Resource, ScimObject } from '../resource.ts';
import type { ResourceTypeDefinition } from './definition.ts';

/** The attributes as a resource whose `schemas` lists exactly what is in it (RFC 7643 §3). Empty extensions go. */
export function declareSchemas(attributes: ScimObject, type: ResourceTypeDefinition): Resource {
  let rest = omit(attributes, 'schemas');
  const schemas = [type.schema.id];
  for (const { schema } of type.extensions) {
    const held = rest[schema.id];
    if (isObject(held) && Object.keys(held).length > 0) schemas.push(schema.id);
    else if (Object.hasOwn(rest, schema.id)) rest = omit(rest, schema.id);
  }
  return { schemas, ...rest };
}
