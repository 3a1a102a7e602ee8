import { ProvostError } from '../errors.ts';
import { type Resource, USER_SCHEMA } from './resource.ts';
import type { ResourceTypeDefinition } from './schema/definition.ts';

/**
 * A user with `active` said: of one who is created true, unless the request says otherwise; of one who stands what it
 * was. No request enables or disables a user by leaving it out.
 *
 * @param before the user before the change; absent for a creation
 */
export function withActive(resource: Resource, type: ResourceTypeDefinition, before?: Resource): Resource {
  if (type.schema.id !== USER_SCHEMA || typeof resource['active'] === 'boolean') return resource;
  return { ...resource, active: before?.['active'] ?? true };
}

/**
 * A user is active or not: `active` is written, and never removed.
 *
 * @throws ProvostError `INVALID_VALUE`
 */
export function refuseUnsettingActive(attribute: string, type: ResourceTypeDefinition): void {
  if (attribute !== 'active' || type.schema.id !== USER_SCHEMA) return;
  throw new ProvostError(
    'INVALID_VALUE',
    'active is true or false and cannot be removed; send the value that it is to have.',
    {
      path: 'active',
    },
  );
}
