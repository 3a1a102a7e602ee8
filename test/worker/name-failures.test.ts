import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { ProvostError } from '../../domain/errors.ts';
import { nameFailures } from '../../worker/name-failures.ts';

const named = async (error: Error): Promise<ApplicationFailure> => {
  const failure = await nameFailures
    .execute?.({ args: [], headers: {} }, async () => Promise.reject(error))
    .catch((thrown: unknown) => thrown);
  assert.ok(failure instanceof ApplicationFailure);
  return failure;
};

test('a failure has its code as its type, and is tried again where its code says so', async () => {
  const unavailable = await named(new ProvostError('TARGET_UNAVAILABLE', 'It does not answer.'));
  assert.deepEqual([unavailable.type, unavailable.nonRetryable], ['TARGET_UNAVAILABLE', false]);
  const rejected = await named(new ProvostError('TARGET_REJECTED', 'It refuses.'));
  assert.deepEqual([rejected.type, rejected.nonRetryable], ['TARGET_REJECTED', true]);
});

test('a target that asks to be called again at once is called again: a delay of 0 would end the activity', async () => {
  const throttled = (retryAfterMs: number) =>
    named(new ProvostError('TARGET_THROTTLED', 'Slow down.', { retryAfterMs }));
  assert.equal((await throttled(0)).nextRetryDelay, undefined);
  assert.equal((await throttled(1_500)).nextRetryDelay, 1_500);
});
