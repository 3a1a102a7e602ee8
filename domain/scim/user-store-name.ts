import { ProvostError } from '../errors.ts';
import { PRIMARY_STORE } from '../policy.ts';
import { GROUP_SCHEMA, USER_SCHEMA } from './resource.ts';
import type { ResourceTypeDefinition } from './schema/definition.ts';

/** The attribute that a user store's domain may stand before, as in `PRIMARY/maya`. */
const NAMES: Readonly<Record<string, string>> = { [USER_SCHEMA]: 'username', [GROUP_SCHEMA]: 'displayname' };

export const isStoreName = (name: string, type: ResourceTypeDefinition): boolean =>
  NAMES[type.schema.id] === name.toLowerCase();

/** The name without the primary store's domain, in any letter case. */
export const withoutPrimary = (name: string): string =>
  name.slice(0, PRIMARY_STORE.length + 1).toUpperCase() === `${PRIMARY_STORE}/`
    ? name.slice(PRIMARY_STORE.length + 1)
    : name;

/**
 * A name in the primary store out of `DOMAIN/name`. Groups keep what else stands before a slash: WSO2's `Internal/` and
 * `Application/` are part of a role's name.
 *
 * @throws ProvostError `INVALID_VALUE` for a user of another store: there is only the primary one
 */
export function nameInStore(name: string, type: ResourceTypeDefinition): string {
  const bare = withoutPrimary(name);
  if (type.schema.id !== USER_SCHEMA || bare !== name || !/^[\w.-]+\/./.test(name)) return bare;
  throw new ProvostError(
    'INVALID_VALUE',
    `userName names a user store that does not exist; the only one is ${PRIMARY_STORE}.`,
    { path: 'userName' },
  );
}
