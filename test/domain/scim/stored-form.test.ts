import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalText, isSameValue } from '../../../domain/scim/json.ts';
import type { ScimObject, ScimValue } from '../../../domain/scim/resource.ts';
import { ENTERPRISE_USER_SCHEMA } from '../../../domain/scim/resource.ts';
import { encodeKey, fromStored, toStored } from '../../../domain/scim/stored-form.ts';

test('an extension with its dots is a field name that the database takes', () => {
  const key = encodeKey(ENTERPRISE_USER_SCHEMA);
  assert.ok(!key.includes('.'));
  assert.ok(!encodeKey('$ref').startsWith('$'));
  assert.equal(encodeKey('userName'), 'userName');
});

test('what is stored comes back as it was', () => {
  const value = fc.jsonValue().filter((json) => typeof json === 'object' && json !== null && !Array.isArray(json));
  fc.assert(
    fc.property(value, (json) => {
      const object = json as ScimObject;
      assert.deepEqual(fromStored(toStored(object)), object);
    }),
  );
});

test('values are the same whatever the order of their keys, and lists of values in any order if they are sets', () => {
  const left = { a: [1, { b: 2, c: 3 }], d: null };
  const right = { d: null, a: [{ c: 3, b: 2 }, 1] };
  assert.equal(isSameValue(left, right), false);
  assert.equal(isSameValue(left, right, 'unordered'), true);
  assert.equal(isSameValue([1, 1, 2], [1, 2, 2], 'unordered'), false);
  assert.equal(isSameValue({ a: 1 }, { b: 1 }), false);
  assert.equal(isSameValue(undefined, null), false);
});

test('the canonical text of two values is the same where the values are', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
      const [a, b] = [left as ScimValue, right as ScimValue];
      assert.equal(canonicalText(a) === canonicalText(b), isSameValue(a, b));
      assert.ok(isSameValue(a, JSON.parse(canonicalText(a)) as ScimValue));
    }),
  );
});
