import type { Request, RequestHandler } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { asTenantId, type ResourceId } from '../../domain/ids.ts';
import { personName } from '../../domain/person.ts';
import { type BasicDependencies, identifyBasic, readBasic, unauthenticated } from './basic.ts';
import { identifyOpaqueToken, isOpaqueToken, readOpaqueToken } from './opaque-token.ts';
import type { FindStanding } from './person.ts';
import type { Principal } from './principal.ts';
import type { SignInLimits, SignInMethod } from './sign-in-limits.ts';

export interface AuthenticateDependencies extends BasicDependencies {
  identifyBearer(token: string): Promise<Principal>;
  readonly signIns: Pick<SignInLimits, 'attempt'>;
  /** Absent: whom a credential speaks for is not asked about. */
  readonly findStanding?: FindStanding;
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
    const principal =
      principals.get(request) ?? (await identify(scheme.toLowerCase(), value.trim(), request.ip, dependencies));
    await requireStanding(principal, dependencies);
    const tenant = request.params['tenant'];
    if (typeof tenant === 'string' && asTenantId(tenant) !== principal.tenant)
      throw new ProvostError('FORBIDDEN', 'These credentials belong to another tenant.');
    principals.set(request, principal);
    next();
  };
}

/**
 * Refuses whoever speaks for a person who may not act here.
 *
 * @throws ProvostError `FORBIDDEN`
 */
export async function requireStanding(
  principal: Principal,
  dependencies: Pick<AuthenticateDependencies, 'findStanding' | 'findCredential'>,
): Promise<void> {
  if (principal.user === undefined || (await speaksFor(principal, principal.user, dependencies))) return;
  throw new ProvostError(
    'FORBIDDEN',
    'The person behind these credentials is not a user here any more, or their account is disabled or locked.',
  );
}

/** A person's own password was looked at together with the person. A credential that was made for a user ends with them. */
async function speaksFor(
  { tenant, credential }: Principal,
  user: ResourceId,
  { findStanding, findCredential }: Pick<AuthenticateDependencies, 'findStanding' | 'findCredential'>,
): Promise<boolean> {
  if (findStanding === undefined || credential === personName(user)) return true;
  const standing = await findStanding(tenant, user);
  return standing === 'unknown' ? (await findCredential(credential))?.user !== user : standing === 'may-act';
}

async function identify(
  scheme: string,
  value: string,
  address: string | undefined,
  dependencies: AuthenticateDependencies,
): Promise<Principal> {
  if (value === '') throw unauthenticated();
  if (scheme === 'basic') return bySecret('basic', readBasic(value), identifyBasic);
  if (scheme !== 'bearer') throw unauthenticated();
  // The signature of a JWT cannot be guessed.
  return isOpaqueToken(value)
    ? bySecret('token', readOpaqueToken(value), identifyOpaqueToken)
    : dependencies.identifyBearer(value);

  function bySecret(
    method: SignInMethod,
    presented: Presented,
    identifyBy: (presented: Presented, dependencies: BasicDependencies) => Promise<Principal>,
  ): Promise<Principal> {
    return dependencies.signIns.attempt({ method, address, name: presented.id }, (origin) =>
      identifyBy(presented, {
        ...dependencies,
        verifySecret: (secret) => dependencies.verifySecret({ ...secret, origin }),
      }),
    );
  }
}

interface Presented {
  readonly id: string;
  readonly secret: string;
}

/** Says who calls, where that was found out otherwise: by a session. To be said before {@link authenticate} looks. */
export const identifyAs = (request: Request, principal: Principal): void => void principals.set(request, principal);

/** The caller of a request that {@link authenticate} has let through. */
export function principalOf(request: Request): Principal {
  const principal = principals.get(request);
  if (principal === undefined) throw new Error('the route is not behind authenticate()');
  return principal;
}
