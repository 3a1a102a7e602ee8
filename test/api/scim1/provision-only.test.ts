import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { type FaultySandbox, startFaultySandbox } from '../../end-to-end/sandbox.ts';
import { until } from '../../until.ts';
import { CORE, ENTERPRISE, newTenant1 } from './client.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;
before(async () => {
  [provost, sandbox] = await Promise.all([startInstallation(), startFaultySandbox()]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

test('WSO2’s dumb mode: a user goes through to the target in the words of 2.0 and is not kept', async () => {
  const { scim1, id, find } = await newTenant1(provost.url, {
    mode: 'provision-only',
    targets: [{ ...sandbox.wish, blocking: true, deprovision: 'delete' }],
  });
  const created = await scim1('POST', '/Users', {
    schemas: [CORE, ENTERPRISE],
    userName: 'through',
    title: 'Clerk',
    [ENTERPRISE]: { department: 'Tour' },
  });
  assert.equal(created.status, 201, created.text);
  assert.deepEqual([created.body['userName'], created.body[ENTERPRISE]], ['through', { department: 'Tour' }]);
  const [account] = await sandbox.accounts('through');
  assert.equal(account?.['title'], 'Clerk');
  const path = `/Users/${created.body['id']}`;
  assert.equal((await find('Users', {})).totalResults, 0);
  assert.equal(await provost.mongo.collection('resources').countDocuments({ tenant: id }), 0);

  const patched = await scim1('PATCH', path, { schemas: [CORE], title: 'Chief' });
  assert.equal(patched.status, 204, 'what is not kept cannot be shown');
  await until(
    'the title',
    async () => (await sandbox.accounts('through'))[0]?.['title'],
    (title) => title === 'Chief',
  );
  assert.equal((await scim1('DELETE', path)).status, 200);
  await until(
    'the account gone',
    () => sandbox.accounts('through'),
    (held) => held.length === 0,
  );
});

test('WSO2’s dumb mode works for groups as well', async () => {
  const { scim1, id } = await newTenant1(provost.url, {
    mode: 'provision-only',
    targets: [{ ...sandbox.wish, blocking: true, deprovision: 'delete' }],
  });
  const created = await scim1('POST', '/Groups', { schemas: [CORE], displayName: 'Through' });
  assert.equal(created.status, 201, created.text);
  assert.equal(created.body['displayName'], 'Through');
  assert.ok(sandbox.received.some(({ method, path }) => method === 'POST' && path.includes('/Groups')));
  assert.equal(await provost.mongo.collection('resources').countDocuments({ tenant: id }), 0);
  assert.equal((await scim1('DELETE', `/Groups/${created.body['id']}`)).status, 200);
  await until(
    'the group gone',
    () => sandbox.received.filter(({ method, path }) => method === 'DELETE' && path.includes('/Groups')).length,
  );
});
