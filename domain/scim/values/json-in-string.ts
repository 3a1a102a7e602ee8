import { isRecord } from '../json.ts';
import type { AttributeDefinition } from '../schema/definition.ts';

/** Entra sends app roles as strings that hold JSON, with `displayName` for `display`: peers.md 3.3 no. 12. */
export function readJsonInString(input: unknown, attribute: AttributeDefinition): unknown {
  if (attribute.name !== 'roles' && attribute.name !== 'entitlements') return undefined;
  if (typeof input === 'string') return parseJson(input);
  if (!isRecord(input)) return undefined;
  const inner = typeof input['value'] === 'string' ? parseJson(input['value']) : undefined;
  return isRecord(inner) ? { ...input, value: undefined, ...inner } : undefined;
}

function parseJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.map(toElement) : toElement(value);
  } catch {
    return undefined;
  }
}

/** Keeps what an element of `roles` can hold: the id of Entra's own role object is not ours to store. */
function toElement(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { value: id, display = value['displayName'], type, primary } = value;
  // Only what is given: around the string there may be a `type` and `primary` that count.
  return Object.fromEntries(
    Object.entries({ value: id, display, type, primary }).filter(([, part]) => part !== undefined),
  );
}
