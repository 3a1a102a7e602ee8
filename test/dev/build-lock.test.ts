import assert from 'node:assert/strict';
import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withBuildLock } from '../../dev/services/build-lock.ts';
import { scratchFolder, silent } from './scratch.ts';

test('of two starts at once the second waits, says so, and works after the first', async (t) => {
  const path = join(scratchFolder(t), 'thing');
  const order: string[] = [];
  const said: string[] = [];
  const first = Promise.withResolvers<void>();
  const firstHolds = Promise.withResolvers<void>();
  const builds = [
    withBuildLock(path, 'the thing', silent, async () => {
      firstHolds.resolve();
      await first.promise;
      order.push('first');
    }),
    firstHolds.promise.then(() =>
      withBuildLock(
        path,
        'the thing',
        (message) => {
          said.push(message);
          first.resolve();
        },
        async () => order.push('second'),
      ),
    ),
  ];
  await Promise.all(builds);
  assert.deepEqual(order, ['first', 'second']);
  assert.deepEqual(said, ['Waiting for another start that is preparing the thing…']);
});

test('the lock of a holder that crashed is passed over', async (t) => {
  const path = join(scratchFolder(t), 'thing');
  const longAgo = new Date(Date.now() - 60_000);
  mkdirSync(`${path}.lock`);
  utimesSync(`${path}.lock`, longAgo, longAgo);
  assert.equal(await withBuildLock(path, 'the thing', silent, async () => 'done'), 'done');
});

test('work that fails gives the lock back', async (t) => {
  const path = join(scratchFolder(t), 'thing');
  await assert.rejects(
    withBuildLock(path, 'the thing', silent, () => Promise.reject(new Error('no compiler'))),
    /no compiler/,
  );
  assert.equal(await withBuildLock(path, 'the thing', silent, async () => 'done'), 'done');
});
