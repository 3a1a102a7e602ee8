import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  defaultPayloadConverter,
  type Payload,
  type PayloadCodec,
  type SerializationContext,
} from '@temporalio/common';
import { isRefusedPayload, type RefusalReason } from '../../domain/refused-payload.ts';
import { createKeyRing, type KeyRing, UnknownKeyError } from '../../platform/key-ring.ts';
import { type AcceptedPayloads, createPayloadCodec, PayloadRefusedError } from '../../platform/payload-codec.ts';
import { createSealer } from '../../platform/seal.ts';
import { randomKey, randomKeyRing } from './keys.ts';

const codecOf = (keys: KeyRing, accept: AcceptedPayloads = 'encrypted') => createPayloadCodec(keys, { accept });
const workflow = (workflowId: string): SerializationContext => ({ type: 'workflow', namespace: 'n', workflowId });
const activityOf = (workflowId: string): SerializationContext => ({
  ...{ type: 'activity', namespace: 'n', activityId: '1', isLocal: false },
  workflowId,
});
const refusedAs = (reason: RefusalReason) => (error: unknown) =>
  error instanceof PayloadRefusedError && error.reason === reason;

const VALUE = { userName: 'ada@example.com' };
const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const metadataOf = (payload: Payload | undefined, key: string): string =>
  Buffer.from(payload?.metadata?.[key] ?? []).toString();

async function encryptOne(codec: PayloadCodec, value: unknown, context?: SerializationContext): Promise<Payload> {
  const [payload] = await codec.encode([payloadOf(value)], context);
  assert.ok(payload);
  return payload;
}

test('a payload is unreadable on the wire, names its key, and decodes to the same payload', async () => {
  const codec = codecOf(randomKeyRing('key-1'));
  const encoded = await encryptOne(codec, VALUE);

  assert.equal(metadataOf(encoded, 'encoding'), 'binary/encrypted');
  assert.equal(metadataOf(encoded, 'encryption-key-id'), 'key-1');
  assert.ok(!Buffer.from(encoded.data ?? []).includes('ada'));

  const [decoded] = await codec.decode([encoded]);
  assert.equal(metadataOf(decoded, 'encoding'), 'json/plain');
  assert.deepEqual(decoded && defaultPayloadConverter.fromPayload(decoded), VALUE);
});

test('empty lists and payloads without a value survive both ways', async () => {
  const codec = codecOf(randomKeyRing('k'));
  assert.deepEqual(await codec.encode([]), []);
  const [decoded] = await codec.decode([await encryptOne(codec, undefined)]);
  assert.equal(decoded && defaultPayloadConverter.fromPayload(decoded), undefined);
});

test('a payload that is not encrypted is refused, unless a migration has them believed', async () => {
  const plain = payloadOf(VALUE);
  for (const context of [undefined, workflow('user/acme/ada'), activityOf('user/acme/ada')])
    for (const accept of ['bound', 'encrypted'] as const)
      await assert.rejects(codecOf(randomKeyRing('k'), accept).decode([plain], context), refusedAs('not-encrypted'));
  assert.deepEqual(await codecOf(randomKeyRing('k'), 'any').decode([plain]), [plain]);
});

test('what the server itself says of an activity that it cancelled before it began passes, and nothing else in clear', async () => {
  const codec = codecOf(randomKeyRing('k'), 'bound');
  const words = payloadOf('ACTIVITY_ID_NOT_STARTED');
  assert.deepEqual(await codec.decode([words], activityOf('user/acme/ada')), [words]);
  await assert.rejects(codec.decode([words], workflow('user/acme/ada')), refusedAs('not-encrypted'));
  await assert.rejects(codec.decode([payloadOf('x')], activityOf('user/acme/ada')), refusedAs('not-encrypted'));
});

test('a payload opens for the workflow that it was encrypted for, for its activities, and for no other one', async () => {
  const codec = codecOf(randomKeyRing('k'), 'bound');
  const encoded = await encryptOne(codec, VALUE, workflow('user/acme/ada'));
  for (const context of [workflow('user/acme/ada'), activityOf('user/acme/ada')]) {
    const [decoded] = await codec.decode([encoded], context);
    assert.deepEqual(decoded && defaultPayloadConverter.fromPayload(decoded), VALUE);
  }
  await assert.rejects(codec.decode([encoded], workflow('user/acme/bob')), refusedAs('of-another-workflow'));
  await assert.rejects(codec.decode([encoded], activityOf('user/acme/bob')), refusedAs('of-another-workflow'));

  const toBob = await encryptOne(codec, VALUE, workflow('user/acme/bob'));
  const exchanged = { ...encoded, metadata: { ...encoded.metadata, bound: toBob.metadata?.['bound'] ?? Buffer.of() } };
  await assert.rejects(codec.decode([exchanged], workflow('user/acme/bob')), refusedAs('altered'));
  const { bound: _bound, ...unbound } = encoded.metadata ?? {};
  await assert.rejects(codec.decode([{ ...encoded, metadata: unbound }], workflow('x')), refusedAs('not-bound'));
});

