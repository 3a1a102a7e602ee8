import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotReadyError, untilReady } from '../../platform/until-ready.ts';

/** Time that passes only where the code under test waits. */
function steppingClock() {
  const pauses: number[] = [];
  let now = 0;
  return {
    now: () => now,
    pause: async (ms: number) => {
      pauses.push(ms);
      now += ms;
    },
    pauses,
  };
}

test('attempts are repeated with growing pauses until one succeeds', async () => {
  const clock = steppingClock();
  let attempts = 0;
  const result = await untilReady(
    'the service',
    async () => {
      attempts += 1;
      if (attempts < 5) throw new Error('refused');
      return 'ready';
    },
    { deadlineMs: 60_000, clock },
  );
  assert.equal(result, 'ready');
  assert.deepEqual(clock.pauses, [250, 500, 1000, 2000]);
});

test('after the deadline the last failure is the cause of a named one', async () => {
  const clock = steppingClock();
  const cause = new Error('refused');
  await assert.rejects(
    untilReady('the service', () => Promise.reject(cause), { deadlineMs: 10_000, clock }),
    (error) => error instanceof NotReadyError && error.cause === cause && /the service.*10 s/.test(error.message),
  );
  assert.ok(clock.now() <= 10_000);
});

test('an attempt is told how long it may take', async () => {
  const clock = steppingClock();
  const told: number[] = [];
  await assert.rejects(
    untilReady(
      'the service',
      async (leftMs) => {
        told.push(leftMs);
        throw new Error('refused');
      },
      { deadlineMs: 1000, clock },
    ),
  );
  assert.deepEqual(told, [1000, 750, 250]);
});

test('a failure that waiting does not cure is thrown at once', async () => {
  const refused = new Error('wrong key');
  const clock = steppingClock();
  await assert.rejects(
    untilReady('the service', () => Promise.reject(refused), {
      deadlineMs: 60_000,
      isHopeless: (error) => error === refused,
      clock,
    }),
    refused,
  );
  assert.deepEqual(clock.pauses, []);
});
