import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { DecryptionError } from '../../platform/encryption.ts';
import { createKeyRing, UnknownKeyError } from '../../platform/key-ring.ts';
import { createPayloadCodec } from '../../platform/payload-codec.ts';
import { createSealer } from '../../platform/seal.ts';
import { randomKey, randomKeyRing } from './keys.ts';

const VALUE = { userName: 'ada@example.com' };
const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const metadataOf = (payload: Payload | undefined, key: string): string =>
  Buffer.from(payload?.metadata?.[key] ?? []).toString();

async function encryptOne(codec: ReturnType<typeof createPayloadCodec>, value: unknown): Promise<Payload> {
  const [payload] = await codec.encode([payloadOf(value)]);
  assert.ok(payload);
  return payload;
}

test('a payload is unreadable on the wire, names its key, and decodes to the same payload', async () => {
  const codec = createPayloadCodec(randomKeyRing('key-1'));
  const encoded = await encryptOne(codec, VALUE);

  assert.equal(metadataOf(encoded, 'encoding'), 'binary/encrypted');
  assert.equal(metadataOf(encoded, 'encryption-key-id'), 'key-1');
  assert.ok(!Buffer.from(encoded.data ?? []).includes('ada'));

  const [decoded] = await codec.decode([encoded]);
  assert.equal(metadataOf(decoded, 'encoding'), 'json/plain');
  assert.deepEqual(decoded && defaultPayloadConverter.fromPayload(decoded), VALUE);
});

test('empty lists and payloads without a value survive both ways', async () => {
  const codec = createPayloadCodec(randomKeyRing('k'));
  assert.deepEqual(await codec.encode([]), []);
  const [decoded] = await codec.decode([await encryptOne(codec, undefined)]);
  assert.equal(decoded && defaultPayloadConverter.fromPayload(decoded), undefined);
});

test('a payload that was never encrypted passes decoding unchanged', async () => {
  const plain = payloadOf(VALUE);
  assert.deepEqual(await createPayloadCodec(randomKeyRing('k')).decode([plain]), [plain]);
});

test('after a rotation payloads of the older key still decode and new ones carry the newer key', async () => {
  const [older, newer] = [randomKey('2025'), randomKey('2026')];
  const encoded = await encryptOne(createPayloadCodec(createKeyRing([older])), VALUE);

  const rotated = createPayloadCodec(createKeyRing([newer, older]));
  const [decoded] = await rotated.decode([encoded]);
  assert.deepEqual(decoded && defaultPayloadConverter.fromPayload(decoded), VALUE);
  assert.equal(metadataOf(await encryptOne(rotated, VALUE), 'encryption-key-id'), '2026');
});

test('a payload of an unknown key is refused by the name of that key', async () => {
  const encoded = await encryptOne(createPayloadCodec(randomKeyRing('gone')), VALUE);
  await assert.rejects(
    createPayloadCodec(randomKeyRing('here')).decode([encoded]),
    (error) => error instanceof UnknownKeyError && error.keyId === 'gone',
  );
});

test('an altered payload is refused', async () => {
  const codec = createPayloadCodec(randomKeyRing('k'));
  const encoded = await encryptOne(codec, VALUE);
  const data = Buffer.from(encoded.data ?? []);
  data.writeUInt8(data.readUInt8(40) ^ 1, 40);
  await assert.rejects(codec.decode([{ ...encoded, data }]), DecryptionError);
});

test('a sealed database value does not decode as a payload, although the key is the same', async () => {
  const ring = randomKeyRing('k');
  const data = Buffer.from(createSealer(ring).seal('x', '').split('.')[2] ?? '', 'base64url');
  const forged = { ...(await encryptOne(createPayloadCodec(ring), VALUE)), data };
  await assert.rejects(createPayloadCodec(ring).decode([forged]), DecryptionError);
});
