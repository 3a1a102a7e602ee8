import { type Request, type Response, Router } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { asResourceId } from '../../domain/ids.ts';
import { clientHas, clientWantsAnother, etagOf } from '../etag.ts';
import { principalOf } from '../identify/authenticate.ts';
import { contextOf } from '../request-context.ts';
import { requireScim } from './authorise.ts';
import { computedOf } from './computed-attributes.ts';
import { baseUrlOf, type Scim2Dependencies } from './context.ts';
import { findType, listableTypes } from './find-type.ts';
import type { Lister } from './list.ts';
import { listRequestOf, selectionOf } from './query.ts';
import { renderResource, sendScim } from './render.ts';

/**
 * GET and HEAD of one resource, of a page of them, and of a page of all types at the root (RFC 7644 §3.4), for every
 * resource type that the caller's tenant has. A path that is no resource type's is left to the routes that follow.
 */
export function createReadRoutes(dependencies: Scim2Dependencies, list: Lister): Router {
  const routes = Router({ mergeParams: true });

  routes.get('/', async (request, response) => {
    const types = await listableTypes(request, dependencies);
    sendScim(
      response,
      200,
      await list(
        await contextOf(request, dependencies),
        types,
        listRequestOf(request),
        baseUrlOf(request, dependencies),
      ),
    );
  });

  routes.get('/:endpoint', async (request, response, next) => {
    const type = await findType(request, dependencies);
    if (type === undefined) return next();
    requireScim(request, 'list', type);
    sendScim(
      response,
      200,
      await list(
        await contextOf(request, dependencies),
        [type],
        listRequestOf(request),
        baseUrlOf(request, dependencies),
      ),
    );
  });

  routes.get('/:endpoint/:id', async (request, response, next) => {
    const type = await findType(request, dependencies);
    if (type === undefined) return next();
    requireScim(request, 'view', type);
    const selection = selectionOf(request);
    const id = asResourceId(request.params['id'] ?? '');
    const stored = await dependencies.resources.find(principalOf(request).tenant, type.name, id);
    if (stored === undefined) throw new ProvostError('NOT_FOUND', `There is no ${type.name} with this id.`);
    if (answersUnchanged(request, response, stored.version)) return;
    const baseUrl = baseUrlOf(request, dependencies);
    const { tenant } = principalOf(request);
    const computed = await computedOf(tenant, stored, type, baseUrl, selection, dependencies);
    sendScim(response, 200, renderResource(stored, type, baseUrl, selection, computed));
  });

  return routes;
}

/** 304 where the client has this version (RFC 7644 §3.14). @throws ProvostError `VERSION_MISMATCH` for If-Match */
function answersUnchanged(request: Request, response: Response, version: number): boolean {
  response.set('ETag', etagOf(version));
  if (clientWantsAnother(request, version))
    throw new ProvostError('VERSION_MISMATCH', 'The resource is at another version than those in If-Match.');
  if (!clientHas(request, version)) return false;
  response.status(304).end();
  return true;
}
