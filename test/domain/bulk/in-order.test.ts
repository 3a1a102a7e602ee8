import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder } from '../../../domain/bulk/in-order.ts';

test('operations that need nothing stay in their order', () => {
  assert.deepEqual(inOrder([[], [], []]), [[0], [1], [2]]);
});

test('what is needed comes first, wherever it stands, and the rest stays', () => {
  assert.deepEqual(inOrder([[], [3], [], []]), [[0], [3], [1], [2]]);
});

test('a circle comes together, after what any of it needs and before what needs it', () => {
  assert.deepEqual(inOrder([[2], [], [3], [2, 4], []]), [[4], [2, 3], [0], [1]]);
});

test('what needs itself stands alone', () => {
  assert.deepEqual(inOrder([[0], [0]]), [[0], [1]]);
});

test('a chain as long as the longest request is followed without a stack of calls', () => {
  const length = 10_000;
  const chain = Array.from({ length }, (_, index) => (index + 1 < length ? [index + 1] : []));
  assert.deepEqual(
    inOrder(chain).map(([only]) => only),
    Array.from({ length }, (_, index) => length - 1 - index),
  );
});
