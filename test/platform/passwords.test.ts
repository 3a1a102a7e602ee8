import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProvostError, ProvostError } from '../../domain/errors.ts';
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

const from = (address: string, known: boolean) => ({ address, known, requireOpen: () => undefined });

test('callers that are known are checked before others, however many of those wait', async () => {
  const passwords = createPasswords({ concurrency: 1, maxWaiting: 3 });
  const stored = await passwords.hash('right');
  const order: string[] = [];
  const check = (name: string, known: boolean) =>
    passwords.verify(stored, 'right', from(name, known)).then(
      () => order.push(name),
      () => order.push(`${name} refused`),
    );
  await Promise.all([
    check('running', false),
    check('a', false),
    check('b', false),
    check('c', false),
    check('d', false),
    check('known', true),
  ]);
  assert.deepEqual(order, ['d refused', 'running', 'known', 'a', 'b', 'c']);
});

test('one address has its share of the queue, and leaves the rest to others', async () => {
  const passwords = createPasswords({ concurrency: 1, maxWaiting: 100, maxWaitingOfAddress: 2 });
  const stored = await passwords.hash('right');
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: 5 }, () => passwords.verify(stored, 'guess', from('192.0.2.1', false))),
    passwords.verify(stored, 'right', from('192.0.2.2', false)),
  ]);
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 'refused')),
    [false, false, false, 'refused', 'refused', true],
  );
});

test('a check that waited is not made where too many others failed meanwhile', async () => {
  const passwords = createPasswords({ concurrency: 1 });
  const stored = await passwords.hash('right');
  let checks = 0;
  const origin = {
    ...from('192.0.2.1', false),
    requireOpen() {
      checks += 1;
      if (checks > 1) throw new ProvostError('CLIENT_THROTTLED', 'Wait.');
    },
  };
  const first = passwords.verify(stored, 'guess', origin);
  const second = passwords.verify(stored, 'right', origin);
  assert.equal(await first, false);
  await assert.rejects(second, (error) => isProvostError(error, 'CLIENT_THROTTLED'));
});
