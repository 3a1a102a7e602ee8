import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfterMs } from '../../../connectors/http/retry-after.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

test('Retry-After is read as seconds or as a date, and never as more than a day', () => {
  const read = {
    '0': 0,
    '120': 120_000,
    ' 7 ': 7_000,
    '0.25': 250,
    'Thu, 01 Jan 2026 00:00:30 GMT': 30_000,
    'Wed, 31 Dec 2025 23:59:00 GMT': 0,
    '999999999': 86_400_000,
    'Sat, 01 Jan 2028 00:00:00 GMT': 86_400_000,
  };
  for (const [header, wait] of Object.entries(read)) assert.equal(retryAfterMs(header, NOW), wait, header);
});

test('what is no Retry-After is none', () => {
  for (const header of [undefined, '', '-5', 'soon', '1e3']) assert.equal(retryAfterMs(header, NOW), undefined, header);
});
