import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NamedChange, submitInOrder } from '../../../api/soap/submit-change.ts';
import { ProvostError } from '../../../domain/errors.ts';

function recorded() {
  const made: string[] = [];
  const change = (what: string): NamedChange => ({ what, submit: async () => void made.push(what) });
  const failing = (what: string): NamedChange => ({
    what,
    submit: () => Promise.reject(new ProvostError('STORE_UNAVAILABLE', 'Not now.', { retryAfterMs: 1_000 })),
  });
  return { made, change, failing };
}

test('where one of several changes fails, the fault says what was done, what failed and what was not tried', async () => {
  const { made, change, failing } = recorded();
  await assert.rejects(submitInOrder([change('take a'), failing('give b'), change('give c')], ['create the user']), {
    code: 'STORE_UNAVAILABLE',
    message: 'Failed to give b: Not now. Done before: create the user, take a. Not tried: give c.',
    facts: { retryAfterMs: 1_000 },
  });
  assert.deepEqual(made, ['take a']);
});

test('where there is one change, its failure is passed on as it is', async () => {
  const { failing } = recorded();
  await assert.rejects(submitInOrder([failing('give b')]), { message: 'Not now.' });
});
