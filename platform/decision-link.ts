import { hkdfSync } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import type { KeyRing } from './key-ring.ts';

/** What a link lets its holder decide. */
export interface LinkedDecision {
  readonly tenant: string;
  readonly approval: string;
  readonly stage: number;
  /** Who is asked, `user:<id>`. */
  readonly approver: string;
  /** Who decides in his place. */
  readonly delegate?: string;
}

const PURPOSE = 'provost-approval-link';

/** A key of its own for each encryption key: what signs links can open nothing. */
const keyFrom = (keys: KeyRing, id: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', keys.find(id).key.export(), '', PURPOSE, 32));

/**
 * Signs the token of a link. It is no access token: its audience is its own.
 *
 * @param expiresAt ISO 8601
 */
export async function signDecision(
  keys: KeyRing,
  { tenant, approval, stage, approver, delegate }: LinkedDecision,
  expiresAt: string,
): Promise<string> {
  return new SignJWT({ ten: tenant, apr: approval, stg: stage, ...(delegate === undefined ? {} : { act: delegate }) })
    .setProtectedHeader({ alg: 'HS256', kid: keys.active.id })
    .setAudience(PURPOSE)
    .setSubject(approver)
    .setExpirationTime(Math.floor(Date.parse(expiresAt) / 1000))
    .sign(keyFrom(keys, keys.active.id));
}

/** @returns undefined for whatever we have not signed, or that has expired */
export async function readDecision(keys: KeyRing, token: string): Promise<LinkedDecision | undefined> {
  try {
    const { kid = '' } = decodeProtectedHeader(token);
    const { payload } = await jwtVerify(token, keyFrom(keys, kid), {
      algorithms: ['HS256'],
      audience: PURPOSE,
      requiredClaims: ['exp', 'sub', 'ten', 'apr', 'stg'],
    });
    const { ten, apr, stg, sub, act } = payload;
    return {
      tenant: String(ten),
      approval: String(apr),
      stage: Number(stg),
      approver: String(sub),
      ...(typeof act === 'string' ? { delegate: act } : {}),
    };
  } catch {
    return undefined;
  }
}
