import type { SchemaProblem } from './check-schema.ts';
import { findResourceType, STANDARD_RESOURCE_TYPES, STANDARD_SCHEMAS } from './resource-types.ts';
import type { ResourceTypeSetting, TenantSchemas } from './tenant-types.ts';

/** First parts of paths that are served, or that the standards and their drafts have for other things. */
const RESERVED_ENDPOINTS = [
  '/users',
  '/groups',
  '/me',
  '/self',
  '/bulk',
  '/schemas',
  '/resourcetypes',
  '/serviceproviderconfig',
  '/serviceproviderconfigs',
  '/roles',
  '/entitlements',
  '/devices',
  '/endpointapps',
  '/feeds',
  '/events',
  '/requests',
  '/asyncrequests',
  '/jobs',
];
const RESERVED_NAMES = ['user', 'group', 'schema', 'resourcetype', 'serviceproviderconfig', 'role', 'entitlement'];

/** Everything that keeps a resource type from being one of the tenant's. */
export function resourceTypeProblems(setting: ResourceTypeSetting, tenant: TenantSchemas): readonly SchemaProblem[] {
  const standard = findResourceType(STANDARD_RESOURCE_TYPES, setting.name);
  const problems =
    standard === undefined
      ? ownProblems(setting, tenant)
      : standardProblems(setting, { endpoint: standard.endpoint, schema: standard.schema.id });
  return [...problems, ...extensionProblems(setting, tenant)];
}

/** Of `User` and `Group` only the extensions are the tenant's to choose. */
const standardProblems = (
  setting: ResourceTypeSetting,
  fixed: Pick<ResourceTypeSetting, 'endpoint' | 'schema'>,
): SchemaProblem[] =>
  (['endpoint', 'schema'] as const)
    .filter((trait) => setting[trait] !== fixed[trait])
    .map((trait) => ({ path: trait, message: `It is ${fixed[trait]} for every tenant.` }));

function ownProblems({ name, endpoint, schema }: ResourceTypeSetting, tenant: TenantSchemas): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const others = (tenant.resourceTypes ?? []).filter((other) => other.name !== name);
  if (isAmong(name, [...RESERVED_NAMES, ...others.map((other) => other.name)]))
    problems.push({ path: 'name', message: 'There is a resource type of this name.' });
  if (isAmong(endpoint, [...RESERVED_ENDPOINTS, ...others.map((other) => other.endpoint)]))
    problems.push({ path: 'endpoint', message: 'This path is taken.' });
  if (!(tenant.schemas ?? []).some(({ id }) => id === schema))
    problems.push({ path: 'schema', message: 'The tenant has no schema of its own with this URN.' });
  return problems;
}

const isAmong = (text: string, others: readonly string[]): boolean =>
  others.some((other) => other.toLowerCase() === text.toLowerCase());

function extensionProblems(
  { schema: core, schemaExtensions }: ResourceTypeSetting,
  { schemas = [] }: TenantSchemas,
): SchemaProblem[] {
  const known = new Set([...STANDARD_SCHEMAS, ...schemas].map(({ id }) => id));
  const cores = new Set<string>([core, ...STANDARD_RESOURCE_TYPES.map((type) => type.schema.id)]);
  const seen = new Set<string>();
  return schemaExtensions.flatMap(({ schema }, index) => {
    const path = `schemaExtensions[${index}].schema`;
    const isTwice = seen.has(schema);
    seen.add(schema);
    if (!known.has(schema)) return [{ path, message: 'There is no schema with this URN.' }];
    if (cores.has(schema)) return [{ path, message: 'A core schema cannot be an extension.' }];
    return isTwice ? [{ path, message: 'Name each extension once.' }] : [];
  });
}
