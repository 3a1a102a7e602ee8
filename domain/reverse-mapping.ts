import type { Mapping } from './mapping/mapping.ts';
import type { Resource, ScimObject, ScimValue } from './scim/resource.ts';

/** What a target holds and what is never ours to take over. */
const THEIRS: ReadonlySet<string> = new Set(['id', 'externalId', 'schemas', 'meta', 'groups', 'members', 'password']);

/**
 * The attributes of a resource that an account's come from: the mapping read backwards.
 *
 * @param names attributes at the target; undefined: all
 * @returns undefined where a rule cannot be read backwards: an expression, a constant, part of an attribute
 */
export function reverseMapping(
  account: ScimObject,
  mapping: Mapping,
  names: readonly string[] | undefined,
): Readonly<Record<string, ScimValue | undefined>> | undefined {
  const found: Record<string, ScimValue | undefined> = {};
  if (mapping.kind === 'like-for-like') {
    for (const name of names ?? Object.keys(account)) if (!THEIRS.has(name)) found[name] = account[name];
    return found;
  }
  for (const name of names ??
    Object.keys(account).filter((held) => mapping.rules.some(({ target }) => target === held))) {
    const rules = mapping.rules.filter(({ target }) => target.split('.')[0] === name);
    const [rule] = rules;
    const source = rule !== undefined && rules.length === 1 && rule.target === name ? sourceOf(rule) : undefined;
    if (source === undefined) return undefined;
    if (source !== 'id') found[source] = account[name];
  }
  return found;
}

/** Name of the attribute of the resource that an attribute at the target comes from. */
export function sourceOfAttribute(mapping: Mapping, name: string): string | undefined {
  if (mapping.kind === 'like-for-like') return name;
  const rule = mapping.rules.find(({ target }) => target === name);
  return rule === undefined ? undefined : sourceOf(rule);
}

/** A rule that copies a whole attribute and does nothing else with it. */
function sourceOf(rule: object): string | undefined {
  const { source, ...rest } = rule as { readonly source?: unknown; readonly [option: string]: unknown };
  const options = Object.keys(rest).filter((option) => option !== 'target' && option !== 'default');
  return typeof source === 'string' && options.length === 0 && /^[\w$-]+$/.test(source) ? source : undefined;
}

/** The whole resource that an account would be here. */
export function resourceOf(account: ScimObject, mapping: Mapping, schema: string): Resource | undefined {
  const reversed = reverseMapping(account, mapping, undefined);
  if (reversed === undefined) return undefined;
  const extensions = Object.keys(reversed).filter((name) => name.startsWith('urn:'));
  return { ...reversed, schemas: [schema, ...extensions] } as unknown as Resource;
}
