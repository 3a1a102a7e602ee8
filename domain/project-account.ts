import type { ResourceId } from './ids.ts';
import type { Mapping } from './policy.ts';
import type { Resource, ScimObject, ScimValue } from './scim/resource.ts';

/**
 * The projection: what a target should hold for a resource as it is now.
 * Computed attributes and credentials are never part of it. `externalId` at the target is our id unless a rule says
 * otherwise, so that the account can be found again whatever happens to its names.
 */
export function projectAccount(resource: Resource, id: ResourceId, mapping: Mapping): ScimObject {
  if (mapping.kind === 'like-for-like') {
    const { externalId: _theirs, members: _edges, ...attributes } = resource;
    return { active: true, ...attributes, externalId: id };
  }
  const account: Record<string, ScimValue> = {};
  for (const rule of mapping.rules) {
    const value = 'constant' in rule ? rule.constant : (valueAt(resource, rule.source, id) ?? rule.default);
    if (value !== undefined && value !== null) assignAt(account, rule.target, value);
  }
  return account;
}

/** Value at a dotted path; an extension's attribute is `<urn>:<name>`; `id` is ours. Multi-valued: the primary, else the first. */
export function valueAt(resource: ScimObject, path: string, id?: ResourceId): ScimValue | undefined {
  if (path === 'id') return id;
  const [first, rest] = splitPath(path);
  let value: ScimValue | undefined = resource[first];
  for (const name of rest) {
    if (Array.isArray(value))
      value = value.find((element) => isObject(element) && element['primary'] === true) ?? value[0];
    value = isObject(value) ? value[name] : undefined;
  }
  return value;
}

function assignAt(account: Record<string, ScimValue>, path: string, value: ScimValue): void {
  const [first, rest] = splitPath(path);
  const [name, ...deeper] = rest;
  if (name === undefined) {
    account[first] = value;
    return;
  }
  const held = account[first];
  const inner: Record<string, ScimValue> = isObject(held) ? { ...held } : {};
  assignAt(inner, [name, ...deeper].join('.'), value);
  account[first] = inner;
}

/** `urn:…:User:manager.value` → the URN, then the names below it. */
function splitPath(path: string): [string, string[]] {
  if (path.toLowerCase().startsWith('urn:')) {
    const at = path.lastIndexOf(':');
    return [path.slice(0, at), path.slice(at + 1).split('.')];
  }
  const [first = path, ...rest] = path.split('.');
  return [first, rest];
}

const isObject = (value: ScimValue | undefined): value is ScimObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
