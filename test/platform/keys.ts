import { randomBytes } from 'node:crypto';
import { createEncryptionKey, createKeyRing, type KeyRing } from '../../platform/key-ring.ts';

/** A key of random material under the given id. */
export const randomKey = (id: string) => createEncryptionKey(id, randomBytes(32));

/** A ring of random keys; the first id is the active one. */
export const randomKeyRing = (...ids: string[]): KeyRing => createKeyRing(ids.map(randomKey));
