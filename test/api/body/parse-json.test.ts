import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../../../api/body/parse-json.ts';
import { isProvostError } from '../../../domain/errors.ts';

const refusal = (text: string): string => {
  try {
    parseJson(text);
  } catch (error) {
    if (isProvostError(error)) return error.code;
    throw error;
  }
  return 'read';
};

test('JSON is read as JSON.parse reads it', () => {
  const text = '{"a":[1,-2.5e3,1E2,true,null,"{[\\"]}e9"],"b":{}}';
  assert.deepEqual(parseJson(text), JSON.parse(text));
  for (const simple of ['null', '7', '"x"', 'false']) assert.equal(parseJson(simple), JSON.parse(simple));
});

test('what is nested too deeply is refused however deep it is, and brackets within strings do not count', () => {
  const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  assert.equal(refusal(nested(64)), 'read');
  for (const levels of [65, 6_000, 200_000]) {
    assert.equal(refusal(nested(levels)), 'INVALID_SYNTAX');
    assert.equal(refusal(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`), 'INVALID_SYNTAX');
  }
  assert.equal(refusal(JSON.stringify({ a: '['.repeat(1_000), b: `"${'{'.repeat(1_000)}` })), 'read');
  assert.equal(refusal(JSON.stringify(Array.from({ length: 1_000 }, () => [{}]))), 'read');
});

test('a number without a finite value is refused wherever it stands, and text that looks like one is not', () => {
  for (const number of ['1e400', '-1E400', '1.5e+309', '9'.repeat(400)]) {
    assert.equal(refusal(number), 'INVALID_VALUE');
    assert.equal(refusal(`{"a":[{"b":${number}}]}`), 'INVALID_VALUE');
    assert.equal(refusal(JSON.stringify({ [number]: number })), 'read');
  }
  for (const number of ['1e300', '-1.5E-400', '12345678901234567890']) assert.equal(refusal(number), 'read');
});

test('what is no JSON is refused', () => {
  for (const text of ['{', '"', '"\\', '[1,]', '{"a"}', 'undefined', '{}}', ''])
    assert.equal(refusal(text), 'INVALID_SYNTAX');
});
