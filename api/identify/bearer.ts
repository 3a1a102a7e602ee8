import { createHash } from 'node:crypto';
import { asResourceId } from '../../domain/ids.ts';
import type { Credential } from '../../stores/credentials.ts';
import { unauthenticated } from './basic.ts';
import { clientOfToken, registeredClient } from './client-of-token.ts';
import type { FindCredential } from './credentials-cache.ts';
import type { KnownIssuer } from './issuers.ts';
import type { Principal } from './principal.ts';
import { type Claims, verifyToken } from './verify-token.ts';

export interface BearerDependencies {
  readonly issuers: readonly KnownIssuer[];
  readonly findCredential: FindCredential;
  now(): number;
}

/** How long a verified token is not verified again, milliseconds: so long a dropped key goes on to count. */
const VERIFIED_FOR_MS = 10_000;

/** Access tokens as JWTs (RFC 9068). That a token was verified is remembered for a moment; whose it is, never. */
export function createBearer({ issuers, findCredential, now }: BearerDependencies) {
  const verified = new Map<string, { readonly claims: Claims; readonly until: number }>();

  async function claimsOf(token: string): Promise<Claims> {
    const digest = createHash('sha256').update(token).digest('base64');
    const known = verified.get(digest);
    if (known !== undefined && known.until > now()) return known.claims;
    verified.delete(digest);
    const claims = await ofRegisteredClient(await verifyToken(token, issuers));
    if (verified.size >= 10_000) verified.clear();
    verified.set(digest, { claims, until: Math.min(claims.expiresAtMs, now() + VERIFIED_FOR_MS) });
    return claims;
  }

  async function ofRegisteredClient(claims: Claims): Promise<Claims> {
    if (claims.issuer.kind === 'own') return claims;
    const clientId = await registeredClient(claims.issuer, claims, findCredential);
    if (clientId === undefined) throw unauthenticated();
    return { ...claims, clientId };
  }

  /** @throws ProvostError `UNAUTHENTICATED` */
  return async function identifyBearer(token: string): Promise<Principal> {
    const claims = await claimsOf(token);
    const client = await clientOfToken(claims, findCredential);
    if (client === undefined) throw unauthenticated();
    return {
      tenant: client.tenant,
      credential: client.id,
      serviceProvider: client.serviceProvider,
      scopes: grantedBoth(claims.scopes, client),
      roles: client.roles,
      method: 'bearer',
      ...userOf(claims, client),
    };
  };
}

/** The token knows best; where it names nobody, a credential may be a person's. */
function userOf({ user }: Claims, client: Credential): Pick<Principal, 'user'> {
  const person = user === undefined ? client.user : asResourceId(user);
  return person === undefined ? {} : { user: person };
}

const grantedBoth = (inToken: readonly string[], client: Credential): string[] =>
  inToken.filter(
    (scope) => client.scopes.includes(scope) || (scope.startsWith('internal_') && client.scopes.includes('scim')),
  );
