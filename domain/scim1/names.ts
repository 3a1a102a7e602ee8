import { type AttributePath, respellName, splitAttributePath } from '../scim/attribute-path.ts';
import { ENTERPRISE_USER_SCHEMA } from '../scim/resource.ts';
import type { ResourceTypeDefinition } from '../scim/schema/definition.ts';
import { findAttribute, findCoreAttribute, findExtension, isCoreSchema } from '../scim/schema/find-attribute.ts';

/** URNs of SCIM 1.1 (Core Schema 1.1 §11). Users and groups share the one of the core. */
export const CORE_SCHEMA_1 = 'urn:scim:schemas:core:1.0';
export const ENTERPRISE_SCHEMA_1 = 'urn:scim:schemas:extension:enterprise:1.0';

/**
 * How WSO2's clients name the same enterprise attributes: its extension's URN, and as JSON key the extension's own name.
 */
const WSO2_EXTENSION_URN = 'urn:scim:schemas:extension:wso2:1.0';
const WSO2_EXTENSION = 'wso2extension';

/** The URN, or key of an extension, as SCIM 2.0 has it. What has no counterpart, such as a tenant's own, stays as it is. */
export function toUrn2(urn: string, type: ResourceTypeDefinition): string {
  const folded = urn.toLowerCase();
  if (folded === CORE_SCHEMA_1 || folded === `${CORE_SCHEMA_1}:${type.name.toLowerCase()}`) return type.schema.id;
  if (folded === ENTERPRISE_SCHEMA_1 || folded === WSO2_EXTENSION_URN || folded === WSO2_EXTENSION)
    return ENTERPRISE_USER_SCHEMA;
  return urn;
}

/** The URN as SCIM 1.1 has it; the inverse of {@link toUrn2}. */
export function toUrn1(urn: string, type: ResourceTypeDefinition): string {
  if (isCoreSchema(type, urn)) return CORE_SCHEMA_1;
  return urn.toLowerCase() === ENTERPRISE_USER_SCHEMA.toLowerCase() ? ENTERPRISE_SCHEMA_1 : urn;
}

/**
 * What a path of SCIM 1.1 is called in SCIM 2.0. An extension's attribute is also found by its bare name, as clients of
 * 1.1 are used to, where no attribute of the core has it.
 */
export function toPath2({ urn, name, sub }: AttributePath, type: ResourceTypeDefinition): AttributePath {
  // `wso2Extension.employeeNumber`, with or without URN.
  if (name.toLowerCase() === WSO2_EXTENSION && sub !== undefined)
    return inExtension(ENTERPRISE_USER_SCHEMA, { name: sub });
  const own = sub === undefined ? { name } : { name, sub };
  if (urn !== undefined) {
    const known = toUrn2(urn, type);
    return isCoreSchema(type, known) ? own : inExtension(known, own);
  }
  if (findCoreAttribute(type, name) !== undefined) return own;
  const extension = type.extensions.find(({ schema }) => findAttribute(schema.attributes, name) !== undefined);
  return extension === undefined ? own : inExtension(extension.schema.id, own);
}

function inExtension(urn: string, { name, sub }: AttributePath): AttributePath {
  const isManagerId =
    urn === ENTERPRISE_USER_SCHEMA && name.toLowerCase() === 'manager' && sub?.toLowerCase() === 'managerid';
  return { urn, name, ...(sub === undefined ? {} : { sub: isManagerId ? 'value' : sub }) };
}

/** A name with a dot after the URN, `urn:scim:schemas:extension:enterprise:1.0.department`, with the colon it should have. */
export function respellName1(text: string, type: ResourceTypeDefinition): string {
  const folded = text.toLowerCase();
  const urn = [CORE_SCHEMA_1, ENTERPRISE_SCHEMA_1, WSO2_EXTENSION_URN].find((known) => folded.startsWith(`${known}.`));
  return urn === undefined ? respellName(text, type) : `${urn}:${text.slice(urn.length + 1)}`;
}

/** A name in `attributes`, `sortBy` or `meta.attributes`, as SCIM 2.0 writes it. What is no name stays as it is. */
export function toName2(text: string, type: ResourceTypeDefinition): string {
  const written = respellName1(text.trim(), type);
  const urn = toUrn2(written, type);
  if (urn !== written && findExtension(type, urn) !== undefined) return urn;
  const path = splitAttributePath(written);
  return path === undefined ? written : formatName(toPath2(path, type));
}

const formatName = ({ urn, name, sub }: AttributePath): string =>
  `${urn === undefined ? '' : `${urn}:`}${name}${sub === undefined ? '' : `.${sub}`}`;
