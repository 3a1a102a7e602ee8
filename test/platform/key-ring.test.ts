import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { createEncryptionKey, createKeyRing, UnknownKeyError } from '../../platform/key-ring.ts';
import { randomKey } from './keys.ts';

test('the first key of a ring is the active one and every key is found by its id', () => {
  const [newer, older] = [randomKey('2026'), randomKey('2025')];
  const ring = createKeyRing([newer, older]);
  assert.equal(ring.active, newer);
  assert.equal(ring.find('2025'), older);
});

test('a key that the ring lacks is named, with what to do', () => {
  const ring = createKeyRing([randomKey('here')]);
  assert.throws(
    () => ring.find('gone'),
    (error) =>
      error instanceof UnknownKeyError && error.keyId === 'gone' && /PROVOST_ENCRYPTION_KEYS/.test(error.message),
  );
});

test('a ring without keys and a ring with one id twice are refused', () => {
  assert.throws(() => createKeyRing([]), RangeError);
  assert.throws(() => createKeyRing([randomKey('same'), randomKey('same')]), RangeError);
});

test('a key of another length or with an unprintable id is refused without repeating the material', () => {
  const material = Buffer.from('not-32-bytes-long');
  assert.throws(
    () => createEncryptionKey('a', material),
    (error) => error instanceof RangeError && !error.message.includes(material.toString()),
  );
  assert.throws(() => createEncryptionKey('a.b', new Uint8Array(32)), RangeError);
});

test('printing or serialising a key shows nothing of its material', () => {
  const key = createEncryptionKey('shown', Buffer.alloc(32, 'Q'));
  for (const shown of [inspect(key, { depth: 9, showHidden: true }), JSON.stringify(key)]) {
    assert.doesNotMatch(shown, /QQ|51, ?51|UVF/);
  }
});
