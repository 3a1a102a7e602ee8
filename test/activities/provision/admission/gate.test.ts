import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Caller, createGate } from '../../../../activities/provision/admission/gate.ts';
import { ProvostError } from '../../../../domain/errors.ts';
import { asResourceId, asTargetId, asTenantId } from '../../../../domain/ids.ts';
import type { Target } from '../../../../domain/policy.ts';
import { HEALTHY, type TargetHealth } from '../../../../domain/target-health.ts';

const target = {
  id: asTargetId('t1'),
  name: 'Directory',
  breaker: { failures: 2, probeAfterMs: 1_000, longestProbeMs: 60_000 },
} as unknown as Target;

/** A gate with the state of one target in memory. */
function gateOf() {
  const clock = { now: 0 };
  const state = { health: HEALTHY as TargetHealth };
  const gate = createGate({
    targetStates: {
      find: async () => state.health,
      async update(_tenant, _target, change) {
        const before = state.health;
        const health = change(before) ?? before;
        state.health = health;
        return { before, health, changed: health !== before };
      },
      takeCalls: async () => [],
    },
    audit: { append: async () => undefined } as never,
    now: () => new Date(clock.now),
  });
  const by = (resource: string): Caller => ({
    tenant: asTenantId('acme'),
    target,
    resource: asResourceId(resource),
    urgent: false,
    signal: AbortSignal.timeout(5_000),
  });
  return { gate, clock, state, by };
}

const down = new ProvostError('TARGET_UNAVAILABLE', 'down');
const refused = new ProvostError('TARGET_REJECTED', 'no', { targetStatus: 400 });

test('calls that fail for everybody quarantine a target, and steps without a call change nothing', async () => {
  const { gate, state, by } = gateOf();
  for (const resource of ['a', 'b', 'c', 'd']) assert.equal(await gate.learn(by(resource), undefined, false), false);
  assert.deepEqual(state.health, HEALTHY);
  assert.equal(await gate.learn(by('a'), down, false), false);
  assert.equal(await gate.learn(by('b'), undefined, false), false);
  assert.deepEqual(state.health.failing, ['a']);
  assert.equal(await gate.learn(by('c'), down, false), true);
  assert(state.health.quarantine !== undefined);
});

test('a probe without a call does not end a quarantine, and is given back', async () => {
  const { gate, state, by, clock } = gateOf();
  for (const resource of ['a', 'b']) await gate.learn(by(resource), down, false);
  clock.now = 1_000;
  assert.deepEqual(await gate.enter(by('c')), { probing: true });
  assert.equal(await gate.learn(by('c'), undefined, true), false);
  assert.deepEqual([state.health.quarantine?.probes, state.health.quarantine?.nextProbeAt], [0, 1_000]);
  assert.deepEqual(await gate.enter(by('d')), { probing: true });
  assert.equal(await gate.learn(by('d'), refused, true), false);
  assert.equal(state.health.quarantine, undefined);
});
