import { randomBytes } from 'node:crypto';
import { ProvostError } from '../../../domain/errors.ts';
import type { TenantId } from '../../../domain/ids.ts';
import { qualifiedName } from '../../../domain/qualified-name.ts';
import type { Credential, ListedCredential, Role } from '../../../stores/credentials.ts';
import { toBearerToken } from '../../identify/opaque-token.ts';
import type { Principal } from '../../identify/principal.ts';
import { effectiveRoles } from '../authorise.ts';
import type { RoutesDependencies } from '../dependencies.ts';

/** 256 bits; base64url has nothing that a form or a Basic header would have to escape. */
export const makeSecret = (): string => randomBytes(32).toString('base64url');

/** What a client presents: for a bearer token, which comes without a name, the id in front of the secret. */
export const toPresent = ({ id, kind }: Pick<Credential, 'id' | 'kind'>, secret: string): string =>
  kind === 'token' ? toBearerToken(id, secret) : secret;

/** A chosen name is unique within its tenant; what nobody chose is random, and needs no tenant to be unique. */
export const credentialIdFor = (name: string | undefined, tenant: TenantId): string =>
  name === undefined ? `c-${randomBytes(12).toString('hex')}` : qualifiedName(name, tenant);

/**
 * @param id the id, or the chosen name alone
 * @throws ProvostError `NOT_FOUND` where the service provider has no such credential
 */
export async function existingCredential(
  tenant: TenantId,
  serviceProvider: string,
  id: string,
  { credentials }: Pick<RoutesDependencies, 'credentials'>,
): Promise<Credential> {
  for (const name of [id, qualifiedName(id, tenant)]) {
    const found = await credentials.find(tenant, name);
    if (found?.serviceProvider === serviceProvider) return found;
  }
  throw new ProvostError('NOT_FOUND', 'The service provider has no credential with this id.');
}

/** Whoever gives out or takes over a platform administrator's credential becomes one, so only they may. */
export const roleOutOfReach = (principal: Principal): Role | undefined =>
  effectiveRoles(principal).includes('platform-admin') ? undefined : 'platform-admin';

/** @throws ProvostError `FORBIDDEN` where a credential with these roles is stronger than the caller */
export function requireMayHandle(principal: Principal, roles: readonly Role[]): void {
  const outOfReach = roleOutOfReach(principal);
  if (outOfReach === undefined || !roles.includes(outOfReach)) return;
  throw new ProvostError(
    'FORBIDDEN',
    'Only a platform administrator handles credentials with the role platform-admin.',
  );
}

/** What the audit trail says of a credential. */
export const factsOf = ({ id, kind, serviceProvider, roles, scopes, user }: ListedCredential) => ({
  credential: id,
  kind,
  serviceProvider,
  roles,
  scopes,
  ...(user === undefined ? {} : { user }),
});
