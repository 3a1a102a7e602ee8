import { isArray, isObject } from '../../domain/scim/json.ts';
import { GROUP_SCHEMA, type ScimObject, type ScimValue, USER_SCHEMA } from '../../domain/scim/resource.ts';
import type { AccountType } from '../connector.ts';

const OF_THE_TARGET = new Set(['id', 'meta', 'schemas']);

/**
 * An account as it is sent: without null and empty values, which are the same as absent ones (RFC 7643 §2.5) and upset
 * some targets, and with `schemas` that name exactly what is there.
 */
export function sentForm(type: AccountType, content: ScimObject): ScimObject {
  const attributes = withoutEmpty(content);
  const core = type === 'User' ? USER_SCHEMA : GROUP_SCHEMA;
  return { schemas: [core, ...Object.keys(attributes).filter(isSchemaUrn)], ...attributes };
}

export const isSchemaUrn = (name: string): boolean => name.toLowerCase().startsWith('urn:');

/** The attributes that an account can be given: what the target itself assigns, and what is empty, left out. */
export const withoutEmpty = (content: ScimObject): ScimObject =>
  Object.fromEntries(
    Object.entries(content).flatMap(([name, value]) => {
      const kept = OF_THE_TARGET.has(name) ? undefined : nonEmpty(value);
      return kept === undefined ? [] : [[name, kept]];
    }),
  );

function nonEmpty(value: ScimValue): ScimValue | undefined {
  if (value === null) return undefined;
  if (isArray(value)) {
    const elements = value.map(nonEmpty).filter((element) => element !== undefined);
    return elements.length === 0 ? undefined : elements;
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([name, inner]) => {
    const kept = nonEmpty(inner);
    return kept === undefined ? [] : [[name, kept] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
