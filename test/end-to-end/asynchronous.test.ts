import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { bulkOf, newGroup, newUser, type OperationAnswer, operationsIn, pathOf, statuses } from './bulk-request.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { refusal, startFaultySandbox } from './sandbox.ts';
import { type Answer, basicAuthorization, newTenant, replacing, type Send, sender } from './tenant.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(async () => {
  await provost.stop();
});

const LATER = { prefer: 'respond-async' };

/** Where the outcome of a request that was taken can be read, below the SCIM service. */
function placeOf(answer: Answer): string {
  assert.equal(answer.status, 202, answer.text);
  assert.equal(answer.text, '');
  assert.equal(answer.headers.get('preference-applied'), 'respond-async');
  const transaction = answer.headers.get('set-txn') ?? '';
  const path = pathOf({ location: answer.headers.get('location') ?? '' });
  assert.equal(path, `/AsyncRequests/${transaction}`);
  return path;
}

async function outcomeAt(scim: Send, place: string): Promise<Record<string, unknown>> {
  const look = async () => (await scim('GET', place)).body;
  const { response } = await until('the outcome', look, ({ status }) => status === 'completed');
  return response as Record<string, unknown>;
}

const outcomeOf = async (scim: Send, answer: Answer): Promise<OperationAnswer> =>
  (await outcomeAt(scim, placeOf(answer))) as unknown as OperationAnswer;

test('RFC 9967 §2.5.1: a creation, a PATCH and a deletion are taken at once, and what came of them can be read', async () => {
  const { scim } = await newTenant(provost.url);
  const created = await outcomeOf(scim, await scim('POST', '/Users', { userName: 'ada' }, LATER));
  assert.deepEqual([created.method, created.status, created.version], ['POST', '201', 'W/"1"']);
  const user = pathOf(created);
  assert.equal((await scim('GET', user)).body['userName'], 'ada');

  const patched = await outcomeOf(scim, await scim('PATCH', user, replacing('title', 'Countess'), LATER));
  assert.deepEqual(patched, {
    location: created.location,
    method: 'PATCH',
    version: 'W/"2"',
    status: '200',
  });
  const replaced = await outcomeOf(scim, await scim('PUT', user, { userName: 'lovelace' }, LATER));
  assert.deepEqual([replaced.method, replaced.status], ['PUT', '200']);
  const deleted = await outcomeOf(scim, await scim('DELETE', user, undefined, LATER));
  assert.deepEqual([deleted.method, deleted.status, deleted.version], ['DELETE', '204', undefined]);
  assert.equal((await scim('GET', user)).status, 404);
});

test('what failed says why, as it would have been answered', async () => {
  const { scim } = await newTenant(provost.url);
  await scim('POST', '/Users', { userName: 'taken' });
  const { status, response } = await outcomeOf(scim, await scim('POST', '/Users', { userName: 'taken' }, LATER));
  assert.equal(status, '409');
  assert.equal(response?.scimType, 'uniqueness');
  const malformed = await scim('POST', '/Users', { active: true }, LATER);
  assert.equal(malformed.status, 400, 'what is malformed is not taken');
});

test('a bulk request that is not waited for goes on, and its whole answer can be read', async () => {
  const { scim } = await newTenant(provost.url);
  const request = bulkOf([newUser('ada'), newGroup('poets', ['bulkId:ada']), newUser('ada', { userName: 'x' })]);
  const place = placeOf(await scim('POST', '/Bulk', request, LATER));
  const body = await outcomeAt(scim, place);
  assert.deepEqual(body['schemas'], ['urn:ietf:params:scim:api:messages:2.0:BulkResponse']);
  assert.deepEqual(statuses(operationsIn({ body })), ['201', '201', '400']);
});

