import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ChangeBody } from '../../domain/change.ts';
import type { Resource } from '../../domain/scim/resource.ts';
import { createKeyRing } from '../../platform/key-ring.ts';
import { createSealer } from '../../platform/seal.ts';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { userWorkflowId } from './parked-user.ts';
import { type FaultySandbox, startFaultySandbox } from './sandbox.ts';
import { type Answer, newTenant, replacing, settled, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  [provost, sandbox] = await Promise.all([startInstallation(), startFaultySandbox()]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

const withKey = (key: string) => ({ 'idempotency-key': key });
/** What a client can see of an answer, but for the id of the request itself. */
const seen = ({ status, text, headers }: Answer) => [
  status,
  text,
  headers.get('etag'),
  headers.get('location'),
  headers.get('provost-change'),
];
const writesSince = (from: number): number =>
  sandbox.received.slice(from).filter(({ method }) => method !== 'GET').length;

async function runEnded(tenant: TestTenant, user: unknown): Promise<void> {
  await provost.temporal.workflow.getHandle(userWorkflowId(tenant, user)).result();
}

test('a create sent several times at once with one Idempotency-Key is done once and answered alike', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const from = sandbox.received.length;
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => tenant.scim('POST', '/Users', { userName: 'once', title: 'Clerk' }, withKey('k'))),
  );
  for (const answer of answers) assert.deepEqual(seen(answer), seen(answers[0] as Answer));
  assert.equal(answers[0]?.status, 201, answers[0]?.text);
  await settled(tenant, answers[0] as Answer);
  assert.equal(writesSince(from), 1);
  assert.equal((await sandbox.accounts('once')).length, 1);
});

test('a second create with the same Idempotency-Key answers the first user and touches no target', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const request = { userName: 'twice', title: 'Clerk' };
  const first = await tenant.scim('POST', '/Users', request, withKey('k'));
  await settled(tenant, first);
  await runEnded(tenant, first.body['id']);
  const from = sandbox.received.length;
  assert.deepEqual(seen(await tenant.scim('POST', '/Users', request, withKey('k'))), seen(first));
  await provost.restartApi();
  assert.deepEqual(seen(await tenant.scim('POST', '/Users', request, withKey('k'))), seen(first));
  assert.equal(sandbox.received.length, from);
});

test('a PATCH sent again with its key after a later one is not applied again', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', { userName: 'later' });
  const path = `/Users/${created.body['id']}`;
  const first = await tenant.scim('PATCH', path, replacing('title', 'First'), withKey('first'));
  assert.equal(first.status, 200, first.text);
  await settled(tenant, await tenant.scim('PATCH', path, replacing('title', 'Second'), withKey('second')));
  await runEnded(tenant, created.body['id']);
  const from = sandbox.received.length;
  const again = await tenant.scim('PATCH', path, replacing('title', 'First'), withKey('first'));
  assert.equal(again.status, 200, again.text);
  assert.equal((await tenant.scim('GET', path)).body['title'], 'Second');
  assert.equal(sandbox.received.length, from);
});

/** As it is when a worker died after a change was written, and before its record said so. */
async function forgetWriting({ id }: TestTenant, { headers }: Answer, body: ChangeBody): Promise<void> {
  const change = headers.get('provost-change') ?? '';
  const sealer = createSealer(createKeyRing(provost.config.encryption.keys));
  await provost.mongo.collection('changes').updateOne(
    { _id: change as never, tenant: id },
    {
      $set: { state: 'received', steps: [], body: sealer.seal(body, `${id}/changes/${change}/body`) },
      $unset: { reference: '', settledAt: '' },
    },
  );
}

