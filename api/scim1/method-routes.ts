import { type RequestHandler, Router } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import type { Scim2Dependencies } from '../scim2/context.ts';
import { allowOnly, READ_ONLY } from '../scim2/method-routes.ts';
import { findType1 } from './find-type.ts';

/**
 * What is left for the paths of SCIM 1.1 once every route has been asked: 405 where the path is known, 501 for a Bulk
 * that is not served. Mounted last; a path that nobody knows goes on.
 */
export function createMethodRoutes1(dependencies: Pick<Scim2Dependencies, 'policies' | 'bulk'>): Router {
  const routes = Router({ mergeParams: true });
  for (const path of ['/ServiceProviderConfigs', '/Schemas', '/Schemas/:id']) routes.all(path, allowOnly(...READ_ONLY));
  if (dependencies.bulk === undefined)
    routes.post('/Bulk', () => {
      throw new ProvostError('NOT_IMPLEMENTED', 'This server has no /Bulk; /ServiceProviderConfigs says what it has.');
    });
  // What is not JSON has come past the route that serves it.
  else
    routes.post('/Bulk', () => {
      throw new ProvostError('UNSUPPORTED_MEDIA_TYPE', 'Send a bulk request as application/json.');
    });
  routes.all('/Bulk', allowOnly('POST', 'OPTIONS'));

  const forType =
    (...methods: readonly string[]): RequestHandler =>
    async (request, response, next) =>
      (await findType1(request, dependencies)) === undefined ? next() : allowOnly(...methods)(request, response, next);
  routes.all('/:endpoint', forType('GET', 'HEAD', 'POST', 'OPTIONS'));
  routes.all('/:endpoint/:id', forType('GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'));
  return routes;
}
