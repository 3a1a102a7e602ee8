import type { ScimObject, ScimValue } from '../scim/resource.ts';

/** `emails[type eq "work"].value`: elements of a multi-valued attribute, and what of each. */
const SELECTION = /^(?<list>[^[\]]+)\[(?<name>[\w$-]+) eq (?<value>"[^"\\]*"|true|false)\](?:\.(?<rest>[\w$.-]+))?$/;

/**
 * All values at a dotted path; an extension's attribute is `<urn>:<name>`, `id` is ours. Of a multi-valued attribute
 * those of every element, the primary one's first.
 */
export function valuesAt(resource: ScimObject, path: string, id?: string): ScimValue[] {
  if (path === 'id') return id === undefined ? [] : [id];
  const selected = SELECTION.exec(path)?.groups;
  if (selected === undefined) return follow([resource], splitPath(path));
  const { list = '', name = '', value = '', rest } = selected;
  const wanted: unknown = JSON.parse(value);
  const elements = follow([resource], splitPath(list)).filter(
    (element) => isObject(element) && same(element[name], wanted),
  );
  return rest === undefined ? elements : follow(elements, rest.split('.'));
}

/** What stands at a path, whole; on the way there the primary element of a multi-valued attribute, else its first. */
export function wholeAt(resource: ScimObject, path: string, id?: string): ScimValue | undefined {
  if (path === 'id') return id;
  if (SELECTION.test(path)) return valuesAt(resource, path)[0];
  return splitPath(path).reduce<ScimValue | undefined>((value, name) => {
    const [one] = value === undefined ? [] : elementsOf(value);
    return isObject(one) ? (one[name] ?? undefined) : undefined;
  }, resource);
}

/** SCIM's own words such as `work` are the same in any letter case. */
const same = (held: ScimValue | undefined, wanted: unknown): boolean =>
  typeof held === 'string' && typeof wanted === 'string'
    ? held.toLowerCase() === wanted.toLowerCase()
    : held === wanted;

function follow(values: readonly ScimValue[], names: readonly string[]): ScimValue[] {
  let found = values.flatMap(elementsOf);
  for (const name of names)
    found = found.flatMap((value) => {
      const inner = isObject(value) ? value[name] : undefined;
      return inner === undefined || inner === null ? [] : elementsOf(inner);
    });
  return found;
}

/** The primary one first; the others in their order. */
function elementsOf(value: ScimValue): readonly ScimValue[] {
  if (!Array.isArray(value)) return [value];
  const elements = value as readonly ScimValue[];
  const isPrimary = (element: ScimValue): boolean => isObject(element) && element['primary'] === true;
  return [...elements.filter(isPrimary), ...elements.filter((element) => !isPrimary(element))];
}

/** Whether a path can be read: its own form only, not whether there is such an attribute. */
export const isSourcePath = (path: string): boolean => PATH.test(path) || SELECTION.test(path);

const PATH = /^(urn:[\w.:-]+:)?[A-Za-z$][\w$-]*(\.[A-Za-z$][\w$-]*)*$/;

/** The attribute that a path begins with, as the resource has it at its top. */
export const topOf = (path: string): string => splitPath(SELECTION.exec(path)?.groups?.['list'] ?? path)[0] ?? path;

/** What stands at a path of an account, whole. */
export const valueAt = (account: ScimObject, path: string): ScimValue | undefined =>
  splitPath(path).reduce<ScimValue | undefined>((value, name) => (isObject(value) ? value[name] : undefined), account);

/** A copy with this value at a dotted path. */
export function withValueAt(account: ScimObject, path: string, value: ScimValue): ScimObject {
  const [name = path, ...deeper] = splitPath(path);
  return { ...account, [name]: placed(account[name], deeper, value) };
}

function placed(held: ScimValue | undefined, [name, ...deeper]: readonly string[], value: ScimValue): ScimValue {
  if (name === undefined) return value;
  const inner = isObject(held) ? held : {};
  return { ...inner, [name]: placed(inner[name], deeper, value) };
}

/** A copy with nothing at a dotted path; what becomes empty by that goes with it. */
export function withoutValueAt(account: ScimObject, path: string): ScimObject {
  const [name = path, ...deeper] = splitPath(path);
  const { [name]: held, ...others } = account;
  if (held === undefined || deeper.length === 0 || !isObject(held)) return others;
  const left = withoutValueAt(held, deeper.join('.'));
  return Object.keys(left).length === 0 ? others : { ...others, [name]: left };
}

/** `urn:…:User:manager.value` → the URN, then the names below it. */
function splitPath(path: string): string[] {
  if (!path.toLowerCase().startsWith('urn:')) return path.split('.');
  const at = path.lastIndexOf(':');
  return [path.slice(0, at), ...path.slice(at + 1).split('.')];
}

const isObject = (value: ScimValue | undefined): value is ScimObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
