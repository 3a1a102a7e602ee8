import { decodeJwt, errors, type JWTHeaderParameters, type JWTPayload, jwtVerify } from 'jose';
import { ProvostError } from '../../domain/errors.ts';
import { unauthenticated } from './basic.ts';
import type { KnownIssuer, TrustedIssuer } from './issuers.ts';

/** Asymmetric only: an issuer's public key can't be used as an HMAC secret, and `none` is no algorithm. */
const ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'PS384', 'RS256', 'RS384', 'RS512'];

/** Claims that only ID tokens have (OpenID Connect Core §2, §3.3.2.11). */
const OF_ID_TOKENS = ['nonce', 'at_hash', 'c_hash', 's_hash'];

/** What a verified access token says. */
export interface Claims {
  readonly issuer: KnownIssuer;
  readonly clientId: string;
  readonly tenant?: string;
  /** Of the credential that the token was issued to; in tokens of this API. */
  readonly binding?: string;
  readonly user?: string;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

/** @throws ProvostError `UNAUTHENTICATED`; `ENGINE_UNAVAILABLE` where the issuer's keys cannot be fetched */
export async function verifyToken(token: string, issuers: readonly KnownIssuer[]): Promise<Claims> {
  try {
    const claimed = decodeJwt(token).iss;
    const issuer = issuers.find((known) => known.issuer === claimed);
    if (issuer === undefined) throw unauthenticated();
    const { payload, protectedHeader } = await jwtVerify(token, issuer.keys, {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: ALGORITHMS,
      requiredClaims: ['exp'],
      clockTolerance: 5,
      ...(issuer.kind === 'own' || issuer.tokenType === 'at+jwt' ? { typ: 'at+jwt' } : {}),
    });
    return issuer.kind === 'own' ? ownClaims(issuer, payload) : trustedClaims(issuer, payload, protectedHeader);
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
}

function ownClaims(issuer: KnownIssuer, payload: JWTPayload): Claims {
  const binding = textIn(payload, 'binding');
  const tenant = textIn(payload, 'tenant');
  if (binding === undefined || tenant === undefined) throw unauthenticated();
  return { ...commonClaims(issuer, payload, 'client_id'), tenant, binding };
}

function trustedClaims(issuer: TrustedIssuer, payload: JWTPayload, header: JWTHeaderParameters): Claims {
  const common = commonClaims(issuer, payload, issuer.clientIdClaim);
  if (issuer.tokenType === 'jwt') refuseOtherTokens(payload, header, common.clientId);
  const tenant = issuer.tenantClaim === undefined ? undefined : textIn(payload, issuer.tenantClaim);
  if (issuer.tenantClaim !== undefined && tenant === undefined) throw unauthenticated();
  const user = issuer.userClaim === undefined ? undefined : textIn(payload, issuer.userClaim);
  return {
    ...common,
    ...(tenant === undefined ? {} : { tenant }),
    // A token that a client got for itself has the client's own id as its subject (RFC 9068 §2.2).
    ...(user === undefined || user === common.clientId ? {} : { user }),
  };
}

function commonClaims(issuer: KnownIssuer, payload: JWTPayload, clientIdClaim: string): Claims {
  const clientId = textIn(payload, clientIdClaim);
  if (clientId === undefined || payload.exp === undefined) throw unauthenticated();
  return { issuer, clientId, scopes: scopesOf(payload), expiresAtMs: payload.exp * 1000 };
}

/**
 * Where the header does not say what a token is, its claims do: an ID token is meant for its client and answers for a
 * login; Keycloak (`typ`) and Cognito (`token_use`) write the kind among the claims.
 */
function refuseOtherTokens(payload: JWTPayload, { typ = 'JWT' }: JWTHeaderParameters, clientId: string): void {
  const isForClient = [payload.aud].flat().includes(clientId);
  const isOtherKind =
    !['bearer', 'jwt'].includes(String(payload['typ'] ?? 'jwt').toLowerCase()) ||
    (payload['token_use'] ?? 'access') !== 'access';
  const isKnownType = /^(application\/)?(at\+)?jwt$/i.test(typ);
  if (!isKnownType || isForClient || isOtherKind || OF_ID_TOKENS.some((claim) => claim in payload))
    throw unauthenticated();
}

const textIn = (payload: JWTPayload, claim: string): string | undefined => {
  const value = payload[claim];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** `scope` as RFC 8693 has it, `scp` or `roles` as Entra and Okta send them. */
function scopesOf(payload: JWTPayload): string[] {
  const claim = payload['scope'] ?? payload['scp'] ?? payload['roles'];
  if (typeof claim === 'string') return claim.split(' ').filter((scope) => scope !== '');
  return Array.isArray(claim) ? claim.filter((scope): scope is string => typeof scope === 'string') : [];
}
