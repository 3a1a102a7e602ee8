import { createHash } from 'node:crypto';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { isProvostError, ProvostError } from '../../../domain/errors.ts';
import type { ScimObject } from '../../../domain/scim/resource.ts';
import { ENTITLEMENT_TYPE, ROLE_TYPE } from '../../../domain/scim/schema/assignable.ts';
import { principalOf } from '../../identify/authenticate.ts';
import type { Principal } from '../../identify/principal.ts';
import { contextOf } from '../../request-context.ts';
import { baseUrlOf, type Scim2Dependencies } from '../context.ts';
import { LIST_SCHEMA } from '../list.ts';
import { allowOnly, READ_ONLY } from '../method-routes.ts';
import { sendScim } from '../render.ts';
import { renderResourceType } from './resource-types.ts';
import { renderSchema, schemasOf } from './schemas.ts';
import { serviceProviderConfig } from './service-provider-config.ts';

/**
 * `/ServiceProviderConfig` (RFC 7644 §4). To be mounted before authentication: a client learns from it how to
 * authenticate (RFC 7643 §5).
 */
export function createServiceProviderConfigRoutes(
  dependencies: Scim2Dependencies,
  behindAuthentication: readonly RequestHandler[],
): Router {
  const routes = Router({ mergeParams: true });
  routes.get('/ServiceProviderConfig', refuseFilter, async (request, response) => {
    const principal = await knownCaller(request, response, behindAuthentication);
    const drafts = {
      isStrict:
        principal !== undefined && (await contextOf(request, dependencies)).serviceProvider.conformance === 'strict',
      hasAssigned: principal !== undefined && (await hasAssigned(principal, dependencies)),
    };
    sendDocument(request, response, serviceProviderConfig(baseUrlOf(request, dependencies), dependencies, drafts));
  });
  routes.all('/ServiceProviderConfig', allowOnly(...READ_ONLY));
  return routes;
}

/** Who calls, under the same limits as everywhere else. Wrong credentials are nobody's, for a document that needs none. */
async function knownCaller(
  request: Request,
  response: Response,
  behindAuthentication: readonly RequestHandler[],
): Promise<Principal | undefined> {
  if (behindAuthentication.length === 0 || request.headers.authorization === undefined) return undefined;
  try {
    for (const handler of behindAuthentication) await passed(handler, request, response);
    return principalOf(request);
  } catch (error) {
    if (isProvostError(error, 'UNAUTHENTICATED')) return undefined;
    throw error;
  }
}

const passed = (handler: RequestHandler, request: Request, response: Response): Promise<void> =>
  new Promise((resolve, reject) => {
    const done = (error?: unknown) => (error === undefined ? resolve() : reject(error));
    Promise.resolve(handler(request, response, done)).catch(reject);
  });

/** Whether roles or entitlements are in use: where none are, a draft's block would only trouble clients that know no drafts. */
async function hasAssigned({ tenant }: Principal, { assigned }: Pick<Scim2Dependencies, 'assigned'>): Promise<boolean> {
  if (assigned === undefined) return false;
  const found = await Promise.all([assigned.hasAny(tenant, 'roles'), assigned.hasAny(tenant, 'entitlements')]);
  return found.includes(true);
}

/** `/ResourceTypes` and `/Schemas` (RFC 7644 §4), of the caller's tenant, for whoever has authenticated. */
export function createDiscoveryRoutes(dependencies: Scim2Dependencies): Router {
  const routes = Router({ mergeParams: true });

  const assignable = dependencies.assigned === undefined ? [] : [ROLE_TYPE, ENTITLEMENT_TYPE];
  const resourceTypes = async (request: Request) =>
    (await contextOf(request, dependencies)).types.map((type) => ({
      names: [type.name, type.id],
      document: renderResourceType(type, baseUrlOf(request, dependencies)),
    }));
  const schemas = async (request: Request) =>
    schemasOf([...(await contextOf(request, dependencies)).types, ...assignable]).map((schema) => ({
      names: [schema.id],
      document: renderSchema(schema, baseUrlOf(request, dependencies)),
    }));

  serve('/ResourceTypes', 'resource type', resourceTypes);
  serve('/Schemas', 'schema', schemas);
  return routes;

  function serve(path: string, noun: string, documentsFor: (request: Request) => Promise<readonly NamedDocument[]>) {
    routes.get(path, refuseFilter, async (request, response) => {
      sendDocument(request, response, listOf((await documentsFor(request)).map(({ document }) => document)));
    });
    routes.get(`${path}/:name`, refuseFilter, async (request, response) => {
      const wanted = String(request.params['name']).toLowerCase();
      const found = (await documentsFor(request)).find(({ names }) =>
        names.some((name) => name.toLowerCase() === wanted),
      );
      if (found === undefined) throw new ProvostError('NOT_FOUND', `There is no such ${noun}; ${path} lists them.`);
      sendDocument(request, response, found.document);
    });
  }
}

interface NamedDocument {
  readonly names: readonly string[];
  readonly document: ScimObject;
}

const listOf = (documents: readonly ScimObject[]): ScimObject => ({
  schemas: [LIST_SCHEMA],
  totalResults: documents.length,
  startIndex: 1,
  itemsPerPage: documents.length,
  Resources: documents,
});

/** A client must not take what it gets for what its filter selected (RFC 7644 §4). */
const refuseFilter: RequestHandler = (request, _response, next) => {
  if (request.query['filter'] === undefined) return next();
  next(new ProvostError('FORBIDDEN', 'This endpoint takes no filter; read all of it.', { path: 'filter' }));
};

/** Documents have no version of their own: their tag is of their content. */
function sendDocument(request: Request, response: Response, document: ScimObject): void {
  const tag = createHash('sha256').update(JSON.stringify(document)).digest('base64url').slice(0, 22);
  response.set('ETag', `W/"${tag}"`);
  if ((request.headers['if-none-match'] ?? '').includes(`"${tag}"`)) response.status(304).end();
  else sendScim(response, 200, document);
}
