import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import type { TenantId } from '../../domain/ids.ts';

interface Issuer {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
}

/** This API: its tokens carry the tenant of their client, and the binding of its credential. */
export interface OwnIssuer extends Issuer {
  readonly kind: 'own';
}

/** Another authorization server whose access tokens count, for the tenants that it is configured for. */
export interface TrustedIssuer extends Issuer {
  readonly kind: 'trusted';
  /** Whose clients its tokens may name. */
  readonly tenants: readonly TenantId[];
  /** Claim that names the tenant. Absent: the one of its tenants where the client is registered. */
  readonly tenantClaim?: string | undefined;
  /** Claim that names the client. */
  readonly clientIdClaim: string;
  /** Claim that names the user behind the token by their id. Absent: tokens of this issuer speak for clients only. */
  readonly userClaim?: string;
  /** What the header's `typ` has to be: `at+jwt` (RFC 9068), or `JWT` or nothing, as older issuers have it. */
  readonly tokenType: 'at+jwt' | 'jwt';
}

export type KnownIssuer = OwnIssuer | TrustedIssuer;

/** An issuer's keys, fetched by jose, kept ten minutes, and fetched again for an unknown key id. */
export const remoteKeys = (jwksUri: string): JWTVerifyGetKey => createRemoteJWKSet(new URL(jwksUri));
