import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecryptionError } from '../../platform/encryption.ts';
import { createKeyRing, UnknownKeyError } from '../../platform/key-ring.ts';
import { createSealer, sealingKeyOf } from '../../platform/seal.ts';
import { randomKey, randomKeyRing } from './keys.ts';

const PLACE = 'acme/targets/credentials';

test('text, JSON and bytes come back as they were sealed', () => {
  const sealer = createSealer(randomKeyRing('k'));
  for (const value of ['', 'pässwörd', 42, null, { password: 'x', nested: [1, { two: true }] }]) {
    assert.deepEqual(sealer.unseal(sealer.seal(value, PLACE), PLACE), value);
  }
  const bytes = new Uint8Array([0, 1, 255]);
  assert.deepEqual(sealer.unseal(sealer.seal(bytes, PLACE), PLACE), bytes);
});

test('a value that JSON cannot hold is refused rather than lost', () => {
  assert.throws(() => createSealer(randomKeyRing('k')).seal(undefined, PLACE), TypeError);
});

test('the same value sealed twice looks different each time and shows nothing of itself', () => {
  const sealer = createSealer(randomKeyRing('k'));
  const [one, two] = [sealer.seal('hunter2', PLACE), sealer.seal('hunter2', PLACE)];
  assert.notEqual(one, two);
  assert.ok(!Buffer.from(one.split('.')[2] ?? '', 'base64url').includes('hunter2'));
});

test('what was sealed for one place does not open at another', () => {
  const sealer = createSealer(randomKeyRing('k'));
  const sealed = sealer.seal('secret', PLACE);
  assert.throws(() => sealer.unseal(sealed, 'globex/targets/credentials'), DecryptionError);
});

test('altering any one byte of the message is detected', () => {
  const sealer = createSealer(randomKeyRing('k'));
  const [version, id, message = ''] = sealer.seal('secret', PLACE).split('.');
  const bytes = Buffer.from(message, 'base64url');
  for (let index = 0; index < bytes.length; index += 1) {
    const altered = Buffer.from(bytes);
    altered.writeUInt8(altered.readUInt8(index) ^ 1, index);
    assert.throws(() => sealer.unseal(`${version}.${id}.${altered.toString('base64url')}`, PLACE), DecryptionError);
  }
});

test('a truncated, foreign or re-labelled value is refused', () => {
  const ring = randomKeyRing('k', 'other');
  const sealer = createSealer(ring);
  const sealed = sealer.seal('secret', PLACE);
  for (const broken of ['', 's1', 's1.k', 's1.k.', sealed.slice(0, 30), `s2${sealed.slice(2)}`, `${sealed}.x`]) {
    assert.throws(() => sealer.unseal(broken, PLACE), DecryptionError, broken);
  }
  assert.throws(() => sealer.unseal(sealed.replace('.k.', '.other.'), PLACE), DecryptionError);
});

test('after a rotation old values still open, new ones carry the new key, and a dropped key is named', () => {
  const [older, newer] = [randomKey('2025'), randomKey('2026')];
  const sealed = createSealer(createKeyRing([older])).seal('secret', PLACE);

  const rotated = createSealer(createKeyRing([newer, older]));
  assert.equal(rotated.unseal(sealed, PLACE), 'secret');
  assert.equal(sealingKeyOf(sealed), '2025');
  assert.equal(sealingKeyOf(rotated.seal('secret', PLACE)), '2026');

  const dropped = createSealer(createKeyRing([newer]));
  assert.throws(() => dropped.unseal(sealed, PLACE), UnknownKeyError);
});
