import type { TenantId } from '../../../domain/ids.ts';
import type { Policy } from '../../../domain/policy.ts';
import type { SchemaDefinition } from '../../../domain/scim/schema/definition.ts';
import { narrowingProblems } from '../../../domain/scim/schema/narrowing.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { requireVersion } from '../policy-edits.ts';
import { type AdminRoute, defineRoute, type Readable } from '../route.ts';
import { existingSchema, refuse, requireNewSchema, toSchema, withoutSchema, withSchema } from './edit-schemas.ts';
import { isSchemaInUse } from './in-use.ts';
import { schemaInput, schemaList, schemaReplacement, schemaView } from './schemas.ts';

const GROUP = 'Schemas';
const PATH = '/tenants/:tenant/schemas';
const ONE = `${PATH}/:schema` as const;

/** Schemas of a tenant's own: extensions of users and groups, and core schemas of its own resource types. */
export function schemaRoutes({ edits, resources }: RoutesDependencies): AdminRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      operation: 'listSchemas',
      group: GROUP,
      summary: "List a tenant's own schemas",
      description: 'The standard ones are not among them: SCIM clients see all of them at `/Schemas`.',
      permission: 'view configuration',
      answer: { status: 200, description: 'All of them, by URN.', schema: schemaList },
      versioned: true,
      async handle({ tenant }) {
        const { schemas = [], version } = await edits.newest(tenant);
        return { body: { items: schemas.map(viewOf) }, version };
      },
    }),
    defineRoute({
      method: 'post',
      path: PATH,
      operation: 'createSchema',
      group: GROUP,
      summary: 'Create a schema',
      description: 'Nothing has it until a resource type does.',
      permission: 'configure',
      body: schemaInput,
      answer: { status: 201, description: 'The schema, with every default filled in.', schema: schemaView },
      failures: { 409: 'The tenant has a schema with this URN.' },
      versioned: true,
      async handle({ body, ...request }) {
        const schema = toSchema(body);
        const { version } = await edits.edit(request, (policy) => {
          requireNewSchema(policy, schema);
          return { policy: withSchema(policy, schema), result: undefined };
        });
        const location = `/tenants/${request.tenant}/schemas/${encodeURIComponent(schema.id)}`;
        return { body: viewOf(schema), version, location };
      },
    }),
    defineRoute({
      method: 'get',
      path: ONE,
      operation: 'readSchema',
      group: GROUP,
      summary: 'Read a schema',
      permission: 'view configuration',
      answer: { status: 200, description: 'The schema.', schema: schemaView },
      versioned: true,
      async handle({ tenant, parameters }) {
        const policy = await edits.newest(tenant);
        return { body: viewOf(existingSchema(policy, parameters.schema)), version: policy.version };
      },
    }),
    defineRoute({
      method: 'put',
      path: ONE,
      operation: 'replaceSchema',
      group: GROUP,
      summary: 'Replace a schema',
      description:
        'While resources have values under it, attributes may be added that are not required, and words, suggestions, `mutability` and `returned` may change; what would make those resources wrong is refused.',
      permission: 'configure',
      body: schemaReplacement,
      answer: { status: 200, description: 'The schema as it is now.', schema: schemaView },
      versioned: true,
      async handle({ body, parameters, ...request }) {
        const isUsed = await inUse(request.tenant, await edits.newest(request.tenant), parameters.schema);
        const { result, version } = await edits.edit(request, (policy) => {
          const before = existingSchema(policy, parameters.schema);
          const after = toSchema({ id: before.id, ...body });
          if (isUsed) refuse(narrowingProblems(before, after));
          return { policy: withSchema(policy, after), result: after };
        });
        return { body: viewOf(result), version };
      },
    }),
    defineRoute({
      method: 'delete',
      path: ONE,
      operation: 'deleteSchema',
      group: GROUP,
      summary: 'Delete a schema that no resource type has',
      permission: 'configure',
      answer: { status: 204, description: 'It is gone.' },
      failures: { 409: 'A resource type has it.' },
      versioned: true,
      async handle({ parameters, expectedVersion, ...request }) {
        requireVersion(await edits.newest(request.tenant), expectedVersion);
        const { version } = await edits.edit(request, (policy) => ({
          policy: withoutSchema(policy, existingSchema(policy, parameters.schema).id),
          result: undefined,
        }));
        return { body: undefined, version };
      },
    }),
  ];

  function inUse(tenant: TenantId, policy: Policy, schema: string): Promise<boolean> {
    return isSchemaInUse(tenant, policy, existingSchema(policy, schema).id, resources);
  }
}

const viewOf = (schema: SchemaDefinition) => schema as Readable<SchemaDefinition>;
