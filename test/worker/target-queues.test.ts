import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { asTargetId, asTenantId, type TenantId } from '../../domain/ids.ts';
import type { Policy, Target } from '../../domain/policy.ts';
import type { TargetHealth } from '../../domain/target-health.ts';
import { targetKey } from '../../stores/target-states.ts';
import { type ServingWorker, serveTargetQueues, type TargetQueues } from '../../worker/target-queues.ts';
import { until } from '../until.ts';

const TENANT = asTenantId('acme');

let queues: TargetQueues | undefined;
afterEach(() => queues?.stop());

const targetNamed = (name: string): Target =>
  ({ id: asTargetId(name), name, concurrency: 8, enabled: true }) as unknown as Target;

/** Serves targets with these names; nothing but the workers and what is waiting in queues is made up. */
function serve(names: readonly string[], { keep = 100, idleMs = 60_000 } = {}) {
  const served = new Map<string, { slots: number; inFlight: number }>();
  const waiting = new Map<string, number>();
  const closed = new Map<string, TargetHealth>();
  let version = 1;
  let there = names;
  queues = serveTargetQueues({
    taskQueue: 'core',
    policies: {
      newestVersions: async () => [{ tenant: TENANT, version }],
      at: async (tenant: TenantId) =>
        ({ tenant, version, identityProviders: [{ targets: there.map(targetNamed) }] }) as unknown as Policy,
    },
    targetStates: { closed: async () => closed },
    createWorker: async (queue, slots) => workerOf(queue, slots, served),
    backlog: async (asked) => asked.reduce((sum, queue) => sum + (waiting.get(queue) ?? 0), 0),
    keep,
    idleMs,
    lookEveryMs: 20,
    now: Date.now,
    log: () => undefined,
    observe: () => undefined,
  });
  return {
    served,
    waiting,
    closed,
    change(names: readonly string[]) {
      there = names;
      version += 1;
    },
    stepScheduled: queues.stepScheduled,
    names: () => [...new Set([...served.keys()].map((queue) => queue.split('/')[2] ?? ''))].sort(),
  };
}

function workerOf(
  queue: string,
  slots: number,
  served: Map<string, { slots: number; inFlight: number }>,
): ServingWorker {
  const entry = { slots, inFlight: 0 };
  const ended = Promise.withResolvers<void>();
  let state: 'RUNNING' | 'STOPPED' = 'RUNNING';
  served.set(queue, entry);
  return {
    run: () => ended.promise,
    shutdown() {
      state = 'STOPPED';
      served.delete(queue);
      ended.resolve();
    },
    getState: () => state,
    getStatus: () => ({ numInFlightActivities: entry.inFlight }) as ReturnType<ServingWorker['getStatus']>,
  };
}

test('every target has two workers, the urgent one with a quarter of the slots on top', async () => {
  const { served } = serve(['crm', 'hr']);
  await until('four workers', () => served.size === 4);
  assert.equal(served.get('core/acme/crm')?.slots, 8);
  assert.equal(served.get('core/acme/crm/urgent')?.slots, 2);
});

test('a target that was added is served a moment later, one that was removed no more', async () => {
  const { served, change, names } = serve(['crm']);
  await until('two workers', () => served.size === 2);
  change(['hr']);
  await until('the other target', () => names().join() === 'hr' && served.size === 2);
});

test('of very many targets those are served that something was scheduled for, and let go when they are idle', async () => {
  const { served, stepScheduled, names } = serve(['a', 'b', 'c', 'd'], { keep: 1, idleMs: 300 });
  await until('one target', () => served.size === 2);
  assert.deepEqual(names(), ['a']);
  stepScheduled('core/acme/c');
  stepScheduled('core/acme/d/urgent');
  await until('the two', () => names().join() === 'c,d' && served.size === 4);
  await until('the latest alone', () => names().join() === 'd' && served.size === 2);
});

test('a target that is at work is not let go, however long a step takes', async () => {
  const { served, stepScheduled, names } = serve(['a', 'b', 'c'], { keep: 1, idleMs: 150 });
  stepScheduled('core/acme/b');
  await until('b', () => served.has('core/acme/b'));
  const busy = served.get('core/acme/b');
  if (busy) busy.inFlight = 1;
  stepScheduled('core/acme/c');
  await until('c', () => names().join() === 'b,c');
  const begun = Date.now();
  await until('twice as long as idleness lasts', () => Date.now() - begun > 300);
  assert.ok(served.has('core/acme/b'));
  if (busy) busy.inFlight = 0;
  stepScheduled('core/acme/c');
  await until('c alone', () => names().join() === 'c');
});

test('steps that a process that is gone left in a queue nobody listens to are found', async () => {
  const others = Array.from({ length: 60 }, (_, index) => `t${index}`);
  const { waiting, served, names } = serve(['first', ...others, 'last'], { keep: 1 });
  await until('the first', () => served.size === 2);
  waiting.set('core/acme/last/urgent', 1);
  await until('the last', () => names().includes('last'));
});

test('a paused target is not served, and when it is resumed it is, without anything new', async () => {
  const { served, closed, names } = serve(['a', 'b', 'c'], { keep: 1 });
  await until('the first', () => served.size === 2);
  const pause = { by: 'operator', since: 0 };
  closed.set(targetKey(TENANT, asTargetId('c')), { failing: [], closures: [], pause } as unknown as TargetHealth);
  const begun = Date.now();
  await until('some looks', () => Date.now() - begun > 150);
  assert.equal(names().includes('c'), false);
  closed.clear();
  await until('it is served', () => names().includes('c'));
});
