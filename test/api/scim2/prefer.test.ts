import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preferenceOf } from '../../../api/scim2/asynchronous/prefer.ts';

for (const [header, isAsynchronous, waitMs] of [
  [undefined, false, 0],
  ['', false, 0],
  ['return=minimal', false, 0],
  ['respond-async', true, 0],
  ['Respond-Async, wait=10', true, 10_000],
  ['wait="5";foo=bar , respond-async;foo', true, 5_000],
  ['wait=1, wait=2', false, 1_000],
  ['respond-async, wait=soon', true, 0],
  ['respond-async, wait=999999', true, 60_000],
] as const) {
  test(`RFC 7240: Prefer ${header === undefined ? 'absent' : JSON.stringify(header)}`, () => {
    assert.deepEqual(preferenceOf({ headers: header === undefined ? {} : { prefer: header } }), {
      isAsynchronous,
      waitMs,
    });
  });
}
