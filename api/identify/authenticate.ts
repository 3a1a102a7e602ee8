import type { Request, RequestHandler } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { asTenantId } from '../../domain/ids.ts';
import { type BasicDependencies, identifyBasic, unauthenticated } from './basic.ts';
import { identifyOpaqueToken, isOpaqueToken } from './opaque-token.ts';
import type { Principal } from './principal.ts';

export interface AuthenticateDependencies extends BasicDependencies {
  identifyBearer(token: string): Promise<Principal>;
}

const principals = new WeakMap<Request, Principal>();

/**
 * Finds out who calls, from the Authorization header. A path of the form `/t/{tenant}/…` must be the caller's own tenant,
 * whatever its roles: what is there is data of people, and a platform administrator configures. Whether another tenant
 * exists is not said.
 *
 * @throws ProvostError `UNAUTHENTICATED`, `FORBIDDEN`
 */
export function authenticate(dependencies: AuthenticateDependencies): RequestHandler {
  return async (request, _response, next) => {
    const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ', 2);
    const principal = await identify(scheme.toLowerCase(), value.trim(), dependencies);
    const tenant = request.params['tenant'];
    if (typeof tenant === 'string' && asTenantId(tenant) !== principal.tenant)
      throw new ProvostError('FORBIDDEN', 'These credentials belong to another tenant.');
    principals.set(request, principal);
    next();
  };
}

async function identify(scheme: string, value: string, dependencies: AuthenticateDependencies): Promise<Principal> {
  if (value === '') throw unauthenticated();
  if (scheme === 'basic') return identifyBasic(value, dependencies);
  if (scheme === 'bearer')
    return isOpaqueToken(value) ? identifyOpaqueToken(value, dependencies) : dependencies.identifyBearer(value);
  throw unauthenticated();
}

/** The caller of a request that {@link authenticate} has let through. */
export function principalOf(request: Request): Principal {
  const principal = principals.get(request);
  if (principal === undefined) throw new Error('the route is not behind authenticate()');
  return principal;
}
