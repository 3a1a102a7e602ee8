import type { TenantId } from '../../../domain/ids.ts';
import type { SchemaProblem } from '../../../domain/scim/schema/check-schema.ts';
import type { ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { type ResourceTypeSetting, resourceTypeNamed } from '../../../domain/scim/schema/tenant-types.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { requireVersion } from '../policy-edits.ts';
import { StillInUse } from '../problem.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import {
  requireNewType,
  resourceTypeViews,
  resourceTypeView as viewIn,
  withoutResourceType,
  withResourceType,
} from './edit-resource-types.ts';
import { refuse } from './edit-schemas.ts';
import { hasExtension, hasResources } from './in-use.ts';
import { resourceTypeInput, resourceTypeList, resourceTypeReplacement, resourceTypeView } from './schemas.ts';

const GROUP = 'Resource types';
const PATH = '/tenants/:tenant/resource-types';
const ONE = `${PATH}/:resourceType` as const;

/** Resource types of a tenant: `User` and `Group` with its extensions, and those of its own. */
export function resourceTypeRoutes({ edits, resources }: RoutesDependencies): AdminRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      operation: 'listResourceTypes',
      group: GROUP,
      summary: 'List the resource types of a tenant',
      permission: 'view configuration',
      answer: { status: 200, description: 'All of them, `User` and `Group` among them.', schema: resourceTypeList },
      versioned: true,
      async handle({ tenant }) {
        const policy = await edits.newest(tenant);
        return { body: { items: resourceTypeViews(policy) }, version: policy.version };
      },
    }),
    defineRoute({
      method: 'post',
      path: PATH,
      operation: 'createResourceType',
      group: GROUP,
      summary: 'Create a resource type',
      description: 'SCIM clients of the tenant find it at its endpoint, and in `/ResourceTypes`.',
      permission: 'configure',
      body: resourceTypeInput,
      answer: { status: 201, description: 'The resource type.', schema: resourceTypeView },
      failures: { 409: 'There is a resource type of this name.' },
      versioned: true,
      async handle({ body, ...request }) {
        const { result, version } = await edits.edit(request, (policy) => {
          requireNewType(policy, body.name);
          const edited = withResourceType(policy, body);
          return { policy: edited, result: viewIn(edited, body.name) };
        });
        return { body: result, version, location: `/tenants/${request.tenant}/resource-types/${body.name}` };
      },
    }),
    defineRoute({
      method: 'get',
      path: ONE,
      operation: 'readResourceType',
      group: GROUP,
      summary: 'Read a resource type',
      permission: 'view configuration',
      answer: { status: 200, description: 'The resource type.', schema: resourceTypeView },
      versioned: true,
      async handle({ tenant, parameters }) {
        const policy = await edits.newest(tenant);
        return { body: viewIn(policy, parameters.resourceType), version: policy.version };
      },
    }),
    defineRoute({
      method: 'put',
      path: ONE,
      operation: 'replaceResourceType',
      group: GROUP,
      summary: 'Replace a resource type',
      description:
        'This is also how `User` and `Group` get extensions: their endpoint and core schema stay. While resources of the type exist, its core schema stays, an extension that they have stays, and none becomes required.',
      permission: 'configure',
      body: resourceTypeReplacement,
      answer: { status: 200, description: 'The resource type as it is now.', schema: resourceTypeView },
      versioned: true,
      async handle({ body, parameters, ...request }) {
        const standing = resourceTypeNamed(await edits.newest(request.tenant), parameters.resourceType);
        const setting = { name: standing.name, ...body };
        refuse(await narrowed(request.tenant, standing, setting));
        const { result, version } = await edits.edit(request, (policy) => {
          resourceTypeNamed(policy, setting.name);
          const edited = withResourceType(policy, setting);
          return { policy: edited, result: viewIn(edited, setting.name) };
        });
        return { body: result, version };
      },
    }),
    defineRoute({
      method: 'delete',
      path: ONE,
      operation: 'deleteResourceType',
      group: GROUP,
      summary: 'Delete a resource type of which there are no resources',
      permission: 'configure',
      answer: { status: 204, description: 'It is gone.' },
      failures: { 409: 'Resources of the type exist.' },
      versioned: true,
      async handle({ parameters, expectedVersion, ...request }) {
        const policy = await edits.newest(request.tenant);
        requireVersion(policy, expectedVersion);
        const { name } = resourceTypeNamed(policy, parameters.resourceType);
        withoutResourceType(policy, name);
        if (await hasResources(request.tenant, name, resources))
          throw new StillInUse('Resources of this type exist; delete them first.', [
            { path: 'resource-type', message: `There are ${name} resources.` },
          ]);
        const { version } = await edits.edit(request, (newest) => ({
          policy: withoutResourceType(newest, name),
          result: undefined,
        }));
        return { body: undefined, version };
      },
    }),
  ];

  /** What of an edit would make resources that exist wrong. */
  async function narrowed(
    tenant: TenantId,
    before: ResourceTypeDefinition,
    after: ResourceTypeSetting,
  ): Promise<readonly SchemaProblem[]> {
    if (!(await hasResources(tenant, before.name, resources))) return [];
    const problems: SchemaProblem[] = [];
    if (after.schema !== before.schema.id)
      problems.push({ path: 'schema', message: `Resources exist: it has to stay ${before.schema.id}.` });
    for (const { schema } of before.extensions) {
      const isKept = after.schemaExtensions.some((extension) => extension.schema === schema.id);
      if (!isKept && (await hasExtension(tenant, before.name, schema.id, resources)))
        problems.push({ path: 'schemaExtensions', message: `Resources have ${schema.id}: it has to stay.` });
    }
    for (const [index, { schema, required }] of after.schemaExtensions.entries()) {
      const wasRequired = before.extensions.some((held) => held.schema.id === schema && held.required);
      if (required && !wasRequired)
        problems.push({
          path: `schemaExtensions[${index}].required`,
          message: 'Resources exist that may not have it: it cannot be required.',
        });
    }
    return problems;
  }
}
