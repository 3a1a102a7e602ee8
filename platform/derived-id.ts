import { createHash, createHmac, type KeyObject } from 'node:crypto';

/** An id that follows from these parts: the same parts give the same id. */
export type DeriveId = (parts: readonly string[]) => string;

/** Ids that nobody can compute who lacks the key, although the parts are what clients send. */
export const createDeriveId =
  (key: KeyObject): DeriveId =>
  (parts) =>
    inUuidForm(createHmac('sha256', key).update(JSON.stringify(parts)).digest('hex'));

/** The id that older releases derived from these parts, without a key. Only to find what they named. */
export const formerId: DeriveId = (parts) =>
  inUuidForm(createHash('sha256').update(JSON.stringify(parts)).digest('hex'));

/** Opaque, in UUID form (version 8, RFC 9562 §5.8). */
function inUuidForm(hex: string): string {
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
