import { isArray, isObject, ownValue } from './scim/json.ts';
import type { Resource, ScimObject, ScimValue } from './scim/resource.ts';
import { declareSchemas } from './scim/schema/declare-schemas.ts';
import type { AttributeDefinition, ResourceTypeDefinition } from './scim/schema/definition.ts';
import { isServerComputed } from './scim/schema/find-attribute.ts';
import { PROVOST_USER } from './scim/schema/provost-user.ts';

const { id: SCHEMA, attributes } = PROVOST_USER;

/** Names of the attributes that say how an account stands. */
const NAMES: ReadonlySet<string> = new Set(attributes.filter(isServerComputed).map(({ name }) => name));

/** What is to become of a user's account, by those names; null: it is no longer said. */
export type AccountChange = Readonly<Record<string, boolean | number | null>>;

/** Whether an attribute says how an account stands. */
export const isOfAccount = (extension: string | undefined, attribute: AttributeDefinition): boolean =>
  extension === SCHEMA && NAMES.has(attribute.name);

/** The user with an account that stands so. No client's attributes get here: they are readOnly. */
export function withAccount(user: Resource, change: AccountChange, type: ResourceTypeDefinition): Resource {
  const extension: Record<string, ScimValue> = { ...extensionOf(user) };
  for (const name of NAMES) {
    const value = change[name];
    if (value === null) delete extension[name];
    else if (value !== undefined) extension[name] = value;
  }
  return declareSchemas({ ...user, [SCHEMA]: extension }, type);
}

/** The user as targets see them: how the account stands here is nobody else's. */
export function withoutAccount(user: ScimObject): ScimObject {
  const extension = extensionOf(user);
  const rest = Object.entries(extension).filter(([name]) => !NAMES.has(name));
  if (rest.length === Object.keys(extension).length) return user;
  if (rest.length > 0) return { ...user, [SCHEMA]: Object.fromEntries(rest) };
  const { [SCHEMA]: _account, schemas, ...others } = user;
  return { schemas: (isArray(schemas) ? schemas : []).filter((urn) => urn !== SCHEMA), ...others };
}

/** Whether a user may identify themselves: the account is active and not locked. */
export const maySignIn = (user: ScimObject): boolean =>
  user['active'] !== false && ownValue(extensionOf(user), 'accountLocked') !== true;

function extensionOf(user: ScimObject): ScimObject {
  const held = ownValue(user, SCHEMA);
  return isObject(held) ? held : {};
}
