import { ProvostError } from '../errors.ts';
import { isObject, isSameValue } from './json.ts';
import type { Resource, ScimObject, ScimValue } from './resource.ts';
import { declareSchemas } from './schema/declare-schemas.ts';
import type { AttributeDefinition, ResourceTypeDefinition } from './schema/definition.ts';

/**
 * The resource after a PUT (RFC 7644 §3.5.1): what the client sent replaces everything, except that readOnly values
 * stay, an immutable one may only be left out or repeated, and a writeOnly one that is left out stays, since no client
 * can have read it.
 *
 * @param after as {@link parseResource} returns it
 * @throws ProvostError `MUTABILITY` where an immutable attribute would change
 */
export function mergeReplace(before: Resource, after: Resource, type: ResourceTypeDefinition): Resource {
  let merged = mergeAttributes(before, after, type.schema.attributes, '');
  for (const { schema } of type.extensions) {
    const held = before[schema.id];
    const sent = after[schema.id];
    const extension = mergeAttributes(
      isObject(held) ? held : {},
      isObject(sent) ? sent : {},
      schema.attributes,
      `${schema.id}:`,
    );
    merged = { ...merged, [schema.id]: extension };
  }
  return declareSchemas(merged, type);
}

function mergeAttributes(
  before: ScimObject,
  after: ScimObject,
  attributes: readonly AttributeDefinition[],
  prefix: string,
): ScimObject {
  const merged: Record<string, ScimValue> = { ...after };
  for (const attribute of attributes) {
    const path = `${prefix}${attribute.name}`;
    const value = mergeValue(before[attribute.name], after[attribute.name], attribute, path);
    if (value === undefined) delete merged[attribute.name];
    else merged[attribute.name] = value;
  }
  return merged;
}

function mergeValue(
  held: ScimValue | undefined,
  sent: ScimValue | undefined,
  attribute: AttributeDefinition,
  path: string,
): ScimValue | undefined {
  if (held === undefined) return sent;
  if (attribute.mutability === 'readOnly') return held;
  if (attribute.mutability === 'writeOnly') return sent ?? held;
  if (attribute.mutability === 'immutable') {
    if (sent !== undefined && !isSameValue(held, sent, 'unordered'))
      throw new ProvostError('MUTABILITY', `${path} cannot be changed once it is set.`, { path });
    return held;
  }
  const { subAttributes, multiValued } = attribute;
  if (subAttributes === undefined || multiValued || !isObject(held)) return sent;
  const merged = mergeAttributes(held, isObject(sent) ? sent : {}, subAttributes, `${path}.`);
  return Object.keys(merged).length === 0 ? undefined : merged;
}
