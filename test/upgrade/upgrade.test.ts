import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Connection } from 'mongoose';
import { Agent } from 'undici';
import { openApi } from '../../api/open-api.ts';
import { openConnector } from '../../connectors/open-connector.ts';
import { type AuditEntry, auditMaterial } from '../../domain/audit.ts';
import { asChangeId, asResourceId, asTargetId, asTenantId, type ResourceId, type TenantId } from '../../domain/ids.ts';
import { findTarget, type Target } from '../../domain/policy.ts';
import { loadConfig } from '../../platform/config.ts';
import { formerId } from '../../platform/derived-id.ts';
import { createLogger } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { CONTENT_HASH_SECRET, createContentHash } from '../../stores/content-hash.ts';
import { MigrationsPendingError, requireMigrations } from '../../stores/migrations/require-migrations.ts';
import { openStores } from '../../stores/open-stores.ts';
import { soapClient } from '../api/soap/soap-client.ts';
import { ownEnvironment } from '../end-to-end/environment.ts';
import { basicAuthorization, sender } from '../end-to-end/tenant.ts';
import { openFreshDatabase } from '../stores/fresh-database.ts';
import { until } from '../until.ts';
import { contentOf, fillAsOlderRelease, migrateOlder, olderFacts, olderSealer } from './older-database.ts';

const { main, provisionOnly } = olderFacts;

async function openOlderDatabase(context: TestContext): Promise<Connection> {
  const connection = await openFreshDatabase(context, 'test-upgrade');
  await fillAsOlderRelease(connection);
  return connection;
}

/** This release's API on a database. Nothing serves its workflows. */
async function serve(context: TestContext, connection: Connection): Promise<string> {
  const mongo = new URL(process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:27017/');
  mongo.pathname = `/${connection.name}`;
  const env = { MONGODB_URI: mongo.href, PROVOST_ENCRYPTION_KEYS: olderFacts.encryptionKeys };
  const config = loadConfig(ownEnvironment(env));
  const log = createLogger({ service: 'api', level: 'silent' });
  const api = await openApi(config, { log, metrics: createMetrics('api') });
  const server = api.app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await api.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a database of the older release is refused until it is migrated, and then served', async (t) => {
  const connection = await openOlderDatabase(t);
  await assert.rejects(
    requireMigrations(connection, () => new Date()),
    MigrationsPendingError,
  );
  await migrateOlder(connection);
  await requireMigrations(connection, () => new Date());
});

test('migrating a second time, and all migrations again, changes nothing', async (t) => {
  const connection = await openOlderDatabase(t);
  await migrateOlder(connection);
  const migrated = await contentOf(connection);
  assert.deepEqual(await migrateOlder(connection), []);
  await migrateOlder(connection, { again: true });
  assert.deepEqual(await contentOf(connection), migrated);
});

