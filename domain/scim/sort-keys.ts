import { isArray, isObject } from './json.ts';
import type { ScimObject, ScimValue } from './resource.ts';
import { COMMON_ATTRIBUTES } from './schema/common.ts';
import type { AttributeDefinition, ResourceTypeDefinition } from './schema/definition.ts';

/** No attribute's name starts with an underscore (RFC 7643 §2.1), so these cannot meet one. */
export const SORT_FIRST = '_first';
export const SORT_HAS = '_has';

/**
 * What sorting needs beside the shadow (RFC 7644 §3.4.2.3):
 *
 * - `_first`: of each multi-valued attribute the primary element, else the first. MongoDB would take the smallest.
 * - `_has`: `true` at every path that can be sorted by and may be absent. MongoDB puts what is absent first, SCIM last;
 *   this marker is sorted by before the value.
 *
 * @param shadow as {@link canonicalShadow} returns it
 * @returns to be merged into the shadow
 */
export function sortKeys(shadow: ScimObject, type: ResourceTypeDefinition): ScimObject {
  const first: Record<string, ScimValue> = {};
  const has: Record<string, ScimValue> = {};
  const core = [...COMMON_ATTRIBUTES, ...type.schema.attributes];
  collect(
    shadow,
    core.filter((attribute) => !isAlwaysThere(attribute)),
    first,
    has,
  );
  for (const { schema } of type.extensions) {
    const held = shadow[schema.id];
    if (!isObject(held)) continue;
    const firstWithin: Record<string, ScimValue> = {};
    const hasWithin: Record<string, ScimValue> = {};
    collect(held, schema.attributes, firstWithin, hasWithin);
    if (Object.keys(firstWithin).length > 0) first[schema.id] = firstWithin;
    if (Object.keys(hasWithin).length > 0) has[schema.id] = hasWithin;
  }
  return { [SORT_FIRST]: first, [SORT_HAS]: has };
}

function collect(
  shadow: ScimObject,
  attributes: readonly AttributeDefinition[],
  first: Record<string, ScimValue>,
  has: Record<string, ScimValue>,
): void {
  for (const attribute of attributes) {
    const value = shadow[attribute.name];
    if (value === undefined) continue;
    const chosen = isArray(value) ? chooseElement(value) : value;
    if (chosen === undefined) continue;
    if (isArray(value)) first[attribute.name] = chosen;
    has[attribute.name] = isObject(chosen) ? Object.fromEntries(Object.keys(chosen).map((name) => [name, true])) : true;
  }
}

const chooseElement = (elements: readonly ScimValue[]): ScimValue | undefined =>
  elements.find((element) => isObject(element) && element['primary'] === true) ?? elements[0];

/**
 * Sorting by what is never absent needs no marker, so that an index on the path alone serves it. Of core attributes only:
 * what an extension requires is absent where the extension is.
 */
export const isAlwaysThere = (attribute: AttributeDefinition): boolean =>
  attribute.name === 'id' ||
  attribute.name === 'meta' ||
  attribute.name === 'schemas' ||
  (attribute.required && !attribute.multiValued && attribute.type !== 'complex');
