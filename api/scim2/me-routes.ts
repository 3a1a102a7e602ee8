import { type NextFunction, type Request, type Response, Router } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { asResourceId } from '../../domain/ids.ts';
import { principalOf } from '../identify/authenticate.ts';
import { letSelf } from './authorise.ts';
import type { Scim2Dependencies } from './context.ts';

const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'];

/**
 * `/Me` (RFC 7644 §3.11): the user behind the caller. A request to it goes on as one to that user's own path, so that
 * everything about it, its location too, is that user's. To be mounted before the routes of resources.
 */
export function createMeRoutes({ resources }: Pick<Scim2Dependencies, 'resources'>): Router {
  const routes = Router({ mergeParams: true });
  routes.use(async (request: Request, _response: Response, next: NextFunction) => {
    if (!/^\/me\/?$/i.test(request.path)) return next();
    if (request.method === 'POST')
      throw new ProvostError('NOT_IMPLEMENTED', 'Nobody is created as /Me here; create users by POST to /Users.');
    if (!METHODS.includes(request.method)) return next();
    const { tenant, user } = principalOf(request);
    if (user === undefined)
      throw new ProvostError('NOT_FOUND', 'There is no person behind these credentials: they are those of a client.');
    const person = await resources.find(tenant, 'User', asResourceId(user));
    if (person === undefined)
      throw new ProvostError('NOT_FOUND', 'The person behind these credentials is not a user here any more.');
    if (person.resource['active'] === false)
      throw new ProvostError('FORBIDDEN', 'The person behind these credentials is not active.');
    letSelf(request);
    request.url = `/Users/${encodeURIComponent(user)}${queryOf(request.url)}`;
    next();
  });
  return routes;
}

const queryOf = (url: string): string => (url.includes('?') ? url.slice(url.indexOf('?')) : '');
