import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unauthenticated } from '../../../api/identify/basic.ts';
import { createSignInLimits, type SignInRefusal } from '../../../api/identify/sign-in-limits.ts';
import { isProvostError } from '../../../domain/errors.ts';

const wrong = async (): Promise<never> => {
  throw unauthenticated();
};
const right = async (): Promise<string> => 'in';

function limits() {
  const clock = { ms: 1_000_000 };
  const failures: string[] = [];
  const refusals: SignInRefusal[] = [];
  const { attempt } = createSignInLimits({
    now: () => clock.ms,
    observeFailure: (method) => failures.push(method),
    observeRefusal: (refusal) => refusals.push(refusal),
  });
  const outcome = async (address: string, name: string, check: () => Promise<unknown>): Promise<string> => {
    try {
      await attempt({ method: 'basic', address, name }, check);
      return 'in';
    } catch (error) {
      return isProvostError(error) ? error.code : 'another failure';
    }
  };
  return { clock, failures, refusals, attempt, outcome };
}

const times = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('a name is not checked any more from an address where it failed five times, and is again after a while', async () => {
  const { clock, outcome } = limits();
  for (const _ of times(5)) assert.equal(await outcome('192.0.2.1', 'ada', wrong), 'UNAUTHENTICATED');
  assert.equal(await outcome('192.0.2.1', 'ada', right), 'CLIENT_THROTTLED');
  clock.ms += 1_000;
  assert.equal(await outcome('192.0.2.1', 'ada', right), 'in');
  assert.equal(await outcome('192.0.2.1', 'ada', wrong), 'UNAUTHENTICATED');
});

test('each further failure doubles the time until the next check, up to five minutes', async () => {
  const { clock, attempt, outcome } = limits();
  const waits: number[] = [];
  for (const _ of times(5)) await outcome('192.0.2.1', 'ada', wrong);
  for (const _ of times(11)) {
    const refused = await attempt({ method: 'basic', address: '192.0.2.1', name: 'ada' }, wrong).catch(
      (error: unknown) => error,
    );
    assert.ok(isProvostError(refused, 'CLIENT_THROTTLED'));
    waits.push((refused.facts.retryAfterMs ?? 0) / 1_000);
    clock.ms += refused.facts.retryAfterMs ?? 0;
    await outcome('192.0.2.1', 'ada', wrong);
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test('the owner of a name gets in from another address while somebody guesses', async () => {
  const { outcome } = limits();
  for (const _ of times(10)) await outcome('192.0.2.1', 'ada', wrong);
  assert.equal(await outcome('192.0.2.2', 'ada', right), 'in');
});

test('guessing from many addresses slows a name down, but not where it has proved itself', async () => {
  const { clock, outcome } = limits();
  assert.equal(await outcome('198.51.100.9', 'ada', right), 'in');
  for (const host of times(20)) await outcome(`192.0.2.${host}`, 'ada', wrong);
  assert.equal(await outcome('192.0.2.200', 'ada', wrong), 'CLIENT_THROTTLED');
  assert.equal(await outcome('198.51.100.9', 'ada', right), 'in');
  clock.ms += 5_000;
  assert.equal(await outcome('192.0.2.200', 'ada', right), 'in', 'nobody waits longer than five seconds for it');
});

test('an address that guesses many names is slowed down, but not for names that have proved themselves there', async () => {
  const { outcome } = limits();
  assert.equal(await outcome('192.0.2.1', 'hr-system', right), 'in');
  for (const index of times(20)) await outcome('192.0.2.1', `user-${index}`, wrong);
  assert.equal(await outcome('192.0.2.1', 'another', wrong), 'CLIENT_THROTTLED');
  assert.equal(await outcome('192.0.2.1', 'hr-system', right), 'in');
  assert.equal(await outcome('192.0.2.2', 'another', right), 'in');
});

test('the letter case of a name makes no other name of it, and all addresses of an IPv6 network are one', async () => {
  const { outcome } = limits();
  for (const name of ['ada', 'Ada', 'aDa', 'adA', 'ADA']) await outcome('2001:db8:1:2::1', name, wrong);
  assert.equal(await outcome('2001:db8:1:2:ffff::9', 'aDA', wrong), 'CLIENT_THROTTLED');
  assert.equal(await outcome('2001:db8:1:3::1', 'ada', wrong), 'UNAUTHENTICATED');
});

test('failures are forgotten a quarter of an hour after the last one', async () => {
  const { clock, outcome } = limits();
  for (const _ of times(4)) await outcome('192.0.2.1', 'ada', wrong);
  clock.ms += 15 * 60_000;
  for (const _ of times(5)) assert.equal(await outcome('192.0.2.1', 'ada', wrong), 'UNAUTHENTICATED');
});

test('what is no wrong secret counts as no failure', async () => {
  const { failures, outcome } = limits();
  const unavailable = async (): Promise<never> => {
    throw new Error('the database does not answer');
  };
  for (const _ of times(30)) assert.equal(await outcome('192.0.2.1', 'ada', unavailable), 'another failure');
  assert.equal(await outcome('192.0.2.1', 'ada', right), 'in');
  assert.deepEqual(failures, []);
});

test('a series of refusals is reported as one, without the name', async () => {
  const { refusals, outcome } = limits();
  for (const _ of times(8)) await outcome('192.0.2.1', 'ada', wrong);
  assert.deepEqual(
    refusals.map(({ isFirst }) => isFirst),
    [true, false, false],
  );
  assert.ok(!JSON.stringify(refusals).includes('ada'));
});
