import { type Request, type Response, Router } from 'express';
import type { ChangeBody } from '../../domain/change.ts';
import { mayEndAccess } from '../../domain/deactivation.ts';
import { ProvostError } from '../../domain/errors.ts';
import { asResourceId } from '../../domain/ids.ts';
import { type ReadOnlyClaim, requireTrue } from '../../domain/scim/patch/read-only-claims.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { Verb } from '../../domain/scopes.ts';
import { closedToSelf } from '../../domain/self-service.ts';
import type { StoredResource } from '../../stores/resources.ts';
import type { ChangeAnswer } from '../change-door.ts';
import { clientHas } from '../etag.ts';
import { principalOf } from '../identify/authenticate.ts';
import { provedPassword } from '../identify/principal.ts';
import { contextOf, type RequestContext } from '../request-context.ts';
import { submitAsPreferred } from './asynchronous/submit-as-preferred.ts';
import { isOnlySelf, requireScim } from './authorise.ts';
import { readChangeBody } from './change-body.ts';
import { baseUrlOf, type Scim2Dependencies } from './context.ts';
import { findType } from './find-type.ts';
import { nameOperation } from './name-operation.ts';
import { requestedChange } from './requested-change.ts';
import { sayIgnored } from './say-ignored.ts';
import { limitToSelf, type SelfLimits } from './self-service.ts';
import { sendChanged } from './send-changed.ts';
import { shownResource } from './shown-resource.ts';

/**
 * POST, PUT, PATCH and DELETE (RFC 7644 §3.3, §3.5, §3.6) for every resource type that the caller's tenant has. A path
 * that is no resource type's is left to the routes that follow.
 */
export function createWriteRoutes(dependencies: Scim2Dependencies): Router {
  const routes = Router({ mergeParams: true });
  const writing = { POST: 'create', PUT: 'replace', PATCH: 'patch' } as const;
  const verbs = { create: 'create', replace: 'update', patch: 'update' } as const satisfies Record<string, Verb>;

  for (const [method, kind] of Object.entries(writing)) {
    const path = kind === 'create' ? '/:endpoint' : '/:endpoint/:id';
    routes[method.toLowerCase() as 'post' | 'put' | 'patch'](path, async (request, response, next) => {
      const type = await findType(request, dependencies);
      if (type === undefined) return next();
      requireScim(request, verbs[kind], type);
      const context = await contextOf(request, dependencies);
      const { body, deviations, claims, sent } = await readChangeBody(
        kind,
        request.body,
        type,
        context.serviceProvider.conformance,
        dependencies.hashPassword,
      );
      dependencies.observeDeviations(context, deviations);
      sayIgnored(response, deviations);
      if (claims.length > 0) await requireClaims(claims, request, type, context, dependencies);
      const self = await standingFor(request, type, dependencies);
      const answer = await submit(request, response, type, body, dependencies, self).catch((error: unknown) => {
        throw kind === 'patch' ? nameOperation(error, request.body, type) : error;
      });
      if (answer === undefined) return;
      const status = kind === 'create' ? 201 : 200;
      await sendChanged(request, response, { status, type, answer, sent }, dependencies);
    });
  }

  routes.delete('/:endpoint/:id', async (request, response, next) => {
    const type = await findType(request, dependencies);
    if (type === undefined) return next();
    requireScim(request, 'delete', type);
    await standingFor(request, type, dependencies);
    const answer = await submit(request, response, type, { kind: 'delete' }, dependencies);
    if (answer === undefined) return;
    response.set('Provost-Change', answer.change).status(204).end();
  });

  return routes;
}

/** @throws ProvostError `MUTABILITY` where a PATCH says of something read-only what it is not, `NOT_FOUND` */
async function requireClaims(
  claims: readonly ReadOnlyClaim[],
  request: Request,
  type: ResourceTypeDefinition,
  { principal, serviceProvider }: RequestContext,
  dependencies: Scim2Dependencies,
): Promise<void> {
  const id = asResourceId(String(request.params['id']));
  const shown = await shownResource(principal.tenant, type, id, baseUrlOf(request, dependencies), dependencies);
  if (shown === undefined && serviceProvider.mode !== 'provision-only')
    throw new ProvostError('NOT_FOUND', `There is no ${type.name} with this id.`);
  requireTrue(claims, shown ?? { id });
}

/**
 * The resource as it stands, where what may be done depends on it: a person changes himself, or If-None-Match names
 * versions that it must not have (RFC 9110 §13.1.2).
 *
 * @throws ProvostError `VERSION_MISMATCH`
 */
async function standingFor(
  request: Request,
  type: ResourceTypeDefinition,
  { resources }: Scim2Dependencies,
): Promise<StoredResource | undefined> {
  const id = request.params['id'];
  const isSelf = isOnlySelf(request, type);
  if (typeof id !== 'string' || (!isSelf && request.headers['if-none-match'] === undefined)) return undefined;
  const found = await resources.find(principalOf(request).tenant, type.name, asResourceId(id));
  if (found !== undefined && clientHas(request, found.version))
    throw new ProvostError('VERSION_MISMATCH', 'The resource is at a version that If-None-Match names.');
  if (isSelf && found === undefined) throw new ProvostError('NOT_FOUND', `There is no such ${type.name} any more.`);
  return isSelf ? found : undefined;
}

/**
 * @param self the user as he stands, where he changes himself
 * @returns undefined where the client does not wait, and has been answered
 */
async function submit(
  request: Request,
  response: Response,
  type: ResourceTypeDefinition,
  asked: ChangeBody,
  dependencies: Scim2Dependencies,
  self?: StoredResource,
): Promise<ChangeAnswer | undefined> {
  const context = await contextOf(request, dependencies);
  const body = self === undefined ? asked : limitToSelf(asked, limitsOf(context, self, type), type);
  const pinned = self === undefined ? {} : { expectedVersion: String(self.version) };
  const requested = { source: 'scim2', type, body, ...pinned } as const;
  const change = requestedChange(request, requested, dependencies);
  return submitAsPreferred(request, response, change, context, mayEndAccess(body), dependencies);
}

const limitsOf = (
  { principal, policy }: RequestContext,
  { resource }: StoredResource,
  type: ResourceTypeDefinition,
): SelfLimits => ({
  before: resource,
  closed: closedToSelf(policy, type),
  provedPassword: provedPassword(principal),
});
