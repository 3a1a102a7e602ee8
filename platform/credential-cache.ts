import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { PasswordOrigin, Passwords } from './passwords.ts';

export interface CredentialCacheOptions {
  /** Milliseconds for which a verified credential counts as verified. */
  readonly ttlMs?: number;
  readonly maxEntries?: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export interface PresentedCredential {
  readonly id: string;
  readonly secret: string;
  /** As stored now, `undefined` where nobody has that id: a changed secret is another entry, so it counts at once. */
  readonly storedHash: string | undefined;
  readonly origin?: PasswordOrigin;
}

export type CredentialVerifier = ReturnType<typeof createCredentialVerifier>;

/**
 * Verifies credentials and remembers the verified ones, so that HTTP Basic costs one argon2 a minute and client rather
 * than one a request. What is kept is an HMAC under a key of this process: it says nothing about the secret. Requests
 * that present the same credential at once share one verification. Failures aren't remembered.
 */
export function createCredentialVerifier(passwords: Pick<Passwords, 'verify'>, options: CredentialCacheOptions = {}) {
  const { ttlMs = 60_000, maxEntries = 10_000, now = () => performance.now() } = options;
  const key = createSecretKey(randomBytes(32)); // from bytes it would be made for each request: 15 µs instead of 3
  const expiries = new Map<string, number>(); // in the order of last use
  const underWay = new Map<string, Promise<boolean>>();

  const isFresh = (print: string): boolean => {
    const expiry = expiries.get(print);
    if (expiry === undefined) return false;
    expiries.delete(print);
    if (expiry <= now()) return false;
    expiries.set(print, expiry);
    return true;
  };

  const remember = (print: string): void => {
    expiries.set(print, now() + ttlMs);
    const [oldest] = expiries.keys();
    if (expiries.size > maxEntries && oldest !== undefined) expiries.delete(oldest);
  };

  const verify = async (print: string, { storedHash, secret, origin }: PresentedCredential): Promise<boolean> => {
    const isRight = await passwords.verify(storedHash, secret, origin);
    if (isRight) remember(print);
    return isRight;
  };

  return {
    async verify(presented: PresentedCredential): Promise<boolean> {
      const print = fingerprint(key, presented);
      if (isFresh(print)) return true;
      const shared = underWay.get(print);
      if (shared !== undefined) return shared;
      const running = verify(print, presented).finally(() => underWay.delete(print));
      underWay.set(print, running);
      return running;
    },

    /** Forgets everything, e.g. after credentials were removed. */
    clear: (): void => expiries.clear(),

    get size(): number {
      return expiries.size;
    },
  };
}

/** JSON keeps the parts apart: no two credentials run together into the same text. */
const fingerprint = (key: KeyObject, { id, secret, storedHash }: PresentedCredential): string =>
  createHmac('sha256', key)
    .update(JSON.stringify([id, secret, storedHash ?? null]))
    .digest('base64');
