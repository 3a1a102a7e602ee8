/**
 * `node test/upgrade/fill-database.ts FILE`: runs API and worker of the checkout that it lies in, has them fill a database
 * with one of everything, and writes that database with what it is to hold. The fixtures beside it were written by this
 * file in a checkout of the release that they are named for, with MONGODB_URI and TEMPORAL_ADDRESS set.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import mongoose, { type Connection } from 'mongoose';
import { soapClient } from '../api/soap/soap-client.ts';
import { ask, asked, decide, newPerson, titles } from '../end-to-end/approvers.ts';
import { bulkOf, newUser } from '../end-to-end/bulk-request.ts';
import { startInstallation } from '../end-to-end/installation.ts';
import { refusal, startFaultySandbox } from '../end-to-end/sandbox.ts';
import { type Answer, inState, newTenant, replacing, sender, settled, type TestTenant } from '../end-to-end/tenant.ts';
import { until } from '../until.ts';

const KEY = 'older:QmFzZTY0IG9mIGEga2V5IHRoYXQgb25seSB0ZXN0cyE=';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';

async function dump(mongo: Connection): Promise<Record<string, unknown[]>> {
  const collections: Record<string, unknown[]> = {};
  for (const { name } of await mongo.listCollections())
    collections[name] = await mongo.collection(name).find({}).sort({ _id: 1 }).toArray();
  return collections;
}

const ok = (answer: Answer, ...statuses: number[]): Answer => {
  assert.ok(statuses.includes(answer.status), `${answer.status}: ${answer.text}`);
  return answer;
};
const idOf = ({ body }: Answer): string => String(body['id']);

const provost = await startInstallation({ env: { PROVOST_ENCRYPTION_KEYS: KEY } });
const [sandbox, refusing] = [await startFaultySandbox(), await startFaultySandbox()];

/** Users as older releases kept them, a group, a change that is parked, decided approvals, jobs, a finding. */
async function fillMain(tenant: TestTenant): Promise<Record<string, unknown>> {
  const { scim, admin } = tenant;
  const create = async (body: object, key: string): Promise<Answer> =>
    ok(await scim('POST', '/Users', body, { 'idempotency-key': key }), 201);
  const ada = await create({ userName: 'ada', active: true, title: 'Countess', password: 'secret of ada' }, 'ada');
  const ben = await create({ userName: 'ben', emails: [{ value: 'ben@old.example', primary: true }] }, 'ben');
  const cleo = await create({ userName: 'cleo', active: true, externalId: 'c-1' }, 'cleo');
  for (const user of [ada, ben, cleo]) await settled(tenant, user);
  await settled(tenant, ok(await scim('PATCH', `/Users/${idOf(cleo)}`, replacing('active', false)), 200));
  const group = ok(
    await scim('POST', '/Groups', { displayName: 'crew', members: [{ value: idOf(ada) }, { value: idOf(ben) }] }),
    201,
  );
  await settled(tenant, group);
  const dora = await create({ userName: 'dora', active: true }, 'dora');
  await settled(tenant, dora);
  await settled(tenant, ok(await scim('DELETE', `/Users/${idOf(dora)}`), 204));
  ok(await scim('DELETE', '/Users/nobody-has-this-id'), 404);
  ok(await scim('POST', '/Bulk', bulkOf([newUser('bulk-1'), newUser('bulk-2')])), 200);

  const waiting = tenant.targets[1] ?? '';
  const state = `/identity-providers/${tenant.identityProvider}/targets/${waiting}/state`;
  ok(await admin('POST', `${state}/pause`, {}), 200);
  ok(await admin('POST', `${state}/resume`, {}), 200);
  refusing.fail(({ method }) => (method === 'POST' ? refusal(400, 'not yet') : undefined));
  const parked = await create({ userName: 'eve', active: true }, 'eve');
  await inState(tenant, asked(parked), 'parked');
  const grown = ok(
    await scim('PATCH', `/Groups/${idOf(group)}`, {
      ...replacing('displayName', 'crew'),
      Operations: [{ op: 'add', path: 'members', value: [{ value: idOf(parked) }] }],
    }),
    200,
    204,
  );
  ok(await admin('POST', `/changes/${asked(parked)}/edit`, { target: waiting, set: { title: 'Dr' } }), 200);
  await inState(tenant, asked(parked), 'parked');

  const boss = await newPerson(provost.url, tenant, 'boss');
  const other = await newPerson(provost.url, tenant, 'other');
  await ask(tenant, ...titles([{ approvers: [{ kind: 'user', id: boss.id }] }]));
  const granted = ok(await scim('PATCH', `/Users/${idOf(ada)}`, replacing('title', 'Engineer')), 202);
  ok(await decide(boss, asked(granted), 'approve', 'well earned'), 200);
  await settled(tenant, granted);
  const refused = ok(await scim('PATCH', `/Users/${idOf(ben)}`, replacing('title', 'King')), 202);
  ok(await decide(boss, asked(refused), 'refuse'), 200);
  await inState(tenant, asked(refused), 'rejected');
  const undecided = ok(await scim('PATCH', `/Users/${idOf(ben)}`, replacing('title', 'Clerk')), 202);
  await inState(tenant, asked(undecided), 'waiting-approval');
  ok(await admin('POST', '/approval-webhooks', { url: 'https://hooks.example/approvals' }), 201);
  ok(await boss.admin('PUT', '/approvals/delegation', { delegate: other.id, until: '2099-01-01T00:00:00Z' }), 200, 201);

  const credentials = `/service-providers/${tenant.serviceProvider}/credentials`;
  const client = ok(
    await admin('POST', credentials, { kind: 'client', scopes: ['scim', 'admin'], roles: ['admin'] }),
    201,
  );
  const token = ok(await admin('POST', credentials, { kind: 'token', scopes: ['scim:read'] }), 201);

  const directly = sender(sandbox.wish.baseUrl, { authorization: `Bearer ${sandbox.wish.token}` });
  ok(await directly('POST', '/Users', { schemas: [USER], userName: 'stranger' }), 201);
  const jobs: string[] = [];
  for (const job of [
    { kind: 'resync-target', target: tenant.targets[0] },
    { kind: 'reconcile-target', target: tenant.targets[0], dryRun: true },
  ]) {
    const id = idOf(ok(await admin('POST', '/jobs', job), 201));
    await until(
      `job ${id}`,
      async () => (await admin('GET', `/jobs/${id}`)).body,
      ({ state }) => state === 'done',
      60_000,
    );
    jobs.push(id);
  }
  const soap = soapClient(provost.url, tenant.authorization);
  assert.equal((await soap('addUser', { userName: 'sona', credential: 'Pw#12345' })).status, 202);
  return {
    ...factsOf(tenant),
    users: { ada: idOf(ada), ben: idOf(ben), cleo: idOf(cleo), dora: idOf(dora), eve: idOf(parked), boss: boss.id },
    group: idOf(group),
    changes: {
      ada: asked(ada),
      parked: asked(parked),
      grown: asked(grown),
      granted: asked(granted),
      refused: asked(refused),
      undecided: asked(undecided),
    },
    jobs,
    client: { id: idOf(client), secret: String(client.body['secret']) },
    token: { id: idOf(token), secret: String(token.body['secret']) },
  };
}

