import { withAccount } from './account.ts';
import type { ChangeBody } from './change.ts';
import { ProvostError } from './errors.ts';
import { withActive } from './scim/active.ts';
import type { Deviation } from './scim/deviation.ts';
import { isSameValue } from './scim/json.ts';
import { mergeReplace } from './scim/merge-replace.ts';
import type { Mode } from './scim/mode.ts';
import { applyPatch } from './scim/patch/apply-patch.ts';
import type { Resource, ScimObject } from './scim/resource.ts';
import type { ResourceTypeDefinition } from './scim/schema/definition.ts';
import { canonicalShadow, comparableValue } from './scim/shadow.ts';
import { sortKeys } from './scim/sort-keys.ts';

/** What the server knows of a resource besides its attributes. */
export interface ResourceFacts {
  readonly id: string;
  readonly created: string;
  readonly lastModified: string;
}

/** A resource type with what storing it needs. */
export interface ResourceRules {
  readonly type: ResourceTypeDefinition;
  shadow(resource: Resource, facts: ResourceFacts): ScimObject;
  /** Strings that no two resources of the type and tenant may share. */
  uniqueKeys(resource: Resource, store: string): string[];
}

export const createResourceRules = (type: ResourceTypeDefinition): ResourceRules => ({
  type,
  shadow(resource, { id, created, lastModified }) {
    const shadow = canonicalShadow(resource, type, { id, meta: { resourceType: type.name, created, lastModified } });
    return { ...shadow, ...sortKeys(shadow, type) };
  },
  uniqueKeys: (resource, store) => uniqueValues(resource, type).map(({ path, value }) => uniqueKey(store, path, value)),
});

/** @param value folded where the attribute ignores case */
export const uniqueKey = (store: string, path: string, value: string): string => `${store}|${path}|${value}`;

/** The attribute that a unique key is of. */
export const attributeOfKey = (key: string): string => key.split('|')[1] ?? '';

/** Values of the attributes whose schema says that they are unique (RFC 7643 §2.2), folded where case does not count. */
function uniqueValues(resource: Resource, type: ResourceTypeDefinition): { path: string; value: string }[] {
  const found: { path: string; value: string }[] = [];
  const schemas = [{ schema: type.schema, held: resource as ScimObject, prefix: '' }];
  for (const { schema } of type.extensions) {
    const held = resource[schema.id];
    if (typeof held === 'object' && held !== null && !Array.isArray(held)) {
      schemas.push({ schema, held: held as ScimObject, prefix: `${schema.id}:` });
    }
  }
  for (const { schema, held, prefix } of schemas) {
    for (const attribute of schema.attributes) {
      const value = held[attribute.name];
      if (attribute.uniqueness === 'none' || (typeof value !== 'string' && typeof value !== 'number')) continue;
      const comparable = comparableValue(value, attribute);
      if (comparable !== undefined) found.push({ path: `${prefix}${attribute.name}`, value: String(comparable) });
    }
  }
  return found;
}

export interface AppliedBody {
  readonly resource: Resource;
  readonly changed: boolean;
  /** What only the resource as it stood could tell, of a PATCH. */
  readonly deviations: readonly Deviation[];
}

/**
 * The resource after a change. Pure: the same input gives the same resource, so doing it again is safe.
 *
 * @throws ProvostError what RFC 7644 §3.5 says of a request that can't be applied
 */
export function applyBody(
  before: Resource | undefined,
  body: Exclude<ChangeBody, { kind: 'delete' | 'reproject' }>,
  { type }: ResourceRules,
  mode: Mode,
): AppliedBody {
  if (body.kind === 'create') return { resource: withActive(body.resource, type), changed: true, deviations: [] };
  if (before === undefined) throw new ProvostError('NOT_FOUND', `There is no such ${type.name}.`);
  if (body.kind === 'patch') {
    const patched = applyPatch(before, body.operations, type, mode);
    const active = patched.changed ? withActive(patched.resource, type, before) : patched.resource;
    if (body.account === undefined) return { ...patched, resource: active };
    const resource = withAccount(active, body.account, type);
    return { ...patched, resource, changed: !isSameValue(before, resource, 'unordered') };
  }
  const resource = withActive(mergeReplace(before, body.resource, type), type, before);
  return { resource, changed: !isSameValue(before, resource, 'unordered'), deviations: [] };
}
