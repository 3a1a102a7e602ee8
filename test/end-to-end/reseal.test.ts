import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Connection } from 'mongoose';
import { asChangeId, asJobId, asTargetId, asTenantId } from '../../domain/ids.ts';
import { loadConfig } from '../../platform/config.ts';
import { createKeyRing } from '../../platform/key-ring.ts';
import { createSealer } from '../../platform/seal.ts';
import { connectMongo, ensureIndexes } from '../../stores/connect.ts';
import { createFindingStore } from '../../stores/findings.ts';
import { MIGRATIONS } from '../../stores/migrations/migrations.ts';
import { createMigrationProgress } from '../../stores/migrations/progress.ts';
import { createSigningKeyStore } from '../../stores/signing-keys.ts';
import { createStepEditStore } from '../../stores/step-edits.ts';
import { createWebhookStore } from '../../stores/webhooks.ts';
import { bulkOf, newUser } from './bulk-request.ts';
import { ownEnvironment } from './environment.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, startFaultySandbox } from './sandbox.ts';
import { newTenant, replacing, sender, settled } from './tenant.ts';

const keyNamed = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;
const [OLD, NEW] = [keyNamed('old'), keyNamed('new')];
const env = ownEnvironment({ PROVOST_ENCRYPTION_KEYS: OLD });

let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  [provost, sandbox] = await Promise.all([startInstallation({ env }), startFaultySandbox()]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

/** The command, as an operator runs it. */
const reseal = (installation: Readonly<Record<string, string>>, keys: string) =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, '..', '..', 'worker', 'reseal.ts')], {
    env: { PATH: process.env['PATH'] ?? '', ...installation, PROVOST_ENCRYPTION_KEYS: keys },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (failed: { code: number; stdout: string; stderr: string }) => failed,
  );

/** How many values of each collection a key sealed. */
async function sealedBy(mongo: Connection, key: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name } of await mongo.listCollections()) {
    const documents = await mongo.collection(name).find({}).toArray();
    const found = JSON.stringify(documents).match(new RegExp(`"s1\\.${key}\\.`, 'g'));
    if (found) counts[name] = found.length;
  }
  return counts;
}

const TENANT = asTenantId('elsewhere');

/** One of each that a short test does not come by. */
async function writeOthers(mongo: Connection): Promise<void> {
  const sealer = createSealer(createKeyRing(loadConfig(env).encryption.keys));
  const [change, target] = [asChangeId('c1'), asTargetId('t1')];
  const [stepEdits, webhooks, findings] = [
    createStepEditStore(mongo, sealer),
    createWebhookStore(mongo, sealer),
    createFindingStore(mongo, sealer),
  ];
  await ensureIndexes(mongo);
  await stepEdits.put(
    { tenant: TENANT, change, target },
    { set: { title: 'Dr' }, remove: [] },
    new Date().toISOString(),
  );
  await webhooks.add({ id: 'w1', tenant: TENANT, url: 'https://hooks.example', values: false }, 'whsec_c2VjcmV0');
  const until = '2027-01-01T00:00:00.000Z';
  await webhooks.replaceSecret(TENANT, 'w1', 'whsec_bmV3', until);
  await findings.add({
    ...{ id: 'f1', tenant: TENANT, target, run: asJobId('j1'), situation: 'changed', resourceType: 'User' },
    ...{ action: 'report', state: 'reported', foundAt: new Date().toISOString() },
    confirmed: { title: 'Dr' },
    held: { title: 'Prof' },
  });
  await mongo.collection('approvals').insertOne({
    _id: 'a1' as never,
    tenant: TENANT,
    content: sealer.seal({ differences: [], decisions: [] }, `${TENANT}/approvals/a1`),
  });
  await mongo.collection('changes').insertOne({
    _id: 'c1' as never,
    tenant: TENANT,
    body: sealer.seal({ kind: 'put', resource: { userName: 'x' } }, `${TENANT}/changes/c1/body`),
  });
}

test('what an old key sealed is sealed anew, and then nothing needs that key', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', { userName: 'kept', active: true });
  await settled(tenant, created);
  const bulk = await tenant.scim('POST', '/Bulk', bulkOf([newUser('kept-bulk')]));
  assert.equal(bulk.status, 200, bulk.text);
  assert.equal((await fetch(`${provost.url}/oauth2/jwks`)).status, 200);
  await writeOthers(provost.mongo);
  const collections = Object.keys(await sealedBy(provost.mongo, 'old')).sort();
  assert.deepEqual(collections, [
    ...[
      'approvals',
      'bulk-pages',
      'changes',
      'findings',
      'links',
      'policies',
      'secrets',
      'signing-keys',
      'step-edits',
      'webhooks',
    ],
  ]);
  await provost.stopWorker();

  const done = await reseal(env, `${NEW},${OLD}`);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /^Everything in the database is sealed with key "new"\.$/m);
  assert.match(done.stderr, /^links: 2 looked at, \d+ values sealed anew$/m);
  assert.deepEqual(await sealedBy(provost.mongo, 'old'), {});
  assert.deepEqual(Object.keys(await sealedBy(provost.mongo, 'new')).sort(), collections);

  const sealer = createSealer(createKeyRing(loadConfig({ ...env, PROVOST_ENCRYPTION_KEYS: NEW }).encryption.keys));
  const { mongo } = provost;
  const webhook = await createWebhookStore(mongo, sealer).find(TENANT, 'w1', '2026-01-01T00:00:00.000Z');
  assert.deepEqual(webhook?.secrets, ['whsec_bmV3', 'whsec_c2VjcmV0'], 'both, while both are in force');
  assert.equal((await createSigningKeyStore(mongo, sealer).list()).length, 1);
  assert.deepEqual(
    await createStepEditStore(mongo, sealer).find({
      tenant: TENANT,
      change: asChangeId('c1'),
      target: asTargetId('t1'),
    }),
    { edit: { set: { title: 'Dr' }, remove: [] } },
  );

  const renewed = await startInstallation({ env: { ...env, PROVOST_ENCRYPTION_KEYS: NEW } });
  try {
    const scim = sender(`${renewed.url}/scim/v2`, { authorization: tenant.authorization });
    const admin = sender(`${renewed.url}/admin/v1/tenants/${tenant.id}`, { authorization: tenant.authorization });
    const patched = await scim('PATCH', `/Users/${created.body['id']}`, replacing('displayName', 'Kept'));
    assert.equal(patched.status, 200, patched.text);
    await settled({ admin }, patched);
    const [account, ...others] = await sandbox.accounts('kept');
    assert.deepEqual([account?.['displayName'], others.length], ['Kept', 1]);
  } finally {
    await renewed.stop();
  }
});

test('what no key of the list opens is counted and left as it is', async (t) => {
  const elsewhere = ownEnvironment({ PROVOST_ENCRYPTION_KEYS: OLD });
  const mongo = await connectMongo(loadConfig(elsewhere).mongo);
  t.after(async () => {
    await mongo.dropDatabase();
    await mongo.close();
  });
  await writeOthers(mongo);
  const early = await reseal(elsewhere, NEW);
  assert.equal(early.code, 1);
  assert.match(early.stderr, /npm run migrate/, 'what only a migration opens would be lost');
  const ids = MIGRATIONS.map(({ id }) => id);
  await createMigrationProgress(mongo).saveNotNeeded(ids, new Date().toISOString());
  const failed = await reseal(elsewhere, NEW);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /2 values in findings, sealed with key "old"/);
  assert.match(failed.stderr, /Add their keys to PROVOST_ENCRYPTION_KEYS again/);
  assert.equal((await sealedBy(mongo, 'old'))['findings'], 2);
});
