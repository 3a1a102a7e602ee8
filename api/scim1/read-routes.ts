import { Router } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { asResourceId } from '../../domain/ids.ts';
import { clientHas, clientWantsAnother, etagOf } from '../etag.ts';
import { principalOf } from '../identify/authenticate.ts';
import { contextOf } from '../request-context.ts';
import { requireScim } from '../scim2/authorise.ts';
import { computedOf } from '../scim2/computed-attributes.ts';
import { baseUrlOf, type Scim2Dependencies } from '../scim2/context.ts';
import type { Lister } from '../scim2/list.ts';
import { renderResource } from '../scim2/render.ts';
import { findType1 } from './find-type.ts';
import { listRequestOf1, selectionOf1 } from './query.ts';
import { sendList1, sendResource1 } from './send.ts';

/** GET of one user or group, and of a page of them (REST API 1.1 §3.2). Other paths are left to the routes that follow. */
export function createReadRoutes1(dependencies: Scim2Dependencies, list: Lister): Router {
  const routes = Router({ mergeParams: true });

  routes.get('/:endpoint', async (request, response, next) => {
    const type = await findType1(request, dependencies);
    if (type === undefined) return next();
    requireScim(request, 'list', type);
    const context = await contextOf(request, dependencies);
    const wanted = listRequestOf1(request, type, context.serviceProvider.conformance);
    sendList1(response, await list(context, [type], wanted, baseUrlOf(request, dependencies)), type);
  });

  routes.get('/:endpoint/:id', async (request, response, next) => {
    const type = await findType1(request, dependencies);
    if (type === undefined) return next();
    requireScim(request, 'view', type);
    const { tenant } = principalOf(request);
    const selection = selectionOf1(request, type);
    const id = asResourceId(request.params['id'] ?? '');
    const stored = await dependencies.resources.find(tenant, type.name, id);
    if (stored === undefined) throw new ProvostError('NOT_FOUND', `There is no ${type.name} with this id.`);
    response.set('ETag', etagOf(stored.version));
    if (clientWantsAnother(request, stored.version))
      throw new ProvostError('VERSION_MISMATCH', 'The resource is at another version than those in If-Match.');
    if (clientHas(request, stored.version)) {
      response.status(304).end();
      return;
    }
    const baseUrl = baseUrlOf(request, dependencies);
    const computed = await computedOf(tenant, stored, type, baseUrl, selection, dependencies);
    sendResource1(response, 200, renderResource(stored, type, baseUrl, selection, computed), type);
  });

  return routes;
}
