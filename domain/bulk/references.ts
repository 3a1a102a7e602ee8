import { ProvostError } from '../errors.ts';
import { isArray, isObject } from '../scim/json.ts';
import type { ScimObject, ScimValue } from '../scim/resource.ts';

const WHOLE = /^bulkId:(.+)$/s;
/** A `$ref` is a path: `../Users/bulkId:qwerty`. */
const AT_THE_END = /^(.*\/)bulkId:([^/]+)$/s;
/** In a PATCH path: `members[value eq "bulkId:qwerty"]`, in whatever quotes a tolerant reader takes. */
const QUOTED =
  /(["'\u2018-\u201f\u00ab\u00bb])bulkId:([^"'\u2018-\u201f\u00ab\u00bb\\]+)(["'\u2018-\u201f\u00ab\u00bb])/g;

/** Nothing in SCIM is nested this deep; a recursion over the input ends here. */
const MAX_DEPTH = 32;

/**
 * Puts what `idOf` says in the place of every reference to another operation of the request (RFC 7644 §3.7.2): values
 * `bulkId:<name>`, `$ref`s that end so, and quoted ones in the paths of a PATCH. A password refers to nothing.
 *
 * @param idOf throws where there is no such operation
 * @throws ProvostError `INVALID_SYNTAX` for data nested beyond all reason
 */
export function resolveReferences(data: ScimValue, idOf: (name: string) => string, depth = 0): ScimValue {
  if (depth > MAX_DEPTH) throw new ProvostError('INVALID_SYNTAX', `data is nested more than ${MAX_DEPTH} deep.`);
  if (typeof data === 'string') {
    const name = WHOLE.exec(data)?.[1];
    return name === undefined ? data : idOf(name);
  }
  if (isArray(data)) return data.map((value) => resolveReferences(value, idOf, depth + 1));
  if (!isObject(data)) return data;
  const resolved = Object.entries(data).map(
    ([key, value]) => [key, resolveAttribute(key, value, idOf, depth)] as const,
  );
  return Object.fromEntries(resolved);
}

function resolveAttribute(key: string, value: ScimValue, idOf: (name: string) => string, depth: number): ScimValue {
  const folded = key.toLowerCase();
  if (folded === 'password') return value;
  if (typeof value === 'string' && folded === 'path')
    return value.replace(
      QUOTED,
      (_quoted, open: string, name: string, close: string) => `${open}${idOf(name)}${close}`,
    );
  if (typeof value === 'string' && folded === '$ref') {
    const [, before, name] = AT_THE_END.exec(value) ?? [];
    if (before !== undefined && name !== undefined) return `${before}${idOf(name)}`;
  }
  return resolveReferences(value, idOf, depth + 1);
}

/** Names of all operations that the data refers to. @throws ProvostError `INVALID_SYNTAX` */
export function referencesIn(data: ScimValue): ReadonlySet<string> {
  const names = new Set<string>();
  resolveReferences(data, (name) => {
    names.add(name);
    return name;
  });
  return names;
}

/** What has to be added to a resource after it was made. */
export interface PostponedAttribute {
  /** Path of a PATCH operation, e.g. `members` or `urn:…:User:manager`. */
  readonly path: string;
  readonly value: ScimValue;
}

/**
 * Parts the attributes and elements of a new resource that refer to `later` operations from the rest.
 *
 * @returns what can be written at once, and what is to be added when the others exist
 */
export function postponeReferences(
  data: ScimObject,
  later: ReadonlySet<string>,
): { readonly data: ScimObject; readonly postponed: readonly PostponedAttribute[] } {
  const postponed: PostponedAttribute[] = [];
  const mentions = (value: ScimValue): boolean => !referencesIn(value).isDisjointFrom(later);

  const part = (object: ScimObject, prefix: string): ScimObject => {
    const kept: [string, ScimValue][] = [];
    for (const [name, value] of Object.entries(object)) {
      if (!mentions(value)) kept.push([name, value]);
      else if (prefix === '' && name.includes(':') && isObject(value)) {
        const rest = part(value, `${name}:`);
        if (Object.keys(rest).length > 0) kept.push([name, rest]);
      } else if (isArray(value)) {
        const rest = value.filter((element) => !mentions(element));
        if (rest.length > 0) kept.push([name, rest]);
        postponed.push({ path: `${prefix}${name}`, value: value.filter(mentions) });
      } else postponed.push({ path: `${prefix}${name}`, value });
    }
    return Object.fromEntries(kept);
  };
  return { data: part(data, ''), postponed };
}
