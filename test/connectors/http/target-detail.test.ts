import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targetDetail } from '../../../connectors/http/target-detail.ts';
import { redactText } from '../../../platform/redact.ts';
import { HOSTILE_PIECES } from '../../rooms/hostile-text.ts';

test('values, their words and addresses are left out, in any letter case', () => {
  const carried = [{ userName: 'ada@example.com', name: { formatted: 'Ada King Lovelace' }, title: 'QA' }];
  const said = 'ADA@EXAMPLE.COM (King Lovelace) of qa, not QAX, asked bob@other.example; ada is taken';
  assert.equal(targetDetail(said, carried), '… (… …) of …, not QAX, asked …; … is taken');
});

test('characters that grow in lower case keep the values behind them in their places', () => {
  assert.equal(targetDetail('İİİ lovelace İ', ['Lovelace']), 'İİİ … İ');
});

test('of a long explanation the beginning is kept, and no value in half', () => {
  const detail = targetDetail(`${'no '.repeat(1_364)}secretvalue and more`, ['secretvalue']);
  assert.equal(detail.length, 500);
  assert.equal(targetDetail('x'.repeat(5_000), []), '…');
  const cut = targetDetail(`refused ${'x'.repeat(5_000)}`, ['x'.repeat(5_000)]);
  assert.equal(cut, 'refused…');
});

test('values without end, of any length, are looked for in time that ends', () => {
  const many = Array.from({ length: 5_000 }, (_, index) => `value-${index}`);
  const long = [`${'word '.repeat(200_000)}`, 'a'.repeat(1_048_576), 'a', 'aa', 'aaaa'];
  const said = 'value-4999 and aaaa and word '.repeat(40_000);
  const detail = targetDetail(said, [long, { emails: many }]);
  assert.doesNotMatch(detail, /value-4999|aaaa|word/);
});

test('a megabyte of the worst text is read', () => {
  for (const [begin, piece, end] of HOSTILE_PIECES) {
    const text = `${begin}${piece.repeat(Math.ceil(1_048_576 / piece.length))}${end}`;
    assert(targetDetail(text, [piece, text, { userName: text }]).length <= 500);
    assert(redactText(text).length <= 400_000);
  }
});