test('a request that is not waited for is done although no worker runs when it comes', async () => {
  const { scim } = await newTenant(provost.url);
  await provost.stopWorker();
  const [user, bulk] = await Promise.all([
    scim('POST', '/Users', { userName: 'ada' }, LATER),
    scim('POST', '/Bulk', bulkOf([newUser('bob')]), LATER),
  ]);
  const places = [placeOf(user), placeOf(bulk)];
  for (const place of places) {
    const { status, body, headers } = await scim('GET', place);
    assert.deepEqual([status, body['status'], body['response']], [200, 'pending', undefined]);
    assert.equal(headers.get('retry-after'), '1');
  }
  await provost.startWorker();
  for (const place of places) await outcomeAt(scim, place);
  assert.equal((await scim('GET', '/Users')).body['totalResults'], 2);
});

test('with wait=, the real answer comes if it is there in time, else 202; and the change is done once', async () => {
  const { id, scim } = await newTenant(provost.url);
  const quick = await scim('POST', '/Users', { userName: 'ada' }, { prefer: 'respond-async, wait=30' });
  assert.equal(quick.status, 201, quick.text);
  const bulk = await scim('POST', '/Bulk', bulkOf([newUser('eve')]), { prefer: 'wait=30, respond-async' });
  assert.equal(bulk.status, 200, bulk.text);
  await provost.stopWorker();
  const slow = await scim('POST', '/Users', { userName: 'bob' }, { prefer: 'respond-async; x, wait=1' });
  const place = placeOf(slow);
  await provost.startWorker();
  const { status } = (await outcomeAt(scim, place)) as unknown as OperationAnswer;
  assert.equal(status, '201');
  const changes = await provost.mongo.collection('changes').countDocuments({ tenant: id });
  assert.equal(changes, 3);
});

test('only the client that sent a request may ask for its outcome', async () => {
  const tenant = await newTenant(provost.url);
  const stranger = await newTenant(provost.url);
  const { body } = await tenant.admin('POST', `/service-providers/${tenant.serviceProvider}/credentials`, {
    kind: 'basic',
    scopes: ['scim'],
    roles: [],
  });
  const colleague = sender(`${provost.url}/scim/v2`, {
    authorization: basicAuthorization(String(body['id']), String(body['secret'])),
  });
  const places = [
    placeOf(await tenant.scim('POST', '/Users', { userName: 'ada' }, LATER)),
    placeOf(await tenant.scim('POST', '/Bulk', bulkOf([newUser('bob')]), LATER)),
  ];
  for (const place of places) {
    assert.equal((await tenant.scim('GET', place)).status, 200);
    assert.equal((await stranger.scim('GET', place)).status, 404);
    assert.equal((await colleague('GET', place)).status, 404);
  }
  assert.equal((await tenant.scim('GET', `/AsyncRequests/${randomUUID()}`)).status, 404);
});

test('the same Idempotency-Key again leads to the same transaction', async () => {
  const { scim } = await newTenant(provost.url);
  const headers = { ...LATER, 'idempotency-key': randomUUID() };
  const first = await scim('POST', '/Users', { userName: 'ada' }, headers);
  const second = await scim('POST', '/Users', { userName: 'ada' }, headers);
  assert.equal(placeOf(second), placeOf(first));
  await outcomeAt(scim, placeOf(first));
  const afterwards = await scim(
    'POST',
    '/Users',
    { userName: 'ada' },
    { 'idempotency-key': headers['idempotency-key'] },
  );
  assert.equal(afterwards.status, 201, afterwards.text);
  assert.equal((await scim('GET', '/Users')).body['totalResults'], 1);
  assert.equal((await scim('POST', '/Users', { userName: 'eve' }, headers)).status, 422);
});

test('the outcome of a change that must reach a blocking target is not known before that', async (t) => {
  const target = await startFaultySandbox();
  t.after(() => target.stop());
  const { scim } = await newTenant(provost.url, { targets: [{ ...target.wish, blocking: true }] });
  target.fail(() => refusal(503, 'not now'));
  const place = placeOf(await scim('POST', '/Users', { userName: 'ada' }, LATER));
  await until('the first call at the target', () => target.received.length > 0);
  assert.equal((await scim('GET', place)).body['status'], 'pending');
  target.heal();
  const { status } = (await outcomeAt(scim, place)) as unknown as OperationAnswer;
  assert.equal(status, '201');
  assert.equal((await target.accounts('ada')).length, 1);
});
