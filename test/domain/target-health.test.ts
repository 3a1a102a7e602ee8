import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRORS, type ErrorCode, ProvostError } from '../../domain/errors.ts';
import { asResourceId } from '../../domain/ids.ts';
import {
  afterAnswer,
  afterFailure,
  afterThrottle,
  claimProbe,
  extendQuarantine,
  HEALTHY,
  meaningOfFailure,
  openMsBetween,
  pause,
  release,
  resume,
  returnProbe,
  standingOf,
  type TargetHealth,
} from '../../domain/target-health.ts';

const BREAKER = { failures: 3, probeAfterMs: 1_000, longestProbeMs: 5_000 };
const RULES = { name: 'Directory' };
const failure = (resource: string, at = 0, message = 'down') => ({
  resource: asResourceId(resource),
  code: 'TARGET_UNAVAILABLE',
  message,
  at,
});
const failed = (...resources: readonly string[]): TargetHealth =>
  resources.reduce((health, resource) => afterFailure(health, failure(resource), BREAKER), HEALTHY);

test('as many different resources as the breaker says open it, with the newest reason', () => {
  assert.equal(failed('a', 'b').quarantine, undefined);
  const health = afterFailure(failed('a', 'b'), failure('c', 10, 'no route'), BREAKER);
  assert.deepEqual(health.quarantine, {
    since: 10,
    code: 'TARGET_UNAVAILABLE',
    message: 'no route',
    probes: 0,
    nextProbeAt: 1_010,
  });
});

test('one resource that fails again and again counts once', () => {
  assert.deepEqual(failed('a', 'a', 'a', 'a').failing, ['a']);
});

test('an answer to anybody begins the count anew, and writes nothing where there is none', () => {
  assert.deepEqual(afterAnswer(failed('a', 'b'), 5).failing, []);
  assert.equal(afterAnswer(HEALTHY, 5), HEALTHY);
});

test('refusals with a status show that a target works; outages and refused credentials concern everybody', () => {
  const meaning = (code: ErrorCode, targetStatus?: number) =>
    meaningOfFailure(new ProvostError(code, 'x', targetStatus === undefined ? {} : { targetStatus }));
  for (const code of ['TARGET_REJECTED', 'TARGET_CONFLICT', 'TARGET_NOT_FOUND'] as const)
    assert.deepEqual([meaning(code, 400), meaning(code)], ['works', 'nothing'], code);
  for (const code of ['TARGET_UNAVAILABLE', 'TARGET_OUTCOME_UNKNOWN', 'TARGET_UNAUTHORISED'] as const)
    assert.deepEqual([meaning(code, 500), meaning(code)], ['fails', 'fails'], code);
  assert.equal(meaning('TARGET_ADDRESS_FORBIDDEN'), 'fails');
  assert.equal(meaning('TARGET_THROTTLED', 429), 'asks-to-wait');
  assert.deepEqual([meaning('TARGET_MISCONFIGURED', 301), meaning('TARGET_MISCONFIGURED')], ['fails', 'nothing']);
});

test('faults that no call left for say nothing of a target, whatever their code', () => {
  const targets = Object.keys(ERRORS).filter((code) => /^TARGET_/.test(code)) as ErrorCode[];
  const wide = targets.filter((code) => meaningOfFailure(new ProvostError(code, 'x')) !== 'nothing');
  assert.deepEqual(wide.sort(), [
    'TARGET_ADDRESS_FORBIDDEN',
    'TARGET_OUTCOME_UNKNOWN',
    'TARGET_THROTTLED',
    'TARGET_UNAUTHORISED',
    'TARGET_UNAVAILABLE',
  ]);
});

test('a probe that was not used is the next one\u2019s at once', () => {
  const health = failed('a', 'b', 'c');
  const claimed = claimProbe(health, 1_000, BREAKER);
  assert(claimed !== undefined);
  const returned = returnProbe(claimed, 1_001);
  assert.equal(returned.quarantine?.probes, 0);
  assert(claimProbe(returned, 1_001, BREAKER) !== undefined);
});

