import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttention } from '../../worker/attention.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `t${index}`);

test('everybody is attended to while there are few', () => {
  const attention = createAttention({ keep: 3, idleMs: 100, now: () => 0 });
  assert.deepEqual([...attention.choose(names(3))], names(3));
  assert.ok(attention.has('t2'));
});

test('beyond that, whoever had something to do lately, and the latest of the others', () => {
  let now = 0;
  const attention = createAttention({ keep: 2, idleMs: 100, now: () => now });
  assert.deepEqual([...attention.choose(names(5))], ['t0', 't1'], 'nobody had anything to do yet');
  for (const name of ['t4', 't3', 't2', 't4']) attention.give(name);
  now = 50;
  assert.deepEqual([...attention.choose(names(5))], ['t4', 't2', 't3'], 'all who were at work lately, beyond two');
  now = 101;
  assert.deepEqual([...attention.choose(names(5))], ['t4', 't2'], 'the latest two');
  attention.give('t0');
  assert.deepEqual([...attention.choose(names(5))], ['t0', 't4']);
  assert.equal(attention.has('t2'), false);
});

test('who is not there yet is remembered for a while, and never chosen before', () => {
  let now = 0;
  const attention = createAttention({ keep: 1, idleMs: 100, now: () => now });
  attention.give('new');
  assert.deepEqual([...attention.choose(names(2))], ['t0']);
  assert.deepEqual([...attention.choose([...names(2), 'new'])], ['new']);
  now = 100;
  attention.choose(names(2));
  assert.deepEqual([...attention.choose([...names(2), 'new'])], ['t0'], 'forgotten');
});
