import { randomUUID } from 'node:crypto';
import { asIdentityProviderId } from '../../../domain/ids.ts';
import type { IdentityProvider } from '../../../domain/policy.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { existingIdentityProvider, requireUnused, withIdentityProvider, withoutIdentityProvider } from './edit.ts';
import { forceQuery, identityProviderInput, identityProviderList, identityProviderView } from './schemas.ts';

const GROUP = 'Identity providers';
const PATH = '/tenants/:tenant/identity-providers';
const ONE = `${PATH}/:identityProvider` as const;

/** Trusted external systems, which carry targets. */
export function identityProviderRoutes({ edits }: RoutesDependencies): AdminRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      operation: 'listIdentityProviders',
      group: GROUP,
      summary: 'List the identity providers of a tenant',
      permission: 'view configuration',
      answer: { status: 200, description: 'All of them.', schema: identityProviderList },
      versioned: true,
      async handle({ tenant }) {
        const { identityProviders, version } = await edits.newest(tenant);
        return { body: { items: identityProviders.map(viewOf) }, version };
      },
    }),
    defineRoute({
      method: 'post',
      path: PATH,
      operation: 'createIdentityProvider',
      group: GROUP,
      summary: 'Create an identity provider',
      permission: 'configure',
      body: identityProviderInput,
      answer: { status: 201, description: 'The identity provider.', schema: identityProviderView },
      versioned: true,
      async handle({ body, ...request }) {
        const provider = { id: asIdentityProviderId(randomUUID()), ...body, targets: [] };
        const { version } = await edits.edit(request, (policy) => ({
          policy: withIdentityProvider(policy, provider),
          result: undefined,
        }));
        return { body: provider, version, location: `/tenants/${request.tenant}/identity-providers/${provider.id}` };
      },
    }),
    defineRoute({
      method: 'get',
      path: ONE,
      operation: 'readIdentityProvider',
      group: GROUP,
      summary: 'Read an identity provider',
      permission: 'view configuration',
      answer: { status: 200, description: 'The identity provider.', schema: identityProviderView },
      versioned: true,
      async handle({ tenant, parameters }) {
        const policy = await edits.newest(tenant);
        return { body: viewOf(existingIdentityProvider(policy, parameters.identityProvider)), version: policy.version };
      },
    }),
    defineRoute({
      method: 'put',
      path: ONE,
      operation: 'replaceIdentityProvider',
      group: GROUP,
      summary: 'Rename, disable or enable an identity provider',
      description: 'Its targets stay as they are; they have paths of their own.',
      permission: 'configure',
      body: identityProviderInput,
      answer: { status: 200, description: 'The identity provider as it is now.', schema: identityProviderView },
      versioned: true,
      async handle({ body, parameters, ...request }) {
        const { result, version } = await edits.edit(request, (policy) => {
          const provider = { ...existingIdentityProvider(policy, parameters.identityProvider), ...body };
          return { policy: withIdentityProvider(policy, provider), result: provider };
        });
        return { body: viewOf(result), version };
      },
    }),
    defineRoute({
      method: 'delete',
      path: ONE,
      operation: 'deleteIdentityProvider',
      group: GROUP,
      summary: 'Delete an identity provider with its targets',
      description: 'Accounts at its targets stay as they are, and nothing reaches them any more.',
      permission: 'configure',
      query: forceQuery,
      answer: { status: 204, description: 'It is gone.' },
      versioned: true,
      failures: { 409: 'A service provider refers to it, and `force=true` was not given.' },
      async handle({ parameters, query, ...request }) {
        const { version } = await edits.edit(request, (policy) => {
          const { id } = existingIdentityProvider(policy, parameters.identityProvider);
          if (query.force !== 'true') requireUnused(policy, id);
          return { policy: withoutIdentityProvider(policy, id), result: undefined };
        });
        return { body: undefined, version };
      },
    }),
  ];
}

/** An identity provider as it may be read. */
const viewOf = (provider: IdentityProvider) => ({ ...provider, enabled: provider.enabled ?? true });