test('what was written before its worker died is not done again, though a deactivation was written upon it since', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const user = { userName: 'overtaken', active: true };
  const created = await tenant.scim('POST', '/Users', user, withKey('create'));
  const path = `/Users/${created.body['id']}`;
  await settled(tenant, created);
  await settled(tenant, await tenant.scim('PATCH', path, replacing('active', false)));
  await runEnded(tenant, created.body['id']);
  const schemas = created.body['schemas'];
  await forgetWriting(tenant, created, { kind: 'create', resource: { schemas, ...user } as Resource });
  const again = await tenant.scim('POST', '/Users', user, withKey('create'));
  assert.deepEqual([again.status, again.body['id']], [201, created.body['id']], again.text);
  await settled(tenant, again);
  await runEnded(tenant, created.body['id']);

  const replace = { ...user, active: true, title: 'Chief' };
  const condition = { 'if-match': 'W/"2"', ...withKey('replace') };
  const replaced = await tenant.scim('PUT', path, replace, condition);
  assert.deepEqual([replaced.status, replaced.headers.get('etag')], [200, 'W/"3"'], replaced.text);
  await settled(tenant, replaced);
  await settled(tenant, await tenant.scim('PATCH', path, replacing('active', false)));
  await runEnded(tenant, created.body['id']);
  await forgetWriting(tenant, replaced, { kind: 'replace', resource: { schemas, ...replace } as Resource });
  const repeated = await tenant.scim('PUT', path, replace, condition);
  assert.equal(repeated.status, 200, repeated.text);
  await settled(tenant, repeated);
  const stands = await tenant.scim('GET', path);
  assert.deepEqual(
    [stands.headers.get('etag'), stands.body['active'], stands.body['title']],
    ['W/"4"', false, 'Chief'],
  );
  const [account] = await sandbox.accounts('overtaken');
  assert.equal(account?.['active'], false);
});

test('a deletion sent again with its key is answered as the first time', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', { userName: 'removed' });
  await settled(tenant, created);
  const path = `/Users/${created.body['id']}`;
  assert.equal((await tenant.scim('DELETE', path, undefined, withKey('bye'))).status, 204);
  await runEnded(tenant, created.body['id']);
  assert.equal((await tenant.scim('DELETE', path, undefined, withKey('bye'))).status, 204);
  assert.equal((await tenant.scim('DELETE', path)).status, 404, 'one of its own finds nothing');
});

test('a refusal is repeated as well, even when the reason has gone', async () => {
  const tenant = await newTenant(provost.url, {});
  const holder = await tenant.scim('POST', '/Users', { userName: 'taken' });
  const refused = await tenant.scim('POST', '/Users', { userName: 'Taken' }, withKey('k'));
  assert.equal(refused.status, 409, refused.text);
  await tenant.scim('DELETE', `/Users/${holder.body['id']}`);
  assert.deepEqual(seen(await tenant.scim('POST', '/Users', { userName: 'Taken' }, withKey('k'))), seen(refused));
  assert.equal((await tenant.scim('POST', '/Users', { userName: 'Taken' }, withKey('other'))).status, 201);
});

test('a key that was used for another request is refused, and nothing happens', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const first = await tenant.scim('POST', '/Users', { userName: 'original' }, withKey('k'));
  await settled(tenant, first);
  const reused = await tenant.scim('POST', '/Users', { userName: 'forged' }, withKey('k'));
  assert.equal(reused.status, 422, reused.text);
  assert.match(String(reused.body['detail']), /Idempotency-Key was used for another request/);
  assert.equal((await tenant.scim('GET', '/Users')).body['totalResults'], 1);
  assert.deepEqual(await sandbox.accounts('forged'), []);
});

test('one key of two clients is two keys', async () => {
  const [one, other] = await Promise.all([newTenant(provost.url), newTenant(provost.url)]);
  const answers = [one, other].map(({ scim }) => scim('POST', '/Users', { userName: 'shared' }, withKey('k')));
  const [left, right] = await Promise.all(answers);
  assert.deepEqual([left?.status, right?.status], [201, 201]);
  assert.notEqual(left?.body['id'], right?.body['id']);
});

test('without a key, two creates of one user name are a create and a conflict', async () => {
  const { scim } = await newTenant(provost.url, {});
  assert.equal((await scim('POST', '/Users', { userName: 'ada' })).status, 201);
  const second = await scim('POST', '/Users', { userName: 'ADA' });
  assert.deepEqual([second.status, second.body['scimType']], [409, 'uniqueness']);
});

test('a request sent again while its step is parked is answered, and the parked step stays where it is', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  sandbox.fail(({ method }) => (method === 'POST' ? { kind: 'answer', status: 400 } : undefined));
  const first = await tenant.scim('POST', '/Users', { userName: 'held' }, withKey('k'));
  const list = async () => ((await tenant.admin('GET', '/attention')).body as { items: unknown[] }).items.length;
  await until('parked', list, (parked) => parked === 1);
  const from = sandbox.received.length;
  assert.deepEqual(seen(await tenant.scim('POST', '/Users', { userName: 'held' }, withKey('k'))), seen(first));
  assert.equal(await list(), 1);
  assert.equal(sandbox.received.length, from);
  sandbox.heal();
});
