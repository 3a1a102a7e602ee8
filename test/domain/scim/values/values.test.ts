import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deviations } from '../../../../domain/scim/deviation.ts';
import { type AttributeType, defineAttribute } from '../../../../domain/scim/schema/definition.ts';
import { isDateTime, toInstant } from '../../../../domain/scim/values/date-time.ts';
import { parseScalar } from '../../../../domain/scim/values/parse-scalar.ts';
import { refused } from '../refused.ts';

/** The value, and the deviation where there is one. */
function parse(type: AttributeType, input: unknown) {
  const deviations = new Deviations('tolerant');
  const value = parseScalar(input, defineAttribute('x', 'x', { type }), 'x', deviations);
  return [value, ...deviations.list.map(({ code }) => code)];
}
const strict = (type: AttributeType, input: unknown) => () =>
  parseScalar(input, defineAttribute('x', 'x', { type }), 'x', new Deviations('strict'));

test('a value of its type is taken as it is', () => {
  assert.deepEqual(parse('string', ''), ['']);
  assert.deepEqual(parse('boolean', false), [false]);
  assert.deepEqual(parse('integer', -7), [-7]);
  assert.deepEqual(parse('decimal', 1.5), [1.5]);
  assert.deepEqual(parse('dateTime', '2026-01-31T08:00:00Z'), ['2026-01-31T08:00:00Z']);
  assert.deepEqual(parse('binary', 'QUI='), ['QUI=']);
  assert.deepEqual(parse('reference', 'https://example.com/'), ['https://example.com/']);
});

test('a value of a near type is understood and recorded, and refused in strict mode', () => {
  const cases: readonly (readonly [AttributeType, unknown, unknown, string])[] = [
    ['boolean', 'True', true, 'coerced-boolean'],
    ['boolean', 'false', false, 'coerced-boolean'],
    ['integer', '7', 7, 'coerced-number'],
    ['decimal', '-1.5e2', -150, 'coerced-number'],
    ['string', 7, '7', 'coerced-string'],
    ['string', true, 'true', 'coerced-string'],
    ['dateTime', '2026-01-31 08:00:00 +0100', '2026-01-31 08:00:00 +0100', 'loose-date-time'],
    ['binary', 'QUI', 'QUI', 'loose-binary'],
  ];
  for (const [type, input, value, deviation] of cases) {
    assert.deepEqual(parse(type, input), [value, deviation]);
    refused('INVALID_VALUE', strict(type, input));
  }
});

test('a value of another type is refused', () => {
  const cases: readonly (readonly [AttributeType, readonly unknown[]])[] = [
    ['string', [{}, [], null, 'a\u0000', '\ud800']],
    ['boolean', ['yes', 1, '', {}]],
    ['integer', [1.5, '1.5', '0x10', 1e300, 'seven', true]],
    ['decimal', ['', '1,5', Number.POSITIVE_INFINITY]],
    ['dateTime', ['yesterday', '2026-02-30T00:00:00Z', '2026-01-31T25:00:00Z', 7]],
    ['binary', ['Q', '###', 7]],
  ];
  for (const [type, inputs] of cases) for (const input of inputs) refused('INVALID_VALUE', () => parse(type, input));
});

test('minus zero is zero, so that it comes back as it was sent', () => {
  assert.ok(Object.is(parse('decimal', -0)[0], 0));
});

test('an instant is UTC with milliseconds, whatever way it was written', () => {
  const instant = '2026-01-31T08:00:00.000Z';
  for (const text of [
    '2026-01-31T08:00:00Z',
    '2026-01-31T08:00:00',
    '2026-01-31T09:00:00+01:00',
    '2026-01-31 03:00:00-0500',
    '2026-01-31T08:00:00.0000007Z',
    '2026-01-31t08:00z',
  ])
    assert.equal(toInstant(text), instant, text);
  assert.equal(toInstant('2026-01-31'), '2026-01-31T00:00:00.000Z');
  assert.equal(toInstant('2026-12-31T24:00:00Z'), '2027-01-01T00:00:00.000Z');
  assert.equal(toInstant('0000-01-01T00:00:00+14:00'), undefined);
});

test('a dateTime to the letter has a date and a time that exist', () => {
  assert.ok(isDateTime('2024-02-29T23:59:59.5+14:00'));
  for (const text of ['2026-02-29T00:00:00Z', '2026-01-31', '2026-01-31T08:00Z', '2026-01-31 08:00:00Z'])
    assert.ok(!isDateTime(text), text);
});
