import { bindPath, respellName, splitAttributePath } from './attribute-path.ts';
import { isArray, isObject } from './json.ts';
import type { Resource, ScimObject, ScimValue } from './resource.ts';
import type { AttributeDefinition, ResourceTypeDefinition } from './schema/definition.ts';
import { findAttribute, findCoreAttribute, findExtension, isCoreSchema } from './schema/find-attribute.ts';

/** What a client asked to see (RFC 7644 §3.9), names as it wrote them. */
export interface Selection {
  readonly attributes?: readonly string[];
  readonly excludedAttributes?: readonly string[];
}

/**
 * The part of a resource that a client gets (RFC 7643 §7 `returned`, RFC 7644 §3.9). `schemas`, `id` and whatever else
 * is returned always are in it whatever is excluded; names that mean nothing are ignored.
 *
 * @param resource with `id`, `meta` and what the server computed, such as `groups`
 */
export function projectResource(resource: Resource, selection: Selection, type: ResourceTypeDefinition): ScimObject {
  const { attributes = [], excludedAttributes = [] } = selection;
  const view: View = {
    ...(attributes.length === 0 ? {} : { wanted: readNames(attributes, type) }),
    excluded: readNames(excludedAttributes, type),
  };
  const projected: Record<string, ScimValue> = { schemas: resource.schemas };
  for (const [name, value] of Object.entries(resource)) {
    if (name === 'schemas') continue;
    const extension = findExtension(type, name);
    const shown =
      extension === undefined
        ? projectAttribute(value, findCoreAttribute(type, name), '', view)
        : projectExtension(value, extension.attributes, extension.id, view);
    if (shown !== undefined) projected[name] = shown;
  }
  return projected;
}

/** Attributes by their path without sub-attribute: `true` as a whole, or the sub-attributes that were named. */
type Names = ReadonlyMap<string, true | ReadonlySet<string>>;

interface View {
  /** Absent where the client named none: then what is returned by default. */
  readonly wanted?: Names;
  readonly excluded: Names;
}

function readNames(names: readonly string[], type: ResourceTypeDefinition): Names {
  const read = new Map<string, true | Set<string>>();
  for (const written of names) {
    const name = respellName(written, type);
    const urn = findExtension(type, name)?.id;
    if (urn !== undefined) read.set(urn, true);
    else if (isCoreSchema(type, name)) for (const { name: core } of type.schema.attributes) read.set(core, true);
    const split = urn === undefined ? splitAttributePath(name) : undefined;
    const bound = split === undefined ? undefined : bindPath(split, type);
    if (bound === undefined) continue;
    const key = keyOf(bound.extension ?? '', bound.attribute.name);
    const earlier = read.get(key);
    if (bound.sub === undefined || earlier === true) read.set(key, true);
    else read.set(key, new Set([...(earlier ?? []), bound.sub.name]));
  }
  return read;
}

const keyOf = (extension: string, name: string): string => (extension === '' ? name : `${extension}:${name}`);

function projectExtension(
  value: ScimValue,
  attributes: readonly AttributeDefinition[],
  urn: string,
  view: View,
): ScimValue | undefined {
  if (!isObject(value)) return undefined;
  const projected: Record<string, ScimValue> = {};
  for (const [name, part] of Object.entries(value)) {
    const shown = projectAttribute(part, findAttribute(attributes, name), urn, view);
    if (shown !== undefined) projected[name] = shown;
  }
  return Object.keys(projected).length === 0 ? undefined : projected;
}

function projectAttribute(
  value: ScimValue,
  attribute: AttributeDefinition | undefined,
  urn: string,
  view: View,
): ScimValue | undefined {
  // What no schema knows has no `returned`: it may be a secret of a schema that the tenant took away.
  if (attribute === undefined || attribute.returned === 'never') return undefined;
  const key = keyOf(urn, attribute.name);
  const named = view.wanted?.get(key);
  const isWhole = named === true || (named === undefined && view.wanted?.get(urn) === true);
  const excluded = view.excluded.get(urn) === true ? true : view.excluded.get(key);
  if (attribute.returned !== 'always') {
    if (excluded === true) return undefined;
    if (view.wanted === undefined && attribute.returned === 'request') return undefined;
    if (view.wanted !== undefined && named === undefined && !(isWhole && attribute.returned === 'default'))
      return undefined;
  }
  const wantedSubs = named === true || named === undefined ? undefined : named;
  return projectSubs(value, attribute, wantedSubs, excluded === true ? undefined : excluded);
}

/** Leaves the sub-attributes that are to be seen. @returns undefined where none is left */
function projectSubs(
  value: ScimValue,
  attribute: AttributeDefinition,
  wanted: ReadonlySet<string> | undefined,
  excluded: ReadonlySet<string> | undefined,
): ScimValue | undefined {
  const { subAttributes } = attribute;
  if (subAttributes === undefined) return value;
  const hidden = new Set(subAttributes.filter((sub) => !isShown(sub, wanted, excluded)).map(({ name }) => name));
  if (hidden.size === 0) return value;
  const strip = (element: ScimValue): ScimValue | undefined => {
    if (!isObject(element)) return element;
    const kept = Object.entries(element).filter(([name]) => !hidden.has(name));
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  };
  if (!isArray(value)) return strip(value);
  const elements = value.map(strip).filter((element) => element !== undefined);
  return elements.length === 0 ? undefined : elements;
}

function isShown(
  { name, returned }: AttributeDefinition,
  wanted: ReadonlySet<string> | undefined,
  excluded: ReadonlySet<string> | undefined,
): boolean {
  if (returned === 'never') return false;
  if (returned === 'always') return true;
  if (excluded?.has(name)) return false;
  return wanted === undefined ? returned === 'default' : wanted.has(name);
}
