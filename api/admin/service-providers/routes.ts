import { randomUUID } from 'node:crypto';
import { asServiceProviderId, type ServiceProviderId } from '../../../domain/ids.ts';
import { factsOf, requireMayHandle, roleOutOfReach } from '../credentials/keep.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { requireVersion } from '../policy-edits.ts';
import { type AdminRoute, type Call, defineRoute } from '../route.ts';
import {
  existingServiceProvider,
  requireNotResident,
  toServiceProvider,
  withoutServiceProvider,
  withServiceProvider,
} from './edit.ts';
import { serviceProviderInput, serviceProviderList, serviceProviderView } from './schemas.ts';

const GROUP = 'Service providers';
const PATH = '/tenants/:tenant/service-providers';
const ONE = `${PATH}/:serviceProvider` as const;

/** Clients that provision into Provost. */
export function serviceProviderRoutes(dependencies: RoutesDependencies): AdminRoute[] {
  const { edits } = dependencies;
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      operation: 'listServiceProviders',
      group: GROUP,
      summary: 'List the service providers of a tenant',
      permission: 'view configuration',
      answer: { status: 200, description: 'All of them, the resident one among them.', schema: serviceProviderList },
      versioned: true,
      async handle({ tenant }) {
        const { serviceProviders, version } = await edits.newest(tenant);
        return { body: { items: serviceProviders }, version };
      },
    }),
    defineRoute({
      method: 'post',
      path: PATH,
      operation: 'createServiceProvider',
      group: GROUP,
      summary: 'Create a service provider',
      permission: 'configure',
      body: serviceProviderInput,
      answer: { status: 201, description: 'The service provider.', schema: serviceProviderView },
      versioned: true,
      async handle({ body, ...request }) {
        const id = asServiceProviderId(randomUUID());
        const { result, version } = await edits.edit(request, (policy) => {
          const provider = toServiceProvider(body, { id, resident: false }, policy);
          return { policy: withServiceProvider(policy, provider), result: provider };
        });
        return { body: result, version, location: `/tenants/${request.tenant}/service-providers/${id}` };
      },
    }),
    defineRoute({
      method: 'get',
      path: ONE,
      operation: 'readServiceProvider',
      group: GROUP,
      summary: 'Read a service provider',
      permission: 'view configuration',
      answer: { status: 200, description: 'The service provider.', schema: serviceProviderView },
      versioned: true,
      async handle({ tenant, parameters }) {
        const policy = await edits.newest(tenant);
        return { body: existingServiceProvider(policy, parameters.serviceProvider), version: policy.version };
      },
    }),
    defineRoute({
      method: 'put',
      path: ONE,
      operation: 'replaceServiceProvider',
      group: GROUP,
      summary: 'Replace the settings of a service provider',
      permission: 'configure',
      body: serviceProviderInput,
      answer: { status: 200, description: 'The service provider as it is now.', schema: serviceProviderView },
      versioned: true,
      async handle({ body, parameters, ...request }) {
        const { result, version } = await edits.edit(request, (policy) => {
          const { id, resident } = existingServiceProvider(policy, parameters.serviceProvider);
          const provider = toServiceProvider(body, { id, resident }, policy);
          return { policy: withServiceProvider(policy, provider), result: provider };
        });
        return { body: result, version };
      },
    }),
    defineRoute({
      method: 'delete',
      path: ONE,
      operation: 'deleteServiceProvider',
      group: GROUP,
      summary: 'Delete a service provider with its credentials',
      description:
        'The resident one cannot be deleted. What the service provider has provisioned stays as it is. Where one of its credentials has the role `platform-admin`, only a platform administrator can delete it.',
      permission: 'configure',
      answer: { status: 204, description: 'It is gone.' },
      versioned: true,
      async handle({ parameters, expectedVersion, ...request }) {
        const policy = await edits.newest(request.tenant);
        requireVersion(policy, expectedVersion);
        const provider = existingServiceProvider(policy, parameters.serviceProvider);
        requireNotResident(provider);
        // Its credentials go first: one that outlived it would count as the resident one's.
        await removeCredentials(request, provider.id, dependencies);
        const { version } = await edits.edit(request, (newest) => ({
          policy: withoutServiceProvider(newest, provider.id),
          result: undefined,
        }));
        await removeCredentials(request, provider.id, dependencies); // what came in between
        return { body: undefined, version };
      },
    }),
  ];
}

/** @throws ProvostError `FORBIDDEN` where one of them is stronger than the caller may handle */
async function removeCredentials(
  { tenant, principal }: Pick<Call<unknown, unknown, unknown>, 'tenant' | 'principal'>,
  serviceProvider: ServiceProviderId,
  { credentials, record, forgetCredential }: RoutesDependencies,
): Promise<void> {
  const held = await credentials.list(tenant, serviceProvider);
  for (const { roles } of held) requireMayHandle(principal, roles);
  for (const credential of held) await record({ tenant, principal }, 'credential-deleted', factsOf(credential));
  await credentials.removeOfServiceProvider(tenant, serviceProvider, roleOutOfReach(principal));
  for (const { id } of held) forgetCredential(id);
}
