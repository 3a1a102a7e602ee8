import { isObject } from '../scim/json.ts';
import type { ScimValue } from '../scim/resource.ts';
import type { Approval } from './approval.ts';

const LONGEST = 500;

/** A value of a resource for people. */
export function valueInWords(value: ScimValue | undefined): string {
  if (value === undefined) return '(none)';
  const text = Array.isArray(value) ? value.map(oneInWords).join(', ') : oneInWords(value as ScimValue);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** One of several values is its value, with what it is for. */
function oneInWords(item: ScimValue): string {
  if (typeof item === 'string') return item;
  if (!isObject(item) || typeof item['value'] !== 'string') return JSON.stringify(item);
  const { value, display, type } = item;
  const named = typeof display === 'string' && display !== '' ? display : value;
  return typeof type === 'string' ? `${named} (${type})` : named;
}

/** What people call an attribute: without the URN of its extension. */
export const attributeInWords = (attribute: string): string => attribute.slice(attribute.lastIndexOf(':') + 1);

/** What is asked for, to be read after "asks to". */
export function operationInWords(
  { operation, resourceType, target }: Pick<Approval, 'operation' | 'resourceType' | 'target'>,
  name?: string,
): string {
  const what = `${resourceType.toLowerCase()}${name === undefined ? '' : ` ${name}`}`;
  if (target !== undefined) return `show a target what was changed of the ${what}`;
  return operation === 'create' ? `create a ${resourceType.toLowerCase()}` : `change the ${what}`;
}