test('what the older release kept is read through this one', async (t) => {
  const connection = await openOlderDatabase(t);
  await migrateOlder(connection);
  const url = await serve(t, connection);
  const authorization = basicAuthorization(main.credential.id, main.credential.secret);
  const scim = sender(`${url}/scim/v2`, { authorization });
  const admin = sender(`${url}/admin/v1/tenants/${main.id}`, { authorization });

  const ada = await scim('GET', `/Users/${main.users.ada}`);
  assert.deepEqual([ada.status, ada.body['userName'], ada.body['title']], [200, 'ada', 'Engineer'], ada.text);
  const ben = await scim('GET', `/Users/${main.users.ben}`);
  assert.deepEqual([ben.status, ben.body['active']], [200, true], 'a user without `active` is active');
  assert.equal((await scim('GET', `/Users/${main.users.cleo}`)).body['active'], false);
  assert.equal((await scim('GET', `/Users/${main.users.dora}`)).status, 404);
  const group = await scim('GET', `/Groups/${main.group}`);
  const members = (group.body['members'] as { value: string }[]).map(({ value }) => value);
  assert.deepEqual(members.toSorted(), [main.users.ada, main.users.ben, main.users.eve].toSorted());

  const stateOf = async (change: string) => (await admin('GET', `/changes/${change}`)).body['state'];
  assert.equal(await stateOf(main.changes.parked), 'parked');
  assert.equal(await stateOf(main.changes.undecided), 'waiting-approval');
  assert.equal(await stateOf(main.changes.refused), 'rejected');
  const undecided = await admin('GET', `/approvals/${main.changes.undecided}`);
  assert.deepEqual(undecided.body['differences'], [{ attribute: 'title', after: 'Clerk' }], undecided.text);
  for (const job of main.jobs) assert.equal((await admin('GET', `/jobs/${job}`)).body['state'], 'done');
  const links = await connection.collection('links').find({ tenant: main.id, resourceId: main.users.ada }).toArray();
  assert.ok(links.length > 0);
  const webhooks = await admin('GET', '/approval-webhooks');
  assert.equal((webhooks.body['items'] as unknown[]).length, 1, webhooks.text);

  const bearer = sender(`${url}/scim/v2`, { authorization: `Bearer ${main.token.secret}` });
  assert.equal((await bearer('GET', `/Users/${main.users.ada}`)).status, 200, 'a token of the older release is good');
  const granted = await fetch(`${url}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: basicAuthorization(main.client.id, main.client.secret) },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'scim' }),
  });
  assert.equal(granted.status, 200, await granted.text());
  const other = basicAuthorization(provisionOnly.credential.id, provisionOnly.credential.secret);
  assert.equal((await sender(`${url}/scim/v2`, { authorization: other })('GET', '/Users')).body['totalResults'], 0);
});

test('every chain of the older release is verified after the migration, goes on with a key, and is no longer exchanged unseen', async (t) => {
  const connection = await openOlderDatabase(t);
  const done = (await migrateOlder(connection)).find(({ migration }) => migration.id === 'audit-heads');
  const entries = connection.collection('audit');
  const chains = (await entries
    .aggregate([{ $group: { _id: { t: '$tenant', r: '$resourceId' } } }])
    .toArray()) as never;
  assert.equal(done?.counts['chains marked'], (chains as unknown[]).length);
  const { audit } = openStores(connection, olderSealer(), { policyCacheMs: 0, now: Date.now });
  for (const { _id } of chains as { _id: { t: TenantId; r: ResourceId } }[])
    assert.equal((await audit.verify(_id.t, _id.r)).broken, undefined, `${_id.t} ${_id.r}`);

  const ada = { tenant: asTenantId(main.id), resourceType: 'User', resourceId: asResourceId(main.users.ada) };
  await audit.append(ada, [{ event: 'step-retried', at: '2027-01-01T00:00:00.000Z', change: asChangeId('later') }]);
  const { broken } = await audit.verify(ada.tenant, ada.resourceId);
  assert.equal(broken, undefined);

  // A process of the older release that still runs appends without a key; the migration is run again after its end.
  const last = await entries.findOne({ tenant: main.id, resourceId: main.users.ben }, { sort: { sequence: -1 } });
  const ben = { tenant: ada.tenant, resourceId: asResourceId(main.users.ben) };
  const { _id, hash, ...fields } = last as unknown as AuditEntry & { _id: string };
  const appended = { ...fields, event: 'step-retried' as const, sequence: fields.sequence + 1, previousHash: hash };
  const plain = createHash('sha256').update(auditMaterial(appended)).digest('hex');
  await entries.insertOne({
    _id: `${ben.resourceId}:${appended.sequence}` as never,
    ...appended,
    hash: plain,
  } as never);
  assert.equal((await audit.verify(ben.tenant, ben.resourceId)).broken?.reason, 'it carries no key');
  await migrateOlder(connection, { again: true });
  assert.equal((await audit.verify(ben.tenant, ben.resourceId)).broken, undefined);

  const first = { tenant: main.id, resourceId: main.users.ben, sequence: 1 };
  await entries.deleteMany({ tenant: main.id, resourceId: main.users.ben, sequence: { $gt: 1 } });
  assert.equal((await audit.verify(ben.tenant, ben.resourceId)).broken?.reason, 'entries at the end are missing');
  await entries.updateOne(first, { $set: { actor: 'somebody-else' } });
  assert.equal((await audit.verify(ben.tenant, ben.resourceId)).broken?.reason, 'its content was altered');
});

test('secrets of targets open after the migration alone, and at their own address', async (t) => {
  const connection = await openOlderDatabase(t);
  const tenant = asTenantId(main.id);
  const dispatcher = new Agent();
  t.after(() => dispatcher.destroy());
  const targets = async (): Promise<Target[]> => {
    const { policies } = openStores(connection, olderSealer(), { policyCacheMs: 0, now: Date.now });
    const policy = await policies.current(tenant);
    return main.targets.map((id) => findTarget(policy, asTargetId(id))).filter((target) => target !== undefined);
  };
  const open = (target: Target) => openConnector(tenant, target, olderSealer(), { dispatcher });
  const before = await targets();
  assert.equal(before.length, main.targets.length);
  for (const target of before) assert.throws(() => open(target), { code: 'TARGET_MISCONFIGURED' });
  await migrateOlder(connection);
  for (const target of await targets()) {
    await open(target).close();
    const elsewhere = { ...target, settings: { ...target.settings, baseUrl: 'https://elsewhere.example' } };
    assert.throws(() => open(elsewhere), { code: 'TARGET_MISCONFIGURED' });
  }
});

test('whom the older release sent on by SOAP keeps the id that the accounts are linked to; whoever is new gets one that nobody can compute', async (t) => {
  const connection = await openOlderDatabase(t);
  await migrateOlder(connection);
  const url = await serve(t, connection);
  const { id: tenant, serviceProvider, credential, soapUser } = provisionOnly;
  const soap = soapClient(url, basicAuthorization(credential.id, credential.secret));
  /** The resource that a call is for. No worker serves it, so the call itself has no answer. */
  const resourceOf = async (operation: string, parameters: Readonly<Record<string, string>>) => {
    const changes = connection.collection('changes');
    const before = (await changes.find({ tenant }).toArray()).map(({ _id }) => _id);
    soap(operation, parameters).catch(() => undefined);
    const made = await until('the change', () => changes.findOne({ tenant, _id: { $nin: before } }));
    return made?.['resourceId'];
  };
  assert.equal(await resourceOf('deleteUser', { userName: soapUser.userName.toUpperCase() }), soapUser.id);
  const added = await resourceOf('addUser', { userName: 'brand-new', credential: 'Pw#12345' });
  assert.notEqual(added, formerId(['by name', tenant, serviceProvider, 'User', 'brand-new']));
  assert.equal(await resourceOf('deleteUser', { userName: 'brand-new' }), added);
});

test('accounts in links are told by keyed digests after the migration, and no earlier password hash is left that nothing needs', async (t) => {
  const connection = await openOlderDatabase(t);
  const links = connection.collection('links');
  const told = await links.countDocuments({ contentHash: { $exists: true } });
  const earlier = { 'previous.password': { $exists: true } };
  assert.ok(told > 0 && (await connection.collection('resources').countDocuments(earlier)) > 0);
  const done = await migrateOlder(connection);
  const counts = done.find(({ migration }) => migration.id === 'link-content-hashes')?.counts;
  assert.deepEqual([counts?.['digests replaced'], counts?.['digests dropped']], [told, 0]);
  assert.equal(await links.countDocuments({ contentHash: /^h1\./ }), told);
  assert.equal(await connection.collection('resources').countDocuments(earlier), 0);

  const { secrets, links: store } = openStores(connection, olderSealer(), { policyCacheMs: 0, now: Date.now });
  const hash = createContentHash(await secrets.obtain(CONTENT_HASH_SECRET));
  const [link] = await store.ofResource(asTenantId(main.id), asResourceId(main.users.ada));
  assert.equal(link?.contentHash, hash(link?.content ?? {}));
});
