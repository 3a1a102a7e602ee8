import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCredentialVerifier } from '../../platform/credential-cache.ts';

const ADA = { id: 'ada', secret: 'right', storedHash: 'hash-1' };

/** Counts how often a hash would have been computed. */
function countingPasswords() {
  let computed = 0;
  return {
    verify: async (storedHash: string | undefined, secret: string) => {
      computed += 1;
      return storedHash !== undefined && secret === 'right';
    },
    get computed() {
      return computed;
    },
  };
}

test('a verified credential costs one hash until its minute is over', async () => {
  const passwords = countingPasswords();
  let now = 0;
  const verifier = createCredentialVerifier(passwords, { now: () => now });

  assert.equal(await verifier.verify(ADA), true);
  now = 59_999;
  assert.equal(await verifier.verify(ADA), true);
  assert.equal(passwords.computed, 1);

  now = 60_000; // using it in between didn't lengthen its life
  assert.equal(await verifier.verify(ADA), true);
  assert.equal(passwords.computed, 2);
});

test('a wrong secret and an unknown id are computed each time and never remembered', async () => {
  const passwords = countingPasswords();
  const verifier = createCredentialVerifier(passwords);
  for (const wrong of [
    { ...ADA, secret: 'wrong' },
    { ...ADA, storedHash: undefined },
  ]) {
    assert.equal(await verifier.verify(wrong), false);
    assert.equal(await verifier.verify(wrong), false);
  }
  assert.equal(passwords.computed, 4);
  assert.equal(verifier.size, 0);
});

test('a secret that was changed is verified anew at once', async () => {
  const passwords = countingPasswords();
  const verifier = createCredentialVerifier(passwords);
  await verifier.verify(ADA);
  await verifier.verify({ ...ADA, storedHash: 'hash-2' });
  assert.equal(passwords.computed, 2);
});

test('parts that run together into the same text are different credentials', async () => {
  const passwords = countingPasswords();
  const verifier = createCredentialVerifier(passwords);
  await verifier.verify({ id: 'a', secret: 'right', storedHash: 'h' });
  assert.equal(await verifier.verify({ id: 'ar', secret: 'ight', storedHash: 'h' }), false);
});

test('requests that come at once with the same credential share one hash', async () => {
  const passwords = countingPasswords();
  const verifier = createCredentialVerifier(passwords);
  const answers = await Promise.all(Array.from({ length: 50 }, () => verifier.verify(ADA)));
  assert.ok(answers.every(Boolean));
  assert.equal(passwords.computed, 1);
});

test('the least recently used credential makes room', async () => {
  const passwords = countingPasswords();
  const verifier = createCredentialVerifier(passwords, { maxEntries: 2 });
  const credential = (id: string) => ({ ...ADA, id });
  for (const id of ['a', 'b', 'a', 'c']) await verifier.verify(credential(id));
  assert.equal(verifier.size, 2);

  await verifier.verify(credential('a'));
  assert.equal(passwords.computed, 3);
  await verifier.verify(credential('b'));
  assert.equal(passwords.computed, 4);
});

test('a failure to compute is passed on and leaves nothing behind', async () => {
  let fails = true;
  const verifier = createCredentialVerifier({
    verify: () => {
      if (fails) throw new Error('no memory');
      return Promise.resolve(true);
    },
  });
  await assert.rejects(verifier.verify(ADA), /no memory/);
  fails = false;
  assert.equal(await verifier.verify(ADA), true);
});
