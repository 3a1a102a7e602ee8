import { type RequestHandler, Router } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import type { Scim2Dependencies } from './context.ts';
import { findType } from './find-type.ts';

/**
 * Says no to a method that a path does not have (RFC 9110 §15.5.6), and tells by OPTIONS which it has. Mounted behind the
 * routes that serve the path.
 */
export const allowOnly =
  (...methods: readonly string[]): RequestHandler =>
  (request, response, next) => {
    response.set('Allow', methods.join(', '));
    if (request.method === 'OPTIONS') response.status(204).end();
    else next(new ProvostError('METHOD_NOT_ALLOWED', `This path takes ${methods.join(', ')}.`));
  };

/** Methods of a document that is only read. */
export const READ_ONLY = ['GET', 'HEAD', 'OPTIONS'] as const;

/**
 * What is left for the paths of SCIM 2.0 once every route has been asked: 405 where the path is known, 501 for what the
 * standard has and this service does not. Mounted last; a path that nobody knows goes on.
 */
export function createMethodRoutes(dependencies: Pick<Scim2Dependencies, 'resourceTypes' | 'features'>): Router {
  const routes = Router({ mergeParams: true });
  routes.all('/', allowOnly(...READ_ONLY));
  for (const path of ['/ResourceTypes', '/ResourceTypes/:name', '/Schemas', '/Schemas/:name'])
    routes.all(path, allowOnly(...READ_ONLY));
  routes.post('/Bulk', (_request, _response, next) =>
    next(
      dependencies.features?.bulk === undefined
        ? new ProvostError('NOT_IMPLEMENTED', 'This server has no /Bulk; /ServiceProviderConfig says what it has.')
        : undefined,
    ),
  );
  routes.all('/Bulk', allowOnly('POST', 'OPTIONS'));
  const forType =
    (...methods: readonly string[]): RequestHandler =>
    async (request, response, next) =>
      (await findType(request, dependencies)) === undefined ? next() : allowOnly(...methods)(request, response, next);
  routes.all('/:endpoint', forType('GET', 'HEAD', 'POST', 'OPTIONS'));
  routes.all('/:endpoint/:id', forType('GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'));
  return routes;
}
