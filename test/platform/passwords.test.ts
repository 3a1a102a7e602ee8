import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProvostError } from '../../domain/errors.ts';
import { createPasswords } from '../../platform/passwords.ts';

test('a password is hashed with argon2id at the recommended cost and verifies', async () => {
  const passwords = createPasswords();
  const stored = await passwords.hash('correct horse');
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.equal(await passwords.verify(stored, 'correct horse'), true);
  assert.equal(await passwords.verify(stored, 'battery staple'), false);
});

test('the same password gives another hash each time', async () => {
  const passwords = createPasswords();
  assert.notEqual(await passwords.hash('same'), await passwords.hash('same'));
});

test('nobody has a password, and finding that out costs a whole hash', async () => {
  const passwords = createPasswords({ concurrency: 1 });
  assert.equal(await passwords.verify(undefined, ''), false);
  // One place only: had the check for nobody skipped the hash, its answer would overtake the one before it.
  const order: string[] = [];
  await Promise.all([
    passwords.hash('x').then(() => order.push('hash')),
    passwords.verify(undefined, 'guess').then(() => order.push('nobody')),
  ]);
  assert.deepEqual(order, ['hash', 'nobody']);
});

test('what exceeds the waiting room is told to come back, and everything that waited is done', async () => {
  const passwords = createPasswords({ concurrency: 1, maxWaiting: 2 });
  const results = await Promise.allSettled(Array.from({ length: 5 }, (_, index) => passwords.hash(`p${index}`)));
  const refused = results.filter((result) => result.status === 'rejected');

  assert.equal(refused.length, 2);
  for (const { reason } of refused) {
    assert.ok(isProvostError(reason, 'CLIENT_THROTTLED') && reason.facts.retryAfterMs === 1000);
  }
  assert.match(await passwords.hash('afterwards'), /^\$argon2id/);
});

test('a failed hash gives its place to the next', async () => {
  const passwords = createPasswords({ concurrency: 1 });
  await assert.rejects(passwords.verify('not a hash', 'x'));
  assert.equal(await passwords.verify(await passwords.hash('x'), 'x'), true);
});
