import type { ResourceTypeDefinition, SchemaDefinition } from './definition.ts';
import { ENTERPRISE_USER } from './enterprise-user.ts';
import { GROUP } from './group.ts';
import { PROVOST_USER } from './provost-user.ts';
import { USER } from './user.ts';

/** The User resource type (RFC 7643 §6 and §8.6). */
export const USER_TYPE: ResourceTypeDefinition = {
  id: 'User',
  name: 'User',
  endpoint: '/Users',
  description: 'User Account',
  schema: USER,
  extensions: [ENTERPRISE_USER, PROVOST_USER].map((schema) => ({ schema, required: false })),
};

/** The Group resource type (RFC 7643 §6 and §8.6). */
export const GROUP_TYPE: ResourceTypeDefinition = {
  id: 'Group',
  name: 'Group',
  endpoint: '/Groups',
  description: 'Group',
  schema: GROUP,
  extensions: [],
};

/** What every tenant has without configuring anything. */
export const STANDARD_RESOURCE_TYPES: readonly ResourceTypeDefinition[] = [USER_TYPE, GROUP_TYPE];

/** Schemas that a tenant's own resource types may use without defining them. */
export const STANDARD_SCHEMAS: readonly SchemaDefinition[] = [USER, GROUP, ENTERPRISE_USER, PROVOST_USER];

/** A resource type by its name, e.g. from a stored resource. Names are compared exactly. */
export const findResourceType = (
  types: readonly ResourceTypeDefinition[],
  name: string,
): ResourceTypeDefinition | undefined => types.find((type) => type.name === name);
