import { isRecord } from '../scim/json.ts';
import { ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA } from '../scim/resource.ts';
import type { ResourceTypeDefinition } from '../scim/schema/definition.ts';
import { findCoreAttribute, findExtension, isCoreSchema } from '../scim/schema/find-attribute.ts';
import { isStoreName, nameInStore } from '../scim/user-store-name.ts';
import { toUrn2 } from './names.ts';

type Input = Readonly<Record<string, unknown>>;

/**
 * The body of a SCIM 1.1 POST or PUT as a SCIM 2.0 client would have sent it: URNs, `managerId`, no `operation`. Nothing
 * is checked here; what is not understood goes on as it is, for `parseResource` to judge.
 *
 * @throws ProvostError `INVALID_VALUE` for a user of a store that does not exist
 */
export function toScim2(input: unknown, type: ResourceTypeDefinition): unknown {
  if (!isRecord(input)) return input;
  const body = new Map<string, unknown>();
  for (const [name, value] of Object.entries(input)) {
    const key = toUrn2(name, type);
    if (name.toLowerCase() === 'schemas') body.set('schemas', toSchemas2(value, type));
    // What a client says in `meta` is about a PATCH, or the server's own.
    else if (name.toLowerCase() === 'meta') continue;
    else if (isCoreSchema(type, key) && isRecord(value)) body.set(key, toScim2(value, type));
    else if (findExtension(type, key) !== undefined) body.set(key, merged(body.get(key), toExtension2(value, key)));
    else body.set(name, toValue2(value, name, type));
  }
  return Object.fromEntries(body);
}

/**
 * The body of a PUT. What it does not name is removed (REST API 1.1 §3.3.1), and so the members of a group are: SCIM 2.0
 * leaves them where they are not named.
 *
 * @throws ProvostError as {@link toScim2}
 */
export function replacementToScim2(input: unknown, type: ResourceTypeDefinition): unknown {
  const body = toScim2(input, type);
  if (type.schema.id !== GROUP_SCHEMA || !isRecord(body) || namesMembers(body, type)) return body;
  return { ...Object.fromEntries(Object.entries(body).filter(([name]) => !isMembers(name))), members: [] };
}

const isMembers = (name: string): boolean => name.toLowerCase() === 'members';

const namesMembers = (body: Input, type: ResourceTypeDefinition): boolean =>
  Object.entries(body).some(
    ([name, value]) =>
      (isMembers(name) && value !== null) || (isCoreSchema(type, name) && isRecord(value) && namesMembers(value, type)),
  );

function toSchemas2(value: unknown, type: ResourceTypeDefinition): unknown {
  if (!Array.isArray(value)) return typeof value === 'string' ? toUrn2(value, type) : value;
  return [...new Set(value.map((urn: unknown) => (typeof urn === 'string' ? toUrn2(urn, type) : urn)))];
}

/** One extension under two of its names. */
const merged = (held: unknown, given: unknown): unknown =>
  isRecord(held) && isRecord(given) ? { ...held, ...given } : given;

/** An extension's attributes; of the enterprise one the manager is named by `managerId`. */
export function toExtension2(value: unknown, urn: string): unknown {
  if (!isRecord(value) || urn !== ENTERPRISE_USER_SCHEMA) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, name.toLowerCase() === 'manager' ? toManager2(part) : part]),
  );
}

function toManager2(manager: unknown): unknown {
  if (!isRecord(manager)) return manager;
  return Object.fromEntries(
    Object.entries(manager).map(([name, part]) => [name.toLowerCase() === 'managerid' ? 'value' : name, part]),
  );
}

/** One attribute of the core. */
export function toValue2(value: unknown, name: string, type: ResourceTypeDefinition): unknown {
  if (typeof value === 'string' && isStoreName(name, type)) return nameInStore(value, type);
  if (!findCoreAttribute(type, name)?.multiValued) return value;
  if (!Array.isArray(value)) return isRecord(value) ? takeOperation(value).element : value;
  return value
    .map((element: unknown) => (isRecord(element) ? takeOperation(element) : { element, deletes: false }))
    .filter(({ deletes }) => !deletes)
    .map(({ element }) => element);
}

/** An element of a multi-valued attribute without what SCIM 1.1 wants done with it (REST API 1.1 §3.3.2). */
export function takeOperation(element: Input): { readonly element: Input; readonly deletes: boolean } {
  const entries = Object.entries(element);
  const operation = entries.find(([name]) => name.toLowerCase() === 'operation')?.[1];
  return {
    element: Object.fromEntries(entries.filter(([name]) => name.toLowerCase() !== 'operation')),
    deletes: typeof operation === 'string' && operation.toLowerCase() === 'delete',
  };
}
