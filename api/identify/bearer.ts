import { createHash } from 'node:crypto';
import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { ProvostError } from '../../domain/errors.ts';
import { asResourceId } from '../../domain/ids.ts';
import type { Credential } from '../../stores/credentials.ts';
import { unauthenticated } from './basic.ts';
import type { FindCredential } from './credentials-cache.ts';
import type { Principal } from './principal.ts';

/** Asymmetric only: an issuer's public key can't be used as an HMAC secret, and `none` is no algorithm. */
const ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'PS384', 'RS256', 'RS384', 'RS512'];

/** An issuer whose access tokens count. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
  /** Claim that names the client; `client_id` unless the issuer has another. */
  readonly clientIdClaim: string;
  /** Claim that names the user behind the token by his id. Absent: tokens of this issuer speak for clients only. */
  readonly userClaim?: string;
}

export interface BearerDependencies {
  readonly issuers: readonly TrustedIssuer[];
  readonly findCredential: FindCredential;
  now(): number;
}

/** An issuer's keys, fetched by jose, kept ten minutes, and fetched again for an unknown key id. */
export const remoteKeys = (jwksUri: string): JWTVerifyGetKey => createRemoteJWKSet(new URL(jwksUri));

/** Access tokens as JWTs (RFC 9068). A verified token is remembered until it expires, for at most a minute. */
export function createBearer({ issuers, findCredential, now }: BearerDependencies) {
  const verified = new Map<string, { readonly claims: Claims; readonly until: number }>();

  async function claimsOf(token: string): Promise<Claims> {
    const digest = createHash('sha256').update(token).digest('base64');
    const known = verified.get(digest);
    if (known !== undefined && known.until > now()) return known.claims;
    verified.delete(digest);
    const claims = await verify(token, issuers);
    if (verified.size >= 10_000) verified.clear();
    verified.set(digest, { claims, until: Math.min(claims.expiresAtMs, now() + 60_000) });
    return claims;
  }

  /** @throws ProvostError `UNAUTHENTICATED` */
  return async function identifyBearer(token: string): Promise<Principal> {
    const claims = await claimsOf(token);
    const client = await findCredential(claims.clientId);
    if (client?.kind !== 'client') throw unauthenticated();
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

interface Claims {
  readonly clientId: string;
  readonly user?: string;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

async function verify(token: string, issuers: readonly TrustedIssuer[]): Promise<Claims> {
  let payload: JWTPayload;
  let issuer: TrustedIssuer | undefined;
  try {
    const claimed = decodeJwt(token).iss;
    issuer = issuers.find((trusted) => trusted.issuer === claimed);
    if (issuer === undefined) throw unauthenticated();
    const { issuer: name, audience } = issuer;
    const options = { issuer: name, audience, algorithms: ALGORITHMS, requiredClaims: ['exp'], clockTolerance: 5 };
    ({ payload } = await jwtVerify(token, issuer.keys, options));
  } catch (error) {
    if (error instanceof errors.JWKSTimeout) {
      throw new ProvostError(
        'ENGINE_UNAVAILABLE',
        'The keys of the token issuer cannot be fetched now; try again shortly.',
        { retryAfterMs: 5_000 },
        { cause: error },
      );
    }
    throw error instanceof ProvostError ? error : unauthenticated(error);
  }
  const clientId = payload[issuer.clientIdClaim] ?? payload['client_id'] ?? payload['azp'] ?? payload.sub;
  if (typeof clientId !== 'string' || payload.exp === undefined) throw unauthenticated();
  const user = issuer.userClaim === undefined ? undefined : payload[issuer.userClaim];
  return {
    clientId,
    scopes: scopesOf(payload),
    expiresAtMs: payload.exp * 1000,
    // A token that a client got for itself has the client's own id as its subject (RFC 9068 §2.2).
    ...(typeof user === 'string' && user !== '' && user !== clientId ? { user } : {}),
  };
}

/** `scope` as RFC 8693 has it, `scp` or `roles` as Entra and Okta send them. */
function scopesOf(payload: JWTPayload): string[] {
  const claim = payload['scope'] ?? payload['scp'] ?? payload['roles'];
  if (typeof claim === 'string') return claim.split(' ').filter((scope) => scope !== '');
  return Array.isArray(claim) ? claim.filter((scope): scope is string => typeof scope === 'string') : [];
}

const grantedBoth = (inToken: readonly string[], client: Credential): string[] =>
  inToken.filter(
    (scope) => client.scopes.includes(scope) || (scope.startsWith('internal_') && client.scopes.includes('scim')),
  );
