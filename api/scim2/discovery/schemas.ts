import type { ScimObject } from '../../../domain/scim/resource.ts';
import type {
  AttributeDefinition,
  ResourceTypeDefinition,
  SchemaDefinition,
} from '../../../domain/scim/schema/definition.ts';

export const SCHEMA_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Schema';

/** Every schema that some resource type has, once. */
export function schemasOf(types: readonly ResourceTypeDefinition[]): readonly SchemaDefinition[] {
  const all = types.flatMap((type) => [type.schema, ...type.extensions.map(({ schema }) => schema)]);
  return [...new Map(all.map((schema) => [schema.id, schema])).values()];
}

/** A schema as clients read it (RFC 7643 §7). Entra takes no nulls and reads names as they are: peers.md 3.3 no. 25. */
export const renderSchema = (schema: SchemaDefinition, baseUrl: string): ScimObject => ({
  schemas: [SCHEMA_SCHEMA],
  id: schema.id,
  name: schema.name,
  description: schema.description,
  attributes: schema.attributes.map(renderAttribute),
  meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${schema.id}` },
});

/** Letter case is a trait of text only; a complex attribute has it in its sub-attributes. */
function renderAttribute(attribute: AttributeDefinition): ScimObject {
  const { name, type, multiValued, description, required, caseExact, mutability, returned, uniqueness } = attribute;
  const { canonicalValues, referenceTypes, subAttributes } = attribute;
  return {
    name,
    type,
    multiValued,
    description,
    required,
    ...(type === 'complex' ? {} : { caseExact }),
    mutability,
    returned,
    uniqueness,
    ...(canonicalValues === undefined ? {} : { canonicalValues }),
    ...(referenceTypes === undefined ? {} : { referenceTypes }),
    ...(subAttributes === undefined ? {} : { subAttributes: subAttributes.map(renderAttribute) }),
  };
}
