import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { asTenantId } from '../../domain/ids.ts';
import type { Policy } from '../../domain/policy.ts';
import { connectMongo, ensureIndexes } from '../../stores/connect.ts';
import { createPolicyStore } from '../../stores/policies.ts';

const MINUTE = 60_000;

/** Two processes' stores on one database of the test's own. */
async function twoProcesses(t: TestContext, currentForMs = 0) {
  const uri = new URL(process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:27017/');
  uri.pathname = `/test-policies-${randomUUID()}`;
  const connection = await connectMongo({ uri: uri.href, maxPoolSize: 5 });
  const other = await connectMongo({ uri: uri.href, maxPoolSize: 5 });
  t.after(async () => {
    await connection.dropDatabase();
    await connection.close();
    await other.close();
  });
  await ensureIndexes(connection);
  const open = (mongo: typeof connection) => createPolicyStore(mongo, { currentForMs, now: Date.now });
  return { one: open(connection), two: open(other), documents: connection.collection('policies') };
}

const policy = (tenant: string, version: number): Policy => ({
  tenant: asTenantId(tenant),
  version,
  serviceProviders: [],
  identityProviders: [],
});
const author = (offsetMs = 0) => ({ by: 'test', at: new Date(Date.now() + offsetMs).toISOString() });
const inOrder = (found: readonly { tenant: string; version: number }[]): string[] =>
  found.map(({ tenant, version }) => `${tenant} ${version}`).sort();

test('the newest version of each tenant is known, also those that another process writes later', async (t) => {
  const { one, two } = await twoProcesses(t);
  assert.deepEqual(await one.newestVersions(), []);
  await two.write(policy('acme', 1), author());
  assert.deepEqual(inOrder(await one.newestVersions()), ['acme 1']);
  await two.write(policy('acme', 2), author());
  await two.write(policy('initech', 1), author());
  assert.deepEqual(inOrder(await one.newestVersions()), ['acme 2', 'initech 1']);
  assert.deepEqual(inOrder(await one.newestVersions()), ['acme 2', 'initech 1']);
});

test('a process that meets a newer version reads anew, however lately it read the newest', async (t) => {
  const { one, two } = await twoProcesses(t, MINUTE);
  const acme = asTenantId('acme');
  await two.write(policy('acme', 1), author());
  assert.equal((await one.current(acme)).version, 1);
  await two.write(policy('acme', 2), author());
  assert.equal((await one.current(acme)).version, 1);
  assert.equal((await one.renewed(acme)).version, 2);
  await two.write(policy('acme', 3), author());
  await one.at(acme, 3);
  assert.equal((await one.current(acme)).version, 3);
  await two.write(policy('acme', 4), author());
  await one.newestVersions();
  assert.equal((await one.current(acme)).version, 4);
});

test('clocks may differ: what was written before, or after, by the clock of its process is not missed', async (t) => {
  const { one, two } = await twoProcesses(t);
  await two.write(policy('ahead', 1), author(24 * 60 * MINUTE));
  assert.deepEqual(inOrder(await one.newestVersions()), ['ahead 1']);
  await two.write(policy('behind', 1), author(-5 * MINUTE));
  await two.write(policy('now', 1), author());
  assert.deepEqual(inOrder(await one.newestVersions()), ['ahead 1', 'behind 1', 'now 1']);
});

test('after the first time, what was written long ago is not read again', async (t) => {
  const { one, two, documents } = await twoProcesses(t);
  await two.write(policy('old', 1), author(-60 * MINUTE));
  await two.write(policy('new', 1), author());
  await one.newestVersions();
  // Whoever reads it again would see this.
  await documents.updateOne({ tenant: 'old' }, { $set: { version: 7 } });
  assert.deepEqual(inOrder(await one.newestVersions()), ['new 1', 'old 1']);
});