test('what a schedule was given opens at the workflows that it starts', async () => {
  const codec = codecOf(randomKeyRing('k'), 'bound');
  const encoded = await encryptOne(codec, VALUE, workflow('reconcile/q/acme/t1'));
  const [decoded] = await codec.decode([encoded], workflow('reconcile/q/acme/t1-2026-11-28T10:00:00Z'));
  assert.deepEqual(decoded && defaultPayloadConverter.fromPayload(decoded), VALUE);
});

test('the codec endpoint, which does not learn the workflow, opens what is bound to one', async () => {
  const codec = codecOf(randomKeyRing('k'), 'any');
  const [decoded] = await codec.decode([await encryptOne(codec, VALUE, workflow('user/acme/ada'))]);
  assert.deepEqual(decoded && defaultPayloadConverter.fromPayload(decoded), VALUE);
});

test('what an older release encrypted for no workflow in particular opens until only bound payloads are believed', async () => {
  const ring = randomKeyRing('k');
  const older = await encryptOne(codecOf(ring), VALUE);
  assert.equal(older.metadata?.['bound'], undefined);
  const [decoded] = await codecOf(ring).decode([older], workflow('user/acme/ada'));
  assert.deepEqual(decoded && defaultPayloadConverter.fromPayload(decoded), VALUE);
  await assert.rejects(codecOf(ring, 'bound').decode([older], workflow('user/acme/ada')), refusedAs('not-bound'));
});

test('a worker is handed a mark in the place of what a workflow is sent and does not believe, and reports it', async () => {
  const refused: string[] = [];
  const onRefused = (reason: RefusalReason, workflowId: string): void => void refused.push(`${reason} ${workflowId}`);
  const codec = createPayloadCodec(randomKeyRing('k'), { accept: 'encrypted', onRefused });
  const [marked] = await codec.decode([payloadOf(VALUE)], workflow('user/acme/ada'));
  assert.ok(marked && isRefusedPayload(defaultPayloadConverter.fromPayload(marked)));
  const forAnActivity = codec.decode([payloadOf(VALUE)], activityOf('user/acme/ada'));
  await assert.rejects(forAnActivity, refusedAs('not-encrypted'), 'a result that is forged is no result');
  assert.deepEqual(refused, ['not-encrypted user/acme/ada', 'not-encrypted user/acme/ada']);
});

test('after a rotation payloads of the older key still decode and new ones carry the newer key', async () => {
  const [older, newer] = [randomKey('2025'), randomKey('2026')];
  const encoded = await encryptOne(codecOf(createKeyRing([older])), VALUE);

  const rotated = codecOf(createKeyRing([newer, older]));
  const [decoded] = await rotated.decode([encoded]);
  assert.deepEqual(decoded && defaultPayloadConverter.fromPayload(decoded), VALUE);
  assert.equal(metadataOf(await encryptOne(rotated, VALUE), 'encryption-key-id'), '2026');
});

test('a payload of an unknown key is refused by the name of that key', async () => {
  const encoded = await encryptOne(codecOf(randomKeyRing('gone')), VALUE);
  await assert.rejects(
    codecOf(randomKeyRing('here')).decode([encoded]),
    (error) => error instanceof UnknownKeyError && error.keyId === 'gone',
  );
});

test('an altered payload is refused', async () => {
  const codec = codecOf(randomKeyRing('k'));
  const encoded = await encryptOne(codec, VALUE);
  const data = Buffer.from(encoded.data ?? []);
  data.writeUInt8(data.readUInt8(40) ^ 1, 40);
  await assert.rejects(codec.decode([{ ...encoded, data }]), refusedAs('altered'));
});

test('a sealed database value does not decode as a payload, although the key is the same', async () => {
  const ring = randomKeyRing('k');
  const data = Buffer.from(createSealer(ring).seal('x', '').split('.')[2] ?? '', 'base64url');
  const forged = { ...(await encryptOne(codecOf(ring), VALUE)), data };
  await assert.rejects(codecOf(ring).decode([forged]), refusedAs('altered'));
});