/** A tenant that keeps nobody: accounts are found by what clients call them. */
async function fillProvisionOnly(tenant: TestTenant): Promise<Record<string, unknown>> {
  const soap = soapClient(provost.url, tenant.authorization);
  assert.equal((await soap('addUser', { userName: 'passing', credential: 'Pw#12345' })).status, 202);
  const [account] = await until(
    'the account',
    () => provost.mongo.collection('links').find({ tenant: tenant.id, state: 'linked' }).toArray(),
    (links) => links.length > 0,
  );
  return { ...factsOf(tenant), soapUser: { userName: 'passing', id: account?.['resourceId'] } };
}

const factsOf = ({ id, identityProvider, serviceProvider, targets, credential }: TestTenant) => ({
  id,
  identityProvider,
  serviceProvider,
  targets,
  credential,
});

try {
  const main = await newTenant(provost.url, { targets: [{ ...sandbox.wish, deprovision: 'delete' }, refusing.wish] });
  const facts = {
    encryptionKeys: KEY,
    main: await fillMain(main),
    provisionOnly: await fillProvisionOnly(
      await newTenant(provost.url, { mode: 'provision-only', targets: [sandbox.wish] }),
    ),
  };
  assert.equal((await fetch(`${provost.url}/oauth2/jwks`)).status, 200);
  await provost.stopWorker();
  const content = { facts, collections: await dump(provost.mongo) };
  const text = mongoose.mongo.BSON.EJSON.stringify(content, { relaxed: false });
  const [, , file = ''] = process.argv;
  writeFileSync(file, gzipSync(text, { level: 9 }));
  for (const [name, documents] of Object.entries(content.collections)) console.log(`${name}: ${documents.length}`);
} finally {
  await provost.stop();
  await sandbox.stop();
  await refusing.stop();
}
process.exit(0);
