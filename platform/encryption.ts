import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = SALT_BYTES + NONCE_BYTES;

/** What a message is for, and the place that it is bound to: both must be the same again to decrypt it. */
export interface EncryptionContext {
  readonly purpose: 'seal' | 'temporal-payload';
  readonly place: string;
}

/** What was encrypted was altered, or is not opened with the key and at the place it was encrypted for. */
export class DecryptionError extends Error {
  constructor(options?: ErrorOptions) {
    super('The encrypted value was altered, or it belongs to another place or key.', options);
    this.name = 'DecryptionError';
  }
}

/**
 * AES-256-GCM under a key derived for this one message: salt (16 bytes), nonce (12), ciphertext, tag (16).
 *
 * The derivation is there because random 96-bit nonces allow some 2^32 messages under one key (NIST SP 800-38D §8.3),
 * which a busy worker reaches within weeks. It costs 3 µs a message.
 */
export function encrypt(key: KeyObject, plain: Uint8Array, context: EncryptionContext): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', messageKey(key, salt, context), nonce);
  cipher.setAAD(Buffer.from(context.place));
  return Buffer.concat([salt, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws {@link DecryptionError} */
export function decrypt(key: KeyObject, message: Uint8Array, context: EncryptionContext): Buffer {
  if (message.length < HEAD_BYTES + TAG_BYTES) throw new DecryptionError();
  const salt = message.subarray(0, SALT_BYTES);
  const nonce = message.subarray(SALT_BYTES, HEAD_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', messageKey(key, salt, context), nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context.place));
  decipher.setAuthTag(message.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(message.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new DecryptionError({ cause });
  }
}

// One block of a KDF in counter mode with HMAC (NIST SP 800-108 §4.1): HMAC-SHA256 yields exactly the 32 bytes needed.
// As a key object: from bytes, Node 24 takes 18 µs to make the cipher, from a key object 2.
const messageKey = (key: KeyObject, salt: Uint8Array, { purpose }: EncryptionContext): KeyObject =>
  createSecretKey(createHmac('sha256', key).update(`\u0001provost/${purpose}\u0000`).update(salt).digest());
