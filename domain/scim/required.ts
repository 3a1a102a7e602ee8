import { isArray, isObject } from './json.ts';
import type { Resource, ScimObject, ScimValue } from './resource.ts';
import type { AttributeDefinition, ResourceTypeDefinition } from './schema/definition.ts';

/**
 * Paths of required attributes that a resource lacks (RFC 7643 §2.2). A required string must not be empty either, as
 * §4.1.1 says of userName. What is required within an extension counts where the extension is used.
 */
export function missingRequired(resource: Resource, type: ResourceTypeDefinition): readonly string[] {
  const missing = missingIn(resource, type.schema.attributes, '');
  for (const { schema, required } of type.extensions) {
    const held = resource[schema.id];
    if (isObject(held)) missing.push(...missingIn(held, schema.attributes, `${schema.id}:`));
    else if (required) missing.push(schema.id);
  }
  return missing;
}

function missingIn(object: ScimObject, attributes: readonly AttributeDefinition[], prefix: string): string[] {
  return attributes.flatMap((attribute) => {
    const path = `${prefix}${attribute.name}`;
    const value = object[attribute.name];
    if (isUnassigned(value)) return attribute.required && attribute.mutability !== 'readOnly' ? [path] : [];
    const { subAttributes } = attribute;
    if (subAttributes === undefined) return [];
    const elements = (isArray(value) ? value : [value]).filter(isObject);
    return [...new Set(elements.flatMap((element) => missingIn(element, subAttributes, `${path}.`)))];
  });
}

const isUnassigned = (value: ScimValue | undefined): boolean =>
  value === undefined || value === null || value === '' || (isArray(value) && value.length === 0);
