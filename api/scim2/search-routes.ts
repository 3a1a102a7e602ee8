import { Router } from 'express';
import { contextOf } from '../request-context.ts';
import { requireScim } from './authorise.ts';
import { baseUrlOf, type Scim2Dependencies } from './context.ts';
import { findType, listableTypes } from './find-type.ts';
import type { Lister } from './list.ts';
import { allowOnly } from './method-routes.ts';
import { sendScim } from './render.ts';
import { parseSearchRequest } from './search-request.ts';

/**
 * Queries by POST (RFC 7644 §3.4.3), so that nothing personal is in a URL: `/.search` over every type that the caller may
 * list, `/Users/.search` over one. To be mounted before the routes that write, which it is none of.
 */
export function createSearchRoutes(dependencies: Scim2Dependencies, list: Lister): Router {
  const routes = Router({ mergeParams: true });

  routes.post('/.search', async (request, response) => {
    const types = await listableTypes(request, dependencies);
    const wanted = parseSearchRequest(request.body);
    const context = await contextOf(request, dependencies);
    sendScim(response, 200, await list(context, types, wanted, baseUrlOf(request, dependencies)));
  });

  routes.post('/:endpoint/.search', async (request, response, next) => {
    const type = await findType(request, dependencies);
    if (type === undefined) return next();
    requireScim(request, 'list', type);
    const wanted = parseSearchRequest(request.body);
    const context = await contextOf(request, dependencies);
    sendScim(response, 200, await list(context, [type], wanted, baseUrlOf(request, dependencies)));
  });

  routes.all('/.search', allowOnly('POST', 'OPTIONS'));
  routes.all('/:endpoint/.search', async (request, response, next) => {
    if ((await findType(request, dependencies)) === undefined) return next();
    allowOnly('POST', 'OPTIONS')(request, response, next);
  });
  return routes;
}
