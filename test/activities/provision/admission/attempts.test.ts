import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  beginAttempt,
  mayHaveActed,
  NO_ATTEMPTS,
  withPause,
} from '../../../../activities/provision/admission/attempts.ts';
import { isProvostError, ProvostError } from '../../../../domain/errors.ts';
import { DEFAULT_RETRY } from '../../../../domain/policy.ts';

const unavailable = (retryAfterMs?: number): ProvostError =>
  new ProvostError('TARGET_UNAVAILABLE', 'down', retryAfterMs === undefined ? {} : { retryAfterMs });

const factsOf = (error: unknown) => {
  assert(isProvostError(error));
  return error.facts;
};

const after = (tried: number) => ({ ...NO_ATTEMPTS, tried, firstAt: 0 });

test('pauses double with each attempt, up to the longest, and are spread by a quarter either way', () => {
  const pauseOf = (tried: number, random: number) =>
    factsOf(withPause(unavailable(), after(tried), 0, DEFAULT_RETRY, random)).retryAfterMs;
  assert.deepEqual(
    [1, 2, 3].map((tried) => pauseOf(tried, 0.5)),
    [1_000, 2_000, 4_000],
  );
  assert.deepEqual([pauseOf(1, 0), pauseOf(1, 1)], [750, 1_250]);
  assert.equal(pauseOf(50, 0.5), DEFAULT_RETRY.maximumIntervalMs);
});

test('a target that names a later moment is obeyed', () => {
  const facts = factsOf(withPause(unavailable(60_000), after(1), 0, DEFAULT_RETRY, 0.5));
  assert.equal(facts.retryAfterMs, 63_000);
});

test('a step is given up by its age, or by its attempts, in the words of the target', () => {
  const given = (tried: number, openMs: number, maximumAttempts = 0) => {
    const error = withPause(unavailable(), after(tried), openMs, { ...DEFAULT_RETRY, maximumAttempts }, 0.5);
    assert(isProvostError(error, 'TARGET_UNAVAILABLE'));
    return error.facts.givenUp === true;
  };
  assert.equal(given(9, DEFAULT_RETRY.giveUpAfterMs - 1), false);
  assert.equal(given(9, DEFAULT_RETRY.giveUpAfterMs), true);
  assert.deepEqual([given(2, 0, 3), given(3, 0, 3)], [false, true]);
});

test('what cannot succeed is passed on as it is', () => {
  const rejected = new ProvostError('TARGET_REJECTED', 'no');
  assert.equal(withPause(rejected, after(1), 0, DEFAULT_RETRY, 0.5), rejected);
});

test('a probe is no attempt, but may have taken effect', () => {
  const probed = beginAttempt(NO_ATTEMPTS, true, 5);
  assert.deepEqual([probed.tried, probed.firstAt, mayHaveActed(probed)], [0, undefined, true]);
  const tried = beginAttempt(beginAttempt(probed, false, 7), false, 9);
  assert.deepEqual([tried.tried, tried.firstAt, tried.probed], [2, 7, 1]);
  assert.equal(mayHaveActed(NO_ATTEMPTS), false);
});
