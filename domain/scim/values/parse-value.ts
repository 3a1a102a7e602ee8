import { ProvostError } from '../../errors.ts';
import type { Deviations } from '../deviation.ts';
import { isObject, isRecord } from '../json.ts';
import type { ScimObject, ScimValue } from '../resource.ts';
import type { AttributeDefinition } from '../schema/definition.ts';
import { findAttribute, isServerComputed } from '../schema/find-attribute.ts';
import { readJsonInString } from './json-in-string.ts';
import { isReference, readReference } from './parse-reference.ts';
import { parseScalar } from './parse-scalar.ts';

const MAX_VALUES = 1_000;
const MAX_MEMBERS = 100_000;

/** Most values that one multi-valued attribute holds: a document must stay well below 16 MB. */
export const maxValues = ({ name }: AttributeDefinition): number => (name === 'members' ? MAX_MEMBERS : MAX_VALUES);

/**
 * A whole attribute's value as its definition wants it. Sub-attributes get the schema's spelling; those that the server
 * computes are left out.
 *
 * @returns undefined where the attribute is unassigned: null, an empty array, nothing left (RFC 7643 §2.5)
 * @throws ProvostError `INVALID_VALUE`, `INVALID_SYNTAX` (an unknown sub-attribute, strict only), `TOO_MANY`
 */
export function parseValue(
  input: unknown,
  attribute: AttributeDefinition,
  path: string,
  deviations: Deviations,
): ScimValue | undefined {
  if (input === null || input === undefined) return undefined;
  if (!attribute.multiValued) return parseElement(input, attribute, path, deviations);
  const values = toList(input, attribute, path, deviations);
  if (values.length > maxValues(attribute))
    throw new ProvostError('TOO_MANY', `${path} has too many values.`, { path });
  const parsed: ScimValue[] = [];
  const isNull = (value: unknown): boolean => value === null || value === undefined;
  for (const value of values) {
    // What names no resource is refused; an element that is null would be passed over.
    if (isNull(value) && isReference(attribute)) readReference(value, attribute, path, deviations);
    const element = parseElement(value, attribute, path, deviations);
    if (element !== undefined) parsed.push(element);
  }
  return parsed.length === 0 ? undefined : keepOnePrimary(parsed, path, deviations);
}

function toList(
  input: unknown,
  attribute: AttributeDefinition,
  path: string,
  deviations: Deviations,
): readonly unknown[] {
  if (Array.isArray(input)) return input;
  if (typeof input === 'string') {
    const inner = readJsonInString(input, attribute);
    if (Array.isArray(inner)) {
      deviations.note('json-in-string', path, 'INVALID_VALUE', `${path} must be an array, not a string.`);
      return inner;
    }
  }
  deviations.note('single-for-many', path, 'INVALID_VALUE', `${path} must be an array.`);
  // An empty string is how some clients clear.
  return input === '' ? [] : [input];
}

/** One value of an attribute: the only one, or an element of a multi-valued one. */
export function parseElement(
  input: unknown,
  attribute: AttributeDefinition,
  path: string,
  deviations: Deviations,
): ScimValue | undefined {
  if (input === null || input === undefined) return undefined;
  if (attribute.type !== 'complex') return parseScalar(input, attribute, path, deviations);
  const inner = readJsonInString(input, attribute);
  if (inner !== undefined)
    deviations.note('json-in-string', path, 'INVALID_VALUE', `${path} must be an object, not a string that holds one.`);
  const given = inner ?? input;
  const value = isReference(attribute) ? readReference(given, attribute, path, deviations) : given;
  if (value === undefined) return undefined;
  return isRecord(value)
    ? parseComplex(value, attribute, path, deviations)
    : parseBare(value, attribute, path, deviations);
}

function parseComplex(
  input: Readonly<Record<string, unknown>>,
  attribute: AttributeDefinition,
  path: string,
  deviations: Deviations,
): ScimObject | undefined {
  const result: Record<string, ScimValue> = {};
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue;
    const sub = findAttribute(attribute.subAttributes, name);
    const subPath = `${path}.${sub?.name ?? nameForMessage(name)}`;
    if (sub === undefined) {
      deviations.note('unknown-attribute', subPath, 'INVALID_SYNTAX', `There is no attribute ${subPath}.`);
      continue;
    }
    if (isServerComputed(sub)) continue;
    if (Object.hasOwn(result, sub.name)) {
      deviations.note('duplicate-attribute', subPath, 'INVALID_SYNTAX', `${subPath} is given twice.`);
      continue;
    }
    const parsed = parseValue(value, sub, subPath, deviations);
    if (parsed !== undefined) result[sub.name] = parsed;
  }
  return Object.keys(result).length === 0 ? undefined : result;
}

/** `manager: "26118915"` for `manager: {"value": "26118915"}`, and `""` to clear it: peers.md 3.3 no. 10. */
function parseBare(
  input: unknown,
  attribute: AttributeDefinition,
  path: string,
  deviations: Deviations,
): ScimObject | undefined {
  if (input === '') {
    deviations.note('empty-string', path, 'INVALID_VALUE', `${path} must be an object.`);
    return undefined;
  }
  const value = findAttribute(attribute.subAttributes, 'value');
  if (value === undefined || Array.isArray(input) || typeof input === 'object')
    throw new ProvostError('INVALID_VALUE', `${path} must be an object.`, { path });
  deviations.note('bare-value', path, 'INVALID_VALUE', `${path} must be an object with a value.`);
  return { value: parseScalar(input, value, `${path}.value`, deviations) };
}

/** "The primary attribute value 'true' MUST appear no more than once" (RFC 7643 §2.4). */
function keepOnePrimary(values: readonly ScimValue[], path: string, deviations: Deviations): readonly ScimValue[] {
  const primaries = values.filter((value) => isObject(value) && value['primary'] === true);
  const [first, second] = primaries;
  if (second === undefined) return values;
  deviations.note('several-primaries', path, 'INVALID_VALUE', `Only one value of ${path} may be primary.`);
  return values.map((value) =>
    value !== first && isObject(value) && value['primary'] === true ? { ...value, primary: false } : value,
  );
}

/** A client's own attribute name in a message: shortened, without anything that could break a log line. */
export const nameForMessage = (name: string): string => name.slice(0, 128).replace(/[^\x20-\x7e]/g, '?');
