import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type AuditEntry, auditMaterial } from '../../domain/audit.ts';
import type { AuditKey } from './keys.ts';

/** What an entry is told by: an HMAC where it names a key, a plain digest where an older release wrote it. */
export function hashOf(entry: Omit<AuditEntry, 'hash'>, key: AuditKey | undefined): string {
  const material = auditMaterial(entry);
  return key === undefined
    ? createHash('sha256').update(material).digest('hex')
    : createHmac('sha256', key.key).update('entry\u0000').update(material).digest('hex');
}

/** Authenticates something else than an entry, for one use alone. */
export const macOf = ({ key }: AuditKey, use: 'head' | 'unkeyed' | 'seal', material: readonly unknown[]): string =>
  createHmac('sha256', key).update(`${use}\u0000`).update(JSON.stringify(material)).digest('hex');

export const isSame = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
