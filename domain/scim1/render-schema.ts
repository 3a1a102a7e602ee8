import type { ScimObject } from '../scim/resource.ts';
import { COMMON_ATTRIBUTES } from '../scim/schema/common.ts';
import type { AttributeDefinition, ResourceTypeDefinition } from '../scim/schema/definition.ts';
import { isServerComputed } from '../scim/schema/find-attribute.ts';
import { CORE_SCHEMA_1, ENTERPRISE_SCHEMA_1, toUrn1 } from './names.ts';
import { singularName } from './singular-name.ts';

/** The id that SCIM 1.1 knows the schema of a resource type by. */
export const schemaId1 = (type: ResourceTypeDefinition): string => `${CORE_SCHEMA_1}:${type.name}`;

/** A resource type's schema in the form of SCIM 1.1 (Core Schema 1.1 §10): one for core and extensions together. */
export function renderSchema1(type: ResourceTypeDefinition): ScimObject {
  const core = [...COMMON_ATTRIBUTES.filter(({ name }) => name !== 'schemas'), ...type.schema.attributes];
  return {
    id: schemaId1(type),
    name: type.name,
    description: type.description,
    schema: CORE_SCHEMA_1,
    endpoint: type.endpoint,
    attributes: [
      ...core.map((attribute) => renderAttribute(attribute, CORE_SCHEMA_1)),
      ...type.extensions.flatMap(({ schema }) =>
        schema.attributes.map((attribute) => renderAttribute(attribute, toUrn1(schema.id, type))),
      ),
    ],
  };
}

function renderAttribute(attribute: AttributeDefinition, schema: string): ScimObject {
  const { name, multiValued, subAttributes } = attribute;
  return {
    ...traits(attribute),
    multiValued,
    ...(multiValued ? { multiValuedAttributeChildName: singularName(name) } : {}),
    schema,
    ...(subAttributes === undefined ? {} : { subAttributes: renderSubs(name, subAttributes, schema, multiValued) }),
  };
}

function renderSubs(
  holder: string,
  subs: readonly AttributeDefinition[],
  schema: string,
  multiValued: boolean,
): ScimObject[] {
  const isManager = holder === 'manager' && schema === ENTERPRISE_SCHEMA_1;
  const isShown = ({ name }: AttributeDefinition): boolean =>
    name !== '$ref' && !(holder === 'meta' && name === 'resourceType');
  const shown = subs
    .filter(isShown)
    .map((sub) => (isManager && sub.name === 'value' ? traits({ ...sub, name: 'managerId' }) : traits(sub)));
  return multiValued ? [...shown, OPERATION] : shown;
}

const OPERATION: ScimObject = {
  name: 'operation',
  type: 'string',
  description: 'What a PATCH does with the value: "delete" removes it.',
  readOnly: false,
  required: false,
  caseExact: false,
  canonicalValues: ['delete'],
};

/** SCIM 1.1 has no references: they are strings. */
const traits = (attribute: AttributeDefinition): ScimObject => ({
  name: attribute.name,
  type: attribute.type === 'reference' ? 'string' : attribute.type,
  description: attribute.description,
  readOnly: isServerComputed(attribute),
  required: attribute.required,
  caseExact: attribute.caseExact,
  ...(attribute.canonicalValues === undefined ? {} : { canonicalValues: attribute.canonicalValues }),
});
