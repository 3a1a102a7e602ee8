import { type Request, type Response, Router } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { asResourceId } from '../../domain/ids.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { clientHas, etagOf } from '../etag.ts';
import { principalOf } from '../identify/authenticate.ts';
import { requireScim } from './authorise.ts';
import { baseUrlOf, type Scim2Dependencies } from './context.ts';
import { type ListRequest, listResources } from './list.ts';
import { parameter, selectionOf } from './query.ts';
import { renderResource, sendScim } from './render.ts';

/** GET of one resource and of a page of them (RFC 7644 §3.4). */
export function createReadRoutes(type: ResourceTypeDefinition, dependencies: Scim2Dependencies): Router {
  const routes = Router({ mergeParams: true });

  routes.get(`${type.endpoint}/:id`, async (request, response) => {
    requireScim(request, 'view', type);
    const id = asResourceId(request.params['id'] ?? '');
    const stored = await dependencies.resources.find(principalOf(request).tenant, type.name, id);
    if (stored === undefined) throw new ProvostError('NOT_FOUND', `There is no ${type.name} with this id.`);
    response.set('ETag', etagOf(stored.version));
    if (clientHas(request, stored.version)) {
      response.status(304).end();
      return;
    }
    sendScim(response, 200, renderResource(stored, type, baseUrlOf(request, dependencies), selectionOf(request)));
  });

  routes.get(type.endpoint, async (request, response) => {
    requireScim(request, 'list', type);
    await sendList(request, response, listRequestOf(request), type, dependencies);
  });

  return routes;
}

export async function sendList(
  request: Request,
  response: Response,
  wanted: ListRequest,
  type: ResourceTypeDefinition,
  dependencies: Scim2Dependencies,
): Promise<void> {
  const list = await listResources(
    principalOf(request).tenant,
    type,
    wanted,
    baseUrlOf(request, dependencies),
    dependencies,
  );
  sendScim(response, 200, list);
}

function listRequestOf(request: Request): ListRequest {
  const given = {
    filter: parameter(request, 'filter'),
    sortBy: parameter(request, 'sortBy'),
    sortOrder: parameter(request, 'sortOrder'),
    startIndex: parameter(request, 'startIndex'),
    count: parameter(request, 'count'),
    cursor: typeof request.query['cursor'] === 'string' ? request.query['cursor'] : undefined,
  };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...present, selection: selectionOf(request) };
}
