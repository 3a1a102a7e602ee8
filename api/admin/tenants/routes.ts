import { z } from 'zod';
import { asTenantId } from '../../../domain/ids.ts';
import type { Policy } from '../../../domain/policy.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { decodeCursor, pageQuery, toPage } from '../page.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { createTenant } from './create-tenant.ts';
import { tenantInput, tenantPage, tenantView } from './schemas.ts';

const GROUP = 'Tenants';

/** Isolated organisations; a platform administrator's business. */
export function tenantRoutes({ policies, edits, record, now }: RoutesDependencies): AdminRoute[] {
  return [
    defineRoute({
      method: 'post',
      path: '/tenants',
      operation: 'createTenant',
      group: GROUP,
      summary: 'Create a tenant',
      description:
        'Its configuration begins at version 1 with the resident service provider: persist and provision, primary user store, tolerant. Give it a first administrator next, by a credential of that service provider.',
      permission: 'manage tenants',
      body: tenantInput,
      answer: { status: 201, description: 'The tenant.', schema: tenantView },
      failures: { 409: 'A tenant with this id exists.' },
      async handle({ body, principal }) {
        const author = { by: principal.credential, at: now().toISOString() };
        const tenant = asTenantId(body.id);
        const policy = await createTenant(policies, { id: tenant, name: body.name }, author);
        await record({ tenant, principal }, 'tenant-created', { version: policy.version });
        return { body: viewOf(policy), location: `/tenants/${body.id}` };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/tenants',
      operation: 'listTenants',
      group: GROUP,
      summary: 'List all tenants',
      permission: 'manage tenants',
      query: z.strictObject(pageQuery),
      answer: { status: 200, description: 'A page of tenants by id.', schema: tenantPage },
      async handle({ query }) {
        const [after = ''] = decodeCursor(query.cursor, 1) ?? [];
        const all = (await policies.newestVersions()).filter(({ tenant }) => tenant > after);
        const sorted = all.sort((a, b) => (a.tenant < b.tenant ? -1 : 1)).slice(0, query.limit + 1);
        const found = await Promise.all(sorted.map(({ tenant, version }) => policies.at(tenant, version)));
        return { body: toPage(found.map(viewOf), query.limit, ({ id }) => [id]) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/tenants/:tenant',
      operation: 'readTenant',
      group: GROUP,
      summary: 'Read a tenant',
      permission: 'manage tenants',
      answer: { status: 200, description: 'The tenant.', schema: tenantView },
      failures: { 404: 'There is no such tenant.' },
      async handle({ tenant }) {
        return { body: viewOf(await edits.newest(tenant)) };
      },
    }),
  ];
}

const viewOf = ({ tenant, name, outbound, version }: Policy): z.input<typeof tenantView> => ({
  id: tenant,
  version,
  ...(name === undefined ? {} : { name }),
  ...(outbound === undefined ? {} : { outbound: [...outbound] }),
});
