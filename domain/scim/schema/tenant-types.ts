import { ProvostError } from '../../errors.ts';
import type { ResourceTypeDefinition, SchemaDefinition } from './definition.ts';
import { PROVOST_USER } from './provost-user.ts';
import { findResourceType, STANDARD_RESOURCE_TYPES, STANDARD_SCHEMAS } from './resource-types.ts';

/** A resource type as a tenant configures it (RFC 7643 §6): its schemas by their URNs. */
export interface ResourceTypeSetting {
  readonly name: string;
  readonly endpoint: string;
  readonly description: string;
  readonly schema: string;
  readonly schemaExtensions: readonly { readonly schema: string; readonly required: boolean }[];
}

/** The part of a tenant's policy that says what its resources look like. */
export interface TenantSchemas {
  /** Schemas of its own. */
  readonly schemas?: readonly SchemaDefinition[];
  /** Resource types of its own, and what it adds to `User` and `Group`: those two here by name, for their extensions. */
  readonly resourceTypes?: readonly ResourceTypeSetting[];
}

const resolved = new WeakMap<TenantSchemas, readonly ResourceTypeDefinition[]>();

/** Every resource type of a tenant, the standard ones first. Resolved once for each version of a policy. */
export function resourceTypesOf(tenant: TenantSchemas): readonly ResourceTypeDefinition[] {
  if (tenant.resourceTypes === undefined || tenant.resourceTypes.length === 0) return STANDARD_RESOURCE_TYPES;
  const known = resolved.get(tenant);
  if (known !== undefined) return known;
  const types = resolve(tenant, tenant.resourceTypes);
  resolved.set(tenant, types);
  return types;
}

/** @throws ProvostError `NOT_FOUND` */
export function resourceTypeNamed(tenant: TenantSchemas, name: string): ResourceTypeDefinition {
  const type = findResourceType(resourceTypesOf(tenant), name);
  if (type === undefined) throw new ProvostError('NOT_FOUND', `There is no resource type ${name}.`);
  return type;
}

function resolve(
  { schemas = [] }: TenantSchemas,
  settings: readonly ResourceTypeSetting[],
): readonly ResourceTypeDefinition[] {
  const all = new Map([...STANDARD_SCHEMAS, ...schemas].map((schema) => [schema.id, schema]));
  const named = (id: string): SchemaDefinition => {
    const schema = all.get(id);
    if (schema === undefined) throw new Error(`a resource type has the schema ${id}, which the tenant has not`);
    return schema;
  };
  const extensionsOf = ({ schemaExtensions }: ResourceTypeSetting) =>
    schemaExtensions.map(({ schema, required }) => ({ schema: named(schema), required }));
  const standard = STANDARD_RESOURCE_TYPES.map((type) => {
    const setting = settings.find(({ name }) => name === type.name);
    if (setting === undefined) return type;
    const chosen = extensionsOf(setting).filter(({ schema }) => schema !== PROVOST_USER);
    // How an account stands is the server's to say, whatever else the tenant's users have.
    const own = type.extensions.filter(({ schema }) => schema === PROVOST_USER);
    return { ...type, extensions: [...chosen, ...own] };
  });
  const own = settings.filter(({ name }) => !isStandard(name));
  return [
    ...standard,
    ...own.map((setting) => ({
      id: setting.name,
      name: setting.name,
      endpoint: setting.endpoint,
      description: setting.description,
      schema: named(setting.schema),
      extensions: extensionsOf(setting),
    })),
  ];
}

const isStandard = (name: string): boolean => findResourceType(STANDARD_RESOURCE_TYPES, name) !== undefined;
