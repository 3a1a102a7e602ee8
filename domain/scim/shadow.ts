import { foldCase } from './fold-case.ts';
import { isArray, isObject } from './json.ts';
import type { Resource, ScimObject, ScimValue } from './resource.ts';
import { COMMON_ATTRIBUTES } from './schema/common.ts';
import type { AttributeDefinition, ResourceTypeDefinition } from './schema/definition.ts';
import { toInstant } from './values/date-time.ts';

/** What the server knows of a resource and filters may ask for. */
export interface ServerAttributes {
  readonly id: string;
  readonly meta: {
    readonly resourceType?: string;
    readonly created?: string;
    readonly lastModified?: string;
    readonly version?: string;
  };
}

/**
 * What filters and sorting see of a resource. The same shape, every value in one comparable form: strings that ignore
 * case folded, dateTimes as UTC instants. What is unassigned is absent, and so is an empty string, since `pr` asks for a
 * "non-empty" value (RFC 7644 §3.4.2.2). Secrets are not in it.
 *
 * It is stored beside the resource, so that a plain index answers a case-insensitive filter. {@link sortKeys} adds what
 * sorting needs.
 */
export function canonicalShadow(
  resource: Resource,
  type: ResourceTypeDefinition,
  server: ServerAttributes,
): ScimObject {
  const common = shadowOf({ ...resource, ...server }, COMMON_ATTRIBUTES);
  const core = shadowOf(resource, type.schema.attributes);
  const extensions: Record<string, ScimValue> = {};
  for (const { schema } of type.extensions) {
    const held = resource[schema.id];
    const shadow = isObject(held) ? shadowOf(held, schema.attributes) : {};
    if (Object.keys(shadow).length > 0) extensions[schema.id] = shadow;
  }
  return { ...common, ...core, ...extensions };
}

function shadowOf(object: ScimObject, attributes: readonly AttributeDefinition[]): ScimObject {
  const shadow: Record<string, ScimValue> = {};
  for (const attribute of attributes) {
    const value = isSearchable(attribute) ? shadowValue(object[attribute.name], attribute) : undefined;
    if (value !== undefined) shadow[attribute.name] = value;
  }
  return shadow;
}

function shadowValue(value: ScimValue | undefined, attribute: AttributeDefinition): ScimValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (isArray(value)) {
    const elements = value.map((element) => shadowValue(element, attribute)).filter((element) => element !== undefined);
    return elements.length === 0 ? undefined : elements;
  }
  if (!isObject(value)) return comparableValue(value, attribute);
  const shadow = shadowOf(value, attribute.subAttributes ?? []);
  return Object.keys(shadow).length === 0 ? undefined : shadow;
}

/** What a filter on elements sees of one element of a multi-valued attribute. */
export const elementShadow = (element: ScimValue, attribute: AttributeDefinition): ScimValue =>
  shadowValue(element, attribute) ?? {};

/** A simple value in the form in which it is compared, the same for what is stored and what a filter asks for. */
export function comparableValue(
  value: string | number | boolean,
  attribute: AttributeDefinition,
): string | number | boolean | undefined {
  if (typeof value !== 'string') return value;
  if (value === '') return undefined;
  if (attribute.type === 'dateTime') return toInstant(value);
  return attribute.type === 'binary' || attribute.caseExact ? value : foldCase(value);
}

/** False for secrets: an answer to a filter on them would tell them (RFC 7644 §7.5.2). */
export const isSearchable = (attribute: AttributeDefinition): boolean =>
  attribute.returned !== 'never' && attribute.mutability !== 'writeOnly';
