import { type Payload, type PayloadCodec, ValueError } from '@temporalio/common';
import proto from '@temporalio/proto';
import { decrypt, type EncryptionContext, encrypt } from './encryption.ts';
import type { KeyRing } from './key-ring.ts';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;
const ENCODING = 'binary/encrypted';
// The codec endpoint of the Temporal UI sees payloads without their workflow, so they can't be bound to one.
const CONTEXT: EncryptionContext = { purpose: 'temporal-payload', place: '' };

/**
 * Encrypts every payload on its way to Temporal: arguments, results, failures, memos, details. Metadata names the key.
 * What isn't encrypted passes decoding as it is, so histories from before encryption can still be read.
 */
export function createPayloadCodec(keys: KeyRing): PayloadCodec {
  return {
    async encode(payloads) {
      const { id, key } = keys.active;
      return payloads.map((payload) => ({
        metadata: { encoding: Buffer.from(ENCODING), 'encryption-key-id': Buffer.from(id) },
        data: encrypt(key, PayloadMessage.encode(payload).finish(), CONTEXT),
      }));
    },

    /**
     * @throws UnknownKeyError where the ring has no key of that id
     * @throws DecryptionError where the payload was altered
     */
    async decode(payloads) {
      return payloads.map((payload) => (isEncrypted(payload) ? open(payload, keys) : payload));
    },
  };
}

const isEncrypted = (payload: Payload): boolean => text(payload.metadata?.['encoding']) === ENCODING;

function open(payload: Payload, keys: KeyRing): Payload {
  const id = text(payload.metadata?.['encryption-key-id']);
  if (id === '' || !payload.data) throw new ValueError('An encrypted payload lacks its key id or its data.');
  return PayloadMessage.decode(decrypt(keys.find(id).key, payload.data, CONTEXT));
}

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();
