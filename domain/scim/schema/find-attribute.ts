import { COMMON_ATTRIBUTES } from './common.ts';
import type { AttributeDefinition, ResourceTypeDefinition, SchemaDefinition } from './definition.ts';

const indexes = new WeakMap<readonly AttributeDefinition[], ReadonlyMap<string, AttributeDefinition>>();

/** An attribute by its name, in any letter case (RFC 7643 §2.1). */
export function findAttribute(
  attributes: readonly AttributeDefinition[] | undefined,
  name: string,
): AttributeDefinition | undefined {
  if (attributes === undefined) return undefined;
  let index = indexes.get(attributes);
  if (index === undefined) {
    index = new Map(attributes.map((attribute) => [attribute.name.toLowerCase(), attribute]));
    indexes.set(attributes, index);
  }
  return index.get(name.toLowerCase());
}

/** A core or common attribute of a resource type. */
export const findCoreAttribute = (type: ResourceTypeDefinition, name: string): AttributeDefinition | undefined =>
  findAttribute(type.schema.attributes, name) ?? findAttribute(COMMON_ATTRIBUTES, name);

/** An extension's schema by its URN; URNs are compared without regard to case, as attribute names are. */
export function findExtension(type: ResourceTypeDefinition, urn: string): SchemaDefinition | undefined {
  const folded = urn.toLowerCase();
  return type.extensions.find((extension) => extension.schema.id.toLowerCase() === folded)?.schema;
}

/** An extension by the short name of its schema, `EnterpriseUser`, where no attribute and no other one has that name. */
export function extensionNamed(type: ResourceTypeDefinition, name: string): SchemaDefinition | undefined {
  const folded = name.toLowerCase();
  const [found, ...others] = type.extensions.filter(({ schema }) => schema.name.toLowerCase() === folded);
  const isOnly = found !== undefined && others.length === 0 && findCoreAttribute(type, name) === undefined;
  return isOnly ? found.schema : undefined;
}

export const isCoreSchema = (type: ResourceTypeDefinition, urn: string): boolean =>
  type.schema.id.toLowerCase() === urn.toLowerCase();

/** Computed or secret: never taken into a resource, never searched. */
export const isServerComputed = (attribute: AttributeDefinition): boolean =>
  attribute.mutability === 'readOnly' || attribute.name === '$ref';
