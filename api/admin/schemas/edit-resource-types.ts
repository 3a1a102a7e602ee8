import { ProvostError } from '../../../domain/errors.ts';
import type { Policy } from '../../../domain/policy.ts';
import { resourceTypeProblems } from '../../../domain/scim/schema/check-resource-types.ts';
import type { ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { findResourceType, STANDARD_RESOURCE_TYPES } from '../../../domain/scim/schema/resource-types.ts';
import {
  type ResourceTypeSetting,
  resourceTypeNamed,
  resourceTypesOf,
} from '../../../domain/scim/schema/tenant-types.ts';
import { refuse } from './edit-schemas.ts';

/** Most resource types of a tenant's own. */
const MOST = 50;

const isStandard = (name: string): boolean => findResourceType(STANDARD_RESOURCE_TYPES, name) !== undefined;

/** Every resource type of a tenant as it is configured. */
export const resourceTypeViews = (policy: Policy) => resourceTypesOf(policy).map(viewOf);

/** @throws ProvostError `NOT_FOUND` */
export const resourceTypeView = (policy: Policy, name: string) => viewOf(resourceTypeNamed(policy, name));

const viewOf = ({ name, endpoint, description, schema, extensions }: ResourceTypeDefinition) => ({
  name,
  endpoint,
  description,
  schema: schema.id,
  schemaExtensions: extensions.map((extension) => ({ schema: extension.schema.id, required: extension.required })),
  standard: isStandard(name),
});

/** @throws InvalidRequest, ProvostError `TOO_MANY` */
export function withResourceType(policy: Policy, setting: ResourceTypeSetting): Policy {
  refuse(resourceTypeProblems(setting, policy));
  const others = (policy.resourceTypes ?? []).filter(({ name }) => name !== setting.name);
  if (others.length >= MOST) throw new ProvostError('TOO_MANY', `A tenant has at most ${MOST} resource types.`);
  return { ...policy, resourceTypes: [...others, setting].sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** @throws ProvostError `UNIQUENESS` */
export function requireNewType(policy: Policy, name: string): void {
  if (resourceTypesOf(policy).some((type) => type.name.toLowerCase() === name.toLowerCase()))
    throw new ProvostError('UNIQUENESS', 'There is a resource type of this name; replace that one.', { path: 'name' });
}

/** @throws ProvostError `MUTABILITY` for `User` and `Group`, `NOT_FOUND` */
export function withoutResourceType(policy: Policy, name: string): Policy {
  const { name: found } = resourceTypeNamed(policy, name);
  if (isStandard(found)) throw new ProvostError('MUTABILITY', `Every tenant has ${found}; it cannot be deleted.`);
  return { ...policy, resourceTypes: (policy.resourceTypes ?? []).filter((setting) => setting.name !== found) };
}
