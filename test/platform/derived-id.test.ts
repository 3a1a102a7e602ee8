import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createDeriveId, formerId } from '../../platform/derived-id.ts';

const UUID_V8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const key = () => createSecretKey(randomBytes(32));

test('the same parts give the same id, and nobody without the key computes it', () => {
  const parts = ['resource', 'acme', 'resident', 'hr', 'hr-1001'];
  const own = key();
  const [deriveId, again, another] = [createDeriveId(own), createDeriveId(own), createDeriveId(key())];
  assert.match(deriveId(parts), UUID_V8);
  assert.equal(deriveId(parts), again(parts));
  assert.notEqual(deriveId(parts), another(parts));
  assert.notEqual(deriveId(parts), formerId(parts));
  assert.notEqual(deriveId(parts), deriveId(['resource', 'acme', 'resident', 'hr', 'hr-1002']));
});

test('the id of older releases is what they computed', () => {
  const parts = ['by name', 't-1', 'sp-1', 'User', 'passing'];
  assert.match(formerId(parts), UUID_V8);
  assert.equal(formerId(['a']), '0eb5b8d6-f81b-8677-9a8a-08567cc4fa9a');
});
