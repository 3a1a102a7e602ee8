import { createSecretKey, type KeyObject } from 'node:crypto';

/** A 256-bit key with the name under which it is found again. The material stays inside the `KeyObject`: it doesn't print. */
export interface EncryptionKey {
  readonly id: string;
  readonly key: KeyObject;
}

export interface KeyRing {
  /** Encrypts everything new. */
  readonly active: EncryptionKey;
  /** @throws {@link UnknownKeyError} where no key has that id */
  find(id: string): EncryptionKey;
}

/** What was encrypted names a key that this process doesn't have: an older key was removed too early, or a newer one is missing here. */
export class UnknownKeyError extends Error {
  readonly keyId: string;

  constructor(keyId: string) {
    super(`No encryption key has the id "${keyId}". Add it to PROVOST_ENCRYPTION_KEYS again, after the active key.`);
    this.name = 'UnknownKeyError';
    this.keyId = keyId;
  }
}

/**
 * The keys of a process: the first one encrypts, all of them decrypt. To rotate, put a new key in front on every
 * process (decrypting must be possible everywhere first), and drop an old one when nothing that it encrypted is left.
 *
 * @throws RangeError where there is no key or two keys share an id
 */
export function createKeyRing(keys: readonly EncryptionKey[]): KeyRing {
  const [active] = keys;
  if (active === undefined) throw new RangeError('A key ring needs at least one key.');
  const byId = new Map(keys.map((entry) => [entry.id, entry]));
  if (byId.size < keys.length) throw new RangeError('Two keys of the ring share an id.');

  return {
    active,
    find(id) {
      const found = byId.get(id);
      if (found === undefined) throw new UnknownKeyError(id);
      return found;
    },
  };
}

/**
 * @param id 1 to 32 characters of A–Z, a–z, 0–9, `_` and `-`; it stands in clear beside what was encrypted
 * @param material 32 bytes
 * @throws RangeError where either is malformed; the message doesn't repeat them
 */
export function createEncryptionKey(id: string, material: Uint8Array): EncryptionKey {
  if (!/^[\w-]{1,32}$/.test(id)) throw new RangeError('A key id is 1 to 32 characters of A–Z, a–z, 0–9, _ and -.');
  if (material.length !== 32) throw new RangeError('A key is 32 bytes long.');
  return { id, key: createSecretKey(material) };
}
