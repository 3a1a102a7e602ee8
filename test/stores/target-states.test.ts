import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { asChangeId, asResourceId, asTargetId, asTenantId } from '../../domain/ids.ts';
import { afterFailure, claimProbe, pause } from '../../domain/target-health.ts';
import { connectMongo, ensureIndexes } from '../../stores/connect.ts';
import { createDeletionCountStore } from '../../stores/deletion-counts.ts';
import { createStagedDeletionStore } from '../../stores/staged-deletions.ts';
import { createTargetStateStore, targetKey } from '../../stores/target-states.ts';

const tenant = asTenantId('acme');
const target = asTargetId('directory');
const BREAKER = { failures: 20, probeAfterMs: 1_000, longestProbeMs: 5_000 };

/** Two processes' worth of stores on one database of the test's own. */
async function twoProcesses(t: TestContext) {
  const uri = new URL(process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:27017/');
  uri.pathname = `/test-targets-${randomUUID()}`;
  const connections = await Promise.all([1, 2].map(() => connectMongo({ uri: uri.href, maxPoolSize: 5 })));
  t.after(async () => {
    await connections[0]?.dropDatabase();
    for (const connection of connections) await connection.close();
  });
  const stores = connections.map((connection) => ({
    states: createTargetStateStore(connection),
    counts: createDeletionCountStore(connection),
    staged: createStagedDeletionStore(connection),
  }));
  for (const connection of connections) await ensureIndexes(connection);
  const [one, two] = stores;
  assert(one !== undefined && two !== undefined);
  return { one, two, either: (index: number) => (index % 2 === 0 ? one : two) };
}

const failure = (index: number) => ({
  resource: asResourceId(`r${index}`),
  code: 'TARGET_UNAVAILABLE',
  message: 'down',
  at: index,
});

test('failures that several workers report at once are all counted, and one of them opens the breaker', async (t) => {
  const { one, either } = await twoProcesses(t);
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      either(index).states.update(tenant, target, (health) => afterFailure(health, failure(index), BREAKER)),
    ),
  );
  const opened = results.filter(({ before, health }) => !before.quarantine && health.quarantine);
  assert.equal(opened.length, 1);
  assert.equal((await one.states.find(tenant, target)).quarantine?.code, 'TARGET_UNAVAILABLE');
});

test('of all that want to probe a target, one may', async (t) => {
  const { one, either } = await twoProcesses(t);
  await one.states.update(tenant, target, (health) => afterFailure(health, failure(0), { ...BREAKER, failures: 1 }));
  const claims = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      either(index).states.update(tenant, target, (health) => claimProbe(health, 60_000, BREAKER)),
    ),
  );
  assert.equal(claims.filter(({ changed }) => changed).length, 1);
});

test('no two workers get the same call, and together they keep the rate', async (t) => {
  const { either } = await twoProcesses(t);
  const limit = { perSecond: 10, burst: 3 };
  const taken = await Promise.all(
    Array.from({ length: 20 }, (_, index) => either(index).states.takeCalls(tenant, target, 2, limit, () => 10_000)),
  );
  const moments = taken.flat().sort((a, b) => a - b);
  assert.equal(new Set(moments).size, 40);
  assert.equal((moments.at(-1) ?? 0) - (moments[0] ?? 0), 39 * 100);
});

test('a worker finds closed targets of all tenants, and a tenant only its own', async (t) => {
  const { one } = await twoProcesses(t);
  const other = asTenantId('globex');
  await one.states.update(tenant, target, (health) => pause(health, 'operator', 1));
  await one.states.update(other, target, (health) => pause(health, 'operator', 1));
  await one.states.takeCalls(tenant, asTargetId('open'), 1, { perSecond: 1, burst: 1 }, () => 0);
  assert.deepEqual([...(await one.states.closed()).keys()].sort(), [
    targetKey(tenant, target),
    targetKey(other, target),
  ]);
  assert.deepEqual(
    (await one.states.closedOf(other)).map((closed) => closed.target),
    [target],
  );
  assert.equal((await one.states.find(asTenantId('nobody'), target)).pause, undefined);
});

test('a guard lets exactly as many deletions through as its window has, however many ask at once', async (t) => {
  const { either, one } = await twoProcesses(t);
  const ask = (index: number) =>
    either(index).counts.take({
      tenant,
      target,
      resourceId: asResourceId(`r${index}`),
      windowMs: 60_000,
      now: 90_000,
      most: async () => 7,
    });
  const first = await Promise.all(Array.from({ length: 30 }, (_, index) => ask(index)));
  assert.equal(first.filter(Boolean).length, 7);
  const again = await Promise.all(Array.from({ length: 30 }, (_, index) => ask(index)));
  assert.deepEqual(again, first, 'an attempt that is repeated takes none again');
  assert.equal(await one.counts.used(tenant, target, 60_000, 119_999), 7);
  assert.equal(await one.counts.used(tenant, target, 60_000, 120_000), 0, 'the next window begins anew');
});

test('a decision is about all that are staged, and is carried out by one worker', async (t) => {
  const { one, two } = await twoProcesses(t);
  const staged = (resource: string) => ({
    tenant,
    target,
    resourceType: 'User',
    resourceId: asResourceId(resource),
    change: asChangeId(`change-${resource}`),
    since: '2026-11-25T00:00:00.000Z',
  });
  for (const resource of ['a', 'b', 'c']) await one.staged.stage(staged(resource));
  await one.staged.stage(staged('a'));
  assert.equal(await two.staged.count(tenant, target), 3);
  const decision = { verdict: 'approved', by: 'operator', at: '2026-11-25T01:00:00.000Z' } as const;
  assert.equal(await one.staged.decide(tenant, target, decision), 3);
  assert.equal(await one.staged.decide(tenant, target, decision), 0);
  const claims = await Promise.all([one, two].map(({ staged: store }) => store.claimDecided(10, 1_000, 31_000)));
  assert.equal(claims.flat().length, 3, 'each once');
  for (const claimed of claims.flat()) await two.staged.carriedOut(claimed);
  assert.deepEqual(await one.staged.claimDecided(10, 99_000, 100_000), []);
  assert.equal(await one.staged.isApproved(tenant, target, asResourceId('a')), true);
  await one.staged.stage(staged('a'));
  assert.equal(
    await one.staged.isApproved(tenant, target, asResourceId('a')),
    false,
    'another deletion, another decision',
  );
});
