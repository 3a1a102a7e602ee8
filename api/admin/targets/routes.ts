import { randomUUID } from 'node:crypto';
import { isProvostError } from '../../../domain/errors.ts';
import { asTargetId } from '../../../domain/ids.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { existingIdentityProvider, requireUnused } from '../identity-providers/edit.ts';
import { forceQuery } from '../identity-providers/schemas.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { existingTarget, toTarget, viewOfTarget, withoutTarget, withTarget } from './edit.ts';
import { mappingTestInput, mappingTestView, testMapping } from './mapping-test.ts';
import { targetInput, targetList, targetView, testResult } from './schemas.ts';

const GROUP = 'Targets';
const PATH = '/tenants/:tenant/identity-providers/:identityProvider/targets';
const ONE = `${PATH}/:target` as const;

/** Configured connectors of an identity provider. */
export function targetRoutes(dependencies: RoutesDependencies): AdminRoute[] {
  const { edits, testTarget } = dependencies;
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      operation: 'listTargets',
      group: GROUP,
      summary: 'List the targets of an identity provider',
      permission: 'view configuration',
      answer: { status: 200, description: 'All of them.', schema: targetList },
      versioned: true,
      async handle({ tenant, parameters }) {
        const policy = await edits.newest(tenant);
        const { targets } = existingIdentityProvider(policy, parameters.identityProvider);
        return { body: { items: targets.map(viewOfTarget) }, version: policy.version };
      },
    }),
    defineRoute({
      method: 'post',
      path: PATH,
      operation: 'createTarget',
      group: GROUP,
      summary: 'Create a target',
      description:
        'Changes that are accepted from now on reach it, where a service provider provisions to its identity provider.',
      permission: 'configure',
      body: targetInput,
      answer: { status: 201, description: 'The target.', schema: targetView },
      versioned: true,
      async handle({ body, parameters, ...request }) {
        const id = asTargetId(randomUUID());
        const { result, version } = await edits.edit(request, (policy) => {
          const provider = existingIdentityProvider(policy, parameters.identityProvider);
          const target = toTarget(body, id, undefined, policy, dependencies);
          return { policy: withTarget(policy, provider, target), result: target };
        });
        const location = `/tenants/${request.tenant}/identity-providers/${parameters.identityProvider}/targets/${id}`;
        return { body: viewOfTarget(result), version, location };
      },
    }),
    defineRoute({
      method: 'get',
      path: ONE,
      operation: 'readTarget',
      group: GROUP,
      summary: 'Read a target',
      permission: 'view configuration',
      answer: { status: 200, description: 'The target, without its secrets.', schema: targetView },
      versioned: true,
      async handle({ tenant, parameters }) {
        const policy = await edits.newest(tenant);
        const provider = existingIdentityProvider(policy, parameters.identityProvider);
        return { body: viewOfTarget(existingTarget(provider, parameters.target)), version: policy.version };
      },
    }),
    defineRoute({
      method: 'put',
      path: ONE,
      operation: 'replaceTarget',
      group: GROUP,
      summary: 'Replace the settings of a target',
      description: 'A field that is left out gets its default; a secret setting that is left out stays what it is.',
      permission: 'configure',
      body: targetInput,
      answer: { status: 200, description: 'The target as it is now.', schema: targetView },
      versioned: true,
      async handle({ body, parameters, ...request }) {
        const { result, version } = await edits.edit(request, (policy) => {
          const provider = existingIdentityProvider(policy, parameters.identityProvider);
          const held = existingTarget(provider, parameters.target);
          const target = toTarget(body, held.id, held, policy, dependencies);
          return { policy: withTarget(policy, provider, target), result: target };
        });
        return { body: viewOfTarget(result), version };
      },
    }),
    defineRoute({
      method: 'delete',
      path: ONE,
      operation: 'deleteTarget',
      group: GROUP,
      summary: 'Delete a target',
      description: 'Accounts there stay as they are, and nothing reaches them any more. To pause a target, disable it.',
      permission: 'configure',
      query: forceQuery,
      answer: { status: 204, description: 'It is gone.' },
      versioned: true,
      failures: { 409: 'A service provider provisions to its identity provider, and `force=true` was not given.' },
      async handle({ parameters, query, ...request }) {
        const { version } = await edits.edit(request, (policy) => {
          const provider = existingIdentityProvider(policy, parameters.identityProvider);
          const { id } = existingTarget(provider, parameters.target);
          if (query.force !== 'true') requireUnused(policy, provider.id);
          return { policy: withoutTarget(policy, provider, id), result: undefined };
        });
        return { body: undefined, version };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ONE}/test`,
      operation: 'testTarget',
      group: GROUP,
      summary: 'Try whether a target can be reached with its credentials',
      description:
        'Changes nothing there. A target that cannot be reached is an answer like any other: 200, `ok` false.',
      permission: 'test targets',
      answer: { status: 200, description: 'Whether it works, and why not.', schema: testResult },
      async handle({ tenant, parameters }) {
        const provider = existingIdentityProvider(await edits.newest(tenant), parameters.identityProvider);
        try {
          await testTarget(tenant, existingTarget(provider, parameters.target));
          return { body: { ok: true } };
        } catch (error) {
          if (!isProvostError(error) || !error.code.startsWith('TARGET_')) throw error;
          const { targetStatus, targetDetail } = error.facts;
          return {
            body: { ok: false, error: { code: error.code, message: error.message, targetStatus, targetDetail } },
          };
        }
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ONE}/mapping-test`,
      operation: 'testMapping',
      group: GROUP,
      summary: 'See what a mapping makes of one resource',
      description: 'Nothing is written, and the target is not asked. The answer shows attributes of the resource.',
      permission: 'operate',
      body: mappingTestInput,
      answer: {
        status: 200,
        description: 'The projection, what would be sent, and how each rule came out.',
        schema: mappingTestView,
      },
      async handle({ tenant, parameters, body }) {
        const policy = await edits.newest(tenant);
        const provider = existingIdentityProvider(policy, parameters.identityProvider);
        const target = existingTarget(provider, parameters.target);
        return { body: await testMapping({ policy, provider, target }, body, dependencies) };
      },
    }),
  ];
}
