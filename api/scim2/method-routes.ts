import { type RequestHandler, Router } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import type { Scim2Dependencies } from './context.ts';
import { findType } from './find-type.ts';

/** Says no to a method that a path does not have (RFC 9110 §15.5.6), and tells by OPTIONS which it has. */
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
export function createMethodRoutes(dependencies: Pick<Scim2Dependencies, 'policies' | 'features'>): Router {
  const routes = Router({ mergeParams: true });
  for (const path of ['/', '/ResourceTypes', '/ResourceTypes/:name', '/Schemas', '/Schemas/:name'])
    routes.all(path, allowOnly(...READ_ONLY));
  for (const path of ['/Roles', '/Roles/:id', '/Entitlements', '/Entitlements/:id', '/AsyncRequests/:id'])
    routes.options(path, allowOnly(...READ_ONLY));
  routes.all('/Me', allowOnly('GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'));
  if (dependencies.features?.bulk === undefined)
    routes.post('/Bulk', () => {
      throw new ProvostError('NOT_IMPLEMENTED', 'This server has no /Bulk; /ServiceProviderConfig says what it has.');
    });
  routes.all(['/Bulk', '/.search'], allowOnly('POST', 'OPTIONS'));
  const forType =
    (...methods: readonly string[]): RequestHandler =>
    async (request, response, next) =>
      (await findType(request, dependencies)) === undefined ? next() : allowOnly(...methods)(request, response, next);
  routes.all('/:endpoint', forType('GET', 'HEAD', 'POST', 'OPTIONS'));
  routes.all('/:endpoint/.search', forType('POST', 'OPTIONS'));
  routes.all('/:endpoint/:id', forType('GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'));
  return routes;
}

/** OPTIONS before anything else is asked: each router of express would answer with what it has itself and no more. */
export const answerOptions =
  (methodRoutes: Router): RequestHandler =>
  (request, response, next) =>
    request.method === 'OPTIONS' ? methodRoutes(request, response, next) : next();