test('probes are due at intervals that double up to the longest, one at a time', () => {
  let health = failed('a', 'b', 'c');
  assert.equal(claimProbe(health, 999, BREAKER), undefined);
  const gaps: number[] = [];
  for (let at = 1_000; gaps.length < 4; ) {
    const claimed = claimProbe(health, at, BREAKER);
    assert(claimed?.quarantine !== undefined);
    assert.equal(claimProbe(claimed, at, BREAKER), undefined, 'a second one has to wait');
    gaps.push(claimed.quarantine.nextProbeAt - at);
    at = claimed.quarantine.nextProbeAt;
    health = claimed;
  }
  assert.deepEqual(gaps, [2_000, 4_000, 5_000, 5_000]);
});

test('an answered probe ends the quarantine, and a failed one keeps it with its own words', () => {
  const health = failed('a', 'b', 'c');
  assert.equal(afterFailure(health, failure('d', 9, 'still down'), BREAKER).quarantine?.message, 'still down');
  const closed = afterAnswer(health, 70);
  assert.equal(closed.quarantine, undefined);
  assert.deepEqual(closed.closures, [{ from: 0, to: 70 }]);
  assert.deepEqual(release(health, 70), closed);
});

test('no probe of a paused target, and none before an operator allows it', () => {
  const health = failed('a', 'b', 'c');
  assert.equal(claimProbe(pause(health, 'operator', 5), 1_000, BREAKER), undefined);
  assert.equal(claimProbe(extendQuarantine(health, 9_000), 8_999, BREAKER), undefined);
  assert.equal(extendQuarantine(HEALTHY, 9_000), HEALTHY);
});

test('a pause comes before a quarantine, a quarantine before windows, windows before Retry-After', () => {
  const never = { ...RULES, serviceWindows: [{ days: [1], from: '00:00', to: '00:01', timeZone: 'UTC' }] };
  const tuesday = Date.UTC(2026, 10, 24, 12);
  const throttled = afterThrottle(HEALTHY, tuesday + 5_000);
  const stateOf = (health: TargetHealth, rules: object, urgent = false): string =>
    standingOf(health, { ...RULES, ...rules }, tuesday, urgent).state;
  const broken = { ...throttled, ...failed('a', 'b', 'c'), notBefore: tuesday + 5_000 };
  assert.equal(stateOf(pause(broken, 'operator', 1), never), 'paused');
  assert.equal(stateOf(broken, never), 'quarantined');
  assert.equal(stateOf(throttled, never), 'outside-window');
  assert.equal(stateOf(throttled, {}), 'throttled');
  assert.equal(stateOf(HEALTHY, {}), 'open');
});

test('urgent steps pass service windows only where that is allowed, and nothing else ever', () => {
  const never = { ...RULES, serviceWindows: [{ days: [1], from: '00:00', to: '00:01', timeZone: 'UTC' }] };
  const allowed = { ...never, urgentOutsideWindows: true };
  const tuesday = Date.UTC(2026, 10, 24, 12);
  assert.equal(standingOf(HEALTHY, never, tuesday, true).state, 'outside-window');
  assert.equal(standingOf(HEALTHY, allowed, tuesday, true).state, 'open');
  assert.equal(standingOf(HEALTHY, allowed, tuesday, false).state, 'outside-window');
  assert.equal(standingOf(pause(HEALTHY, 'operator', 1), allowed, tuesday, true).state, 'paused');
  assert.equal(standingOf(failed('a', 'b', 'c'), allowed, tuesday, true).state, 'quarantined');
});

test('an earlier Retry-After does not shorten a later one', () => {
  const later = afterThrottle(HEALTHY, 500);
  assert.equal(afterThrottle(later, 400), later);
  assert.equal(afterThrottle(later, 600).notBefore, 600);
});

test('a step does not age while its target could not be called', () => {
  const broken = afterAnswer(failed('a', 'b', 'c'), 100); // closed 0–100
  const paused = resume(pause(broken, 'operator', 80), 150); // closed 80–150: they overlap
  assert.equal(openMsBetween(paused, {}, { from: 50, to: 250 }), 100);
  assert.equal(openMsBetween(pause(paused, 'operator', 200), {}, { from: 50, to: 250 }), 50, 'up to now');
  const hour = 3_600_000;
  const windows = { serviceWindows: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '02:00', to: '04:00', timeZone: 'UTC' }] };
  assert.equal(openMsBetween(HEALTHY, windows, { from: 0, to: 48 * hour }), 4 * hour);
});
