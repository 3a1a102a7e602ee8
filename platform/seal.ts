import type { Sealer } from '../domain/sealing.ts';
import { DecryptionError, decrypt, type EncryptionContext, encrypt } from './encryption.ts';
import type { KeyRing } from './key-ring.ts';

const VERSION = 's1';
const BYTES = 0;
const JSON_TEXT = 1;

/**
 * Seals bytes and whatever JSON can hold as `s1.<key id>.<base64url>`. Bytes come back as bytes, anything else as JSON
 * gives it back.
 *
 * @example
 * const sealed = sealer.seal({ password: 'x' }, 'acme/targets/credentials');
 * sealer.unseal(sealed, 'acme/targets/credentials'); // { password: 'x' }
 */
export function createSealer(keys: KeyRing): Sealer {
  return {
    activeKey: keys.active.id,

    seal(value, context) {
      const { id, key } = keys.active;
      return `${VERSION}.${id}.${encrypt(key, toBytes(value), bound(context)).toString('base64url')}`;
    },

    /**
     * @throws UnknownKeyError where the ring has no key of that id
     * @throws DecryptionError where anything was altered or the context is another
     */
    unseal(sealed, context) {
      const [version, id, message, ...rest] = sealed.split('.');
      if (version !== VERSION || id === undefined || message === undefined || rest.length > 0) {
        throw new DecryptionError();
      }
      return fromBytes(decrypt(keys.find(id).key, Buffer.from(message, 'base64url'), bound(context)));
    },
  };
}

/** Id of the key that sealed it: what is left to re-seal before an old key may go. */
export const sealingKeyOf = (sealed: string): string | undefined => /^s1\.([\w-]+)\./.exec(sealed)?.[1];

const bound = (place: string): EncryptionContext => ({ purpose: 'seal', place });

function toBytes(value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.concat([Buffer.of(BYTES), value]);
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError('Only bytes and what JSON can hold can be sealed.');
  return Buffer.concat([Buffer.of(JSON_TEXT), Buffer.from(text)]);
}

function fromBytes(bytes: Buffer): unknown {
  const content = bytes.subarray(1);
  return bytes[0] === BYTES ? new Uint8Array(content) : JSON.parse(content.toString());
}
