import { isSameValue } from '../scim/json.ts';
import type { Resource, ScimObject, ScimValue } from '../scim/resource.ts';

/** What a change does to one attribute. A value that is absent was not, or will not be, there. */
export interface Difference {
  readonly attribute: string;
  readonly before?: ScimValue;
  readonly after?: ScimValue;
}

/** What approvers are shown: old and new value of each attribute that differs, those of extensions behind their URN. */
export function differencesOf(before: Resource | undefined, after: Resource): Difference[] {
  const [old, young] = [attributesOf(before ?? {}), attributesOf(after)];
  return [...new Set([...old.keys(), ...young.keys()])].sort().flatMap((attribute) => {
    const [was, is] = [old.get(attribute), young.get(attribute)];
    if (was !== undefined && is !== undefined && isSameValue(was, is, 'unordered')) return [];
    return [{ attribute, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) }];
  });
}

function attributesOf(resource: ScimObject): Map<string, ScimValue> {
  const found = new Map<string, ScimValue>();
  for (const [name, value] of Object.entries(resource)) {
    if (name === 'schemas' || value === undefined) continue;
    if (name.includes(':') && typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [inner, held] of Object.entries(value)) if (held !== undefined) found.set(`${name}:${inner}`, held);
    } else found.set(name, value);
  }
  return found;
}
