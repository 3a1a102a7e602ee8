import { isArray, isObject, omit } from '../scim/json.ts';
import { ENTERPRISE_USER_SCHEMA, type ScimObject, type ScimValue } from '../scim/resource.ts';
import type { ResourceTypeDefinition } from '../scim/schema/definition.ts';
import { findExtension } from '../scim/schema/find-attribute.ts';
import { CORE_SCHEMA_1, toUrn1 } from './names.ts';

/**
 * A resource as SCIM 1.1 shows it. Left out is what 1.1 has no words for: `meta.resourceType`, and the `$ref` of a
 * member, group or manager.
 *
 * @param resource as SCIM 2.0 shows it
 */
export function fromScim2(resource: ScimObject, type: ResourceTypeDefinition): ScimObject {
  const shown: Record<string, ScimValue> = {};
  for (const [name, value] of Object.entries(resource)) {
    const extension = findExtension(type, name);
    if (name === 'schemas') shown['schemas'] = toSchemas1(value, type);
    else if (name === 'meta') shown['meta'] = isObject(value) ? omit(value, 'resourceType') : value;
    else if (extension !== undefined) shown[toUrn1(extension.id, type)] = toExtension1(value, extension.id);
    else shown[name] = isArray(value) ? value.map(withoutReference) : value;
  }
  return shown;
}

const toSchemas1 = (value: ScimValue, type: ResourceTypeDefinition): ScimValue =>
  isArray(value) ? value.map((urn) => (typeof urn === 'string' ? toUrn1(urn, type) : urn)) : [CORE_SCHEMA_1];

function toExtension1(value: ScimValue, urn: string): ScimValue {
  if (!isObject(value) || urn !== ENTERPRISE_USER_SCHEMA || !isObject(value['manager'])) return value;
  const manager = Object.entries(value['manager'])
    .filter(([name]) => name !== '$ref')
    .map(([name, part]) => [name === 'value' ? 'managerId' : name, part] as const);
  return { ...value, manager: Object.fromEntries(manager) };
}

const withoutReference = (element: ScimValue): ScimValue => (isObject(element) ? omit(element, '$ref') : element);
