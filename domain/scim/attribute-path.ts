import type { AttributeDefinition, ResourceTypeDefinition } from './schema/definition.ts';
import {
  extensionNamed,
  findAttribute,
  findCoreAttribute,
  findExtension,
  isCoreSchema,
} from './schema/find-attribute.ts';

/** An attribute's name as written: `[urn:]name[.sub]` (RFC 7644 §3.10). Nothing is known about whether it exists. */
export interface AttributePath {
  readonly urn?: string;
  readonly name: string;
  readonly sub?: string;
}

/** An attribute path that the resource type has. */
export interface BoundPath {
  /** URN of the extension that holds it; absent for core and common attributes. */
  readonly extension?: string;
  readonly attribute: AttributeDefinition;
  readonly sub?: AttributeDefinition;
}

const NAMES = /^([A-Za-z$][A-Za-z0-9$_-]*)(?:\.([A-Za-z$][A-Za-z0-9$_-]*))?$/;

/** Takes an attribute name apart. A URN has dots of its own (`2.0`), so the last colon is what separates. */
export function splitAttributePath(text: string): AttributePath | undefined {
  const colon = text.lastIndexOf(':');
  const match = NAMES.exec(text.slice(colon + 1));
  const [, name, sub] = match ?? [];
  if (name === undefined || colon === 0) return undefined;
  return {
    ...(colon < 0 ? {} : { urn: text.slice(0, colon) }),
    name,
    ...(sub === undefined ? {} : { sub }),
  };
}

/**
 * A name as some clients write it, in the form of RFC 7644 §3.10: a schema's URN followed by a dot
 * (`urn:…:User.department`), or an extension's short name, as in WSO2's samples (`EnterpriseUser.department`).
 *
 * @returns the text itself where it is neither
 */
export function respellName(text: string, type: ResourceTypeDefinition): string {
  const folded = text.toLowerCase();
  const ids = [type.schema.id, ...type.extensions.map(({ schema }) => schema.id)];
  const urn = ids.find((id) => folded.startsWith(`${id.toLowerCase()}.`));
  if (urn !== undefined) return `${urn}:${text.slice(urn.length + 1)}`;
  const [name = ''] = /^[^.:[]*/.exec(text) ?? [];
  const extension = extensionNamed(type, name);
  if (extension === undefined) return text;
  return name.length === text.length ? extension.id : `${extension.id}:${text.slice(name.length + 1)}`;
}

/** Finds what a path names, in any letter case. @returns undefined where the resource type has no such attribute */
export function bindPath(path: AttributePath, type: ResourceTypeDefinition): BoundPath | undefined {
  const extension = path.urn === undefined || isCoreSchema(type, path.urn) ? undefined : findExtension(type, path.urn);
  if (path.urn !== undefined && extension === undefined && !isCoreSchema(type, path.urn)) return undefined;
  const attribute =
    extension === undefined ? findCoreAttribute(type, path.name) : findAttribute(extension.attributes, path.name);
  if (attribute === undefined) return undefined;
  const sub = path.sub === undefined ? undefined : findAttribute(attribute.subAttributes, path.sub);
  if (path.sub !== undefined && sub === undefined) return undefined;
  return {
    ...(extension === undefined ? {} : { extension: extension.id }),
    attribute,
    ...(sub === undefined ? {} : { sub }),
  };
}

/** The path in the schema's spelling; an extension's attribute is `<urn>:<name>`. */
export const formatPath = ({ extension, attribute, sub }: BoundPath): string =>
  `${extension === undefined ? '' : `${extension}:`}${attribute.name}${sub === undefined ? '' : `.${sub.name}`}`;
