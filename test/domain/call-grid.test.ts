import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUsable, takeMoments } from '../../domain/call-grid.ts';

const LIMIT = { perSecond: 10, burst: 5 };

test('after a quiet time a burst may be made at once, and then one call an interval', () => {
  const { moments, next } = takeMoments(undefined, 8, LIMIT, 10_000);
  assert.deepEqual(moments, [9_600, 9_700, 9_800, 9_900, 10_000, 10_100, 10_200, 10_300]);
  assert.equal(moments.filter((moment) => moment <= 10_000).length, 5);
  assert.deepEqual(takeMoments(next, 2, LIMIT, 10_000).moments, [10_400, 10_500]);
});

test('what was taken and not used for longer than a burst is gone', () => {
  assert.equal(isUsable(10_000, LIMIT, 10_400), true);
  assert.equal(isUsable(10_000, LIMIT, 10_401), false);
});

test('however workers take and hoard, no time sees more calls than burst and rate allow', () => {
  let seed = 42;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  let next: number | undefined;
  const stock = [[], [], []] as number[][];
  const calls: number[] = [];
  for (let now = 0; now < 20_000; now += 7) {
    for (const [worker, held] of stock.entries()) {
      const usable = held.filter((moment) => isUsable(moment, LIMIT, now));
      if (usable.length === 0 && random() < 0.3) {
        const taken = takeMoments(next, 1 + Math.floor(random() * 4), LIMIT, now);
        next = taken.next;
        usable.push(...taken.moments);
      }
      if (usable[0] !== undefined && usable[0] <= now && random() < 0.5) {
        usable.shift();
        calls.push(now);
      }
      stock[worker] = usable;
    }
  }
  assert.ok(calls.length > 100, `${calls.length} calls`);
  for (const from of calls) {
    for (const span of [500, 1_000, 5_000]) {
      const within = calls.filter((moment) => moment >= from && moment < from + span).length;
      const allowed = LIMIT.burst + (span / 1000) * LIMIT.perSecond + 1;
      assert.ok(within <= allowed, `${within} calls in ${span} ms from ${from}, ${allowed} allowed`);
    }
  }
});
