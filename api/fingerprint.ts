import { createHmac, createSecretKey } from 'node:crypto';
import type { KeyRing } from '../platform/key-ring.ts';

/** `<key id>.<digest>` of what makes two requests the same. */
export type Fingerprint = (material: string) => string;

/**
 * A keyed digest: the material holds a password where the body does, and a plain digest of it could be guessed from.
 */
export function createFingerprint({ active: { id, key } }: KeyRing): Fingerprint {
  const own = createSecretKey(createHmac('sha256', key).update('provost/fingerprint').digest());
  return (material) => `${id}.${createHmac('sha256', own).update(material).digest('base64url')}`;
}

/** Two digests under different keys say nothing: a client that repeats its key across a rotation is believed. */
export function mayBeSameRequest(left: string, right: string): boolean {
  const keyOf = (fingerprint: string): string => fingerprint.slice(0, fingerprint.indexOf('.'));
  return left === right || keyOf(left) !== keyOf(right);
}
