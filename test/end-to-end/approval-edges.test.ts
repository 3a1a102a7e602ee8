import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { soapClient } from '../api/soap/soap-client.ts';
import { until } from '../until.ts';
import { approvers, ask, asked, decide, newPerson, type Person, titles } from './approvers.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, patchOf, replacing, sender, settled, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  [provost, sandbox] = await Promise.all([
    startInstallation({ env: { PROVOST_CONTINUE_AS_NEW_EVENTS: '100' } }),
    startFaultySandbox(),
  ]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

const person = (tenant: TestTenant, userName: string): Promise<Person> => newPerson(provost.url, tenant, userName);
const runsOf = (tenant: TestTenant, user: string): Promise<number> =>
  provost.temporal.workflow.count(`WorkflowId = 'user/${tenant.id}/${user}'`).then(({ count }) => count);
/** The settings of the tenant's service provider, with these in their place. */
async function setProvider(tenant: TestTenant, own: object): Promise<void> {
  const path = `/service-providers/${tenant.serviceProvider}`;
  const { id: _id, resident: _resident, ...settings } = (await tenant.admin('GET', path)).body;
  const answer = await tenant.admin('PUT', path, { ...settings, ...own });
  assert.equal(answer.status, 200, answer.text);
}

test('what waits goes on waiting over many runs of a busy resource, before it is written and before its target', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const boss = await person(tenant, 'boss-1');
  const subject = await person(tenant, 'subject-1');
  const stages = [{ approvers: approvers(boss) }];
  await ask(tenant, ...titles(stages), { name: 'mails', before: 'target', attributes: ['emails'], stages });
  const path = `/Users/${subject.id}`;
  const title = await tenant.scim('PATCH', path, replacing('title', 'Chief'));
  const mails = [{ value: 'subject@example.com', primary: true }];
  const mail = await tenant.scim('PATCH', path, patchOf({ op: 'add', path: 'emails', value: mails }));
  assert.deepEqual([title.status, mail.status], [202, 200], mail.text);
  for (let round = 1; round <= 60 && (await runsOf(tenant, subject.id)) < 3; round += 1)
    await Promise.all(
      Array.from({ length: 5 }, (_, index) => tenant.scim('PATCH', path, replacing('nickName', `N${round}.${index}`))),
    );
  assert.ok((await runsOf(tenant, subject.id)) >= 3, 'several runs');
  assert.deepEqual((await sandbox.accounts('subject-1'))[0]?.['emails'] ?? [], []);
  assert.equal((await decide(boss, `${asked(mail)}.${tenant.targets[0]}`, 'approve')).body['state'], 'granted');
  assert.equal((await decide(boss, asked(title), 'approve')).body['state'], 'granted');
  await Promise.all([settled(tenant, mail), settled(tenant, title)]);
  const [account] = await sandbox.accounts('subject-1');
  assert.equal(account?.['title'], 'Chief');
  assert.match(JSON.stringify(account?.['emails']), /subject@example\.com/);
});

test('a SOAP client is told by a fault that its change was taken and waits', async () => {
  const tenant = await newTenant(provost.url);
  const boss = await person(tenant, 'boss-2');
  const subject = await person(tenant, 'subject-2');
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const soap = soapClient(provost.url, tenant.authorization);
  const reply = await soap('setUserClaimValue', {
    userName: 'subject-2',
    claimURI: 'http://wso2.org/claims/title',
    claimValue: 'Soapy',
    profileName: 'default',
  });
  assert.match(reply.fault?.reason ?? '', /waits for an approval/, reply.text);
  assert.equal((await tenant.scim('GET', `/Users/${subject.id}`)).body['title'], undefined);
  const { body } = await tenant.admin('GET', `/approvals?state=waiting`);
  const mine = (body['items'] as Record<string, unknown>[]).find(({ resource }) => resource === subject.id);
  assert.equal((await decide(boss, String(mine?.['id']), 'approve')).body['state'], 'granted');
  await inState(tenant, String(mine?.['change']), 'settled');
  assert.equal((await tenant.scim('GET', `/Users/${subject.id}`)).body['title'], 'Soapy');
});

test('what is sent on without being kept waits as well', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const boss = await person(tenant, 'boss-3');
  await setProvider(tenant, { mode: 'provision-only' });
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const created = await tenant.scim('POST', '/Users', { userName: 'passing', title: 'Clerk' });
  assert.equal(created.status, 202, created.text);
  assert.deepEqual(await sandbox.accounts('passing'), []);
  assert.equal((await decide(boss, asked(created), 'approve')).body['state'], 'granted');
  await settled(tenant, created);
  assert.equal((await sandbox.accounts('passing'))[0]?.['title'], 'Clerk');
});

test('a service provider has rules of its own, and its clients may be shown the resource as it stands', async () => {
  const tenant = await newTenant(provost.url);
  const boss = await person(tenant, 'boss-4');
  const subject = await person(tenant, 'subject-4');
  const path = `/Users/${subject.id}`;
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  await setProvider(tenant, { approvals: [] });
  await until(
    'no rules for it',
    () => tenant.scim('POST', '/Users', { userName: `free-${Math.random()}`, title: 'free' }),
    ({ status }) => status === 201,
  );
  await setProvider(tenant, {
    whileWaiting: 'as-it-stands',
    approvals: [{ name: 'nicks', attributes: ['nickName'], stages: [{ approvers: approvers(boss) }] }],
  });
  const changed = await until(
    'its own rules',
    () => tenant.scim('PATCH', path, replacing('nickName', `N${Math.random()}`)),
    ({ headers }) => headers.get('provost-approval') === 'waiting',
  );
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.body['userName'], 'subject-4');
  const put = await tenant.scim('PUT', path, { userName: 'subject-4', nickName: 'Put' });
  assert.deepEqual([put.status, put.headers.get('provost-approval')], [200, 'waiting'], put.text);
  assert.notEqual(put.body['nickName'], 'Put');
  assert.equal((await tenant.scim('GET', `/AsyncRequests/${asked(changed)}`)).body['status'], 'pending');
  const scim1 = sender(`${provost.url}/scim/v1`, { authorization: tenant.authorization });
  const old = await scim1('PATCH', path, { nickName: 'Old', schemas: ['urn:scim:schemas:core:1.0'] });
  assert.deepEqual([old.status, old.headers.get('provost-approval')], [200, 'waiting'], old.text);
  const created = await tenant.scim('POST', '/Users', { userName: 'later', nickName: 'L' });
  assert.equal(created.status, 202, 'there is nothing to show of what is not there');
});

test('an operation of a bulk request that waits is no failure, and one that refers to it is not begun', async () => {
  const tenant = await newTenant(provost.url);
  const boss = await person(tenant, 'boss-5');
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const bulk = await tenant.scim('POST', '/Bulk', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    failOnErrors: 1,
    Operations: [
      { method: 'POST', path: '/Users', bulkId: 'waits', data: { userName: 'bulk-waits', title: 'Clerk' } },
      { method: 'POST', path: '/Users', bulkId: 'free', data: { userName: 'bulk-free' } },
      {
        method: 'POST',
        path: '/Groups',
        bulkId: 'group',
        data: { displayName: 'bulk-group', members: [{ value: 'bulkId:waits' }] },
      },
    ],
  });
  const statuses = (bulk.body['Operations'] as Record<string, unknown>[]).map(({ status }) => status);
  assert.deepEqual(statuses, ['202', '201', '409'], bulk.text);
});

test('an order that was forged malformed is refused by the workflow, and lists and decisions go on', async () => {
  const tenant = await newTenant(provost.url);
  const boss = await person(tenant, 'boss-6');
  const subject = await person(tenant, 'subject-6');
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'Chief'));
  const workflow = provost.temporal.workflow.getHandle(`user/${tenant.id}/${subject.id}`);
  const at = new Date().toISOString();
  const forged: unknown[] = [
    { change: asked(changed), order: { kind: 'reassign', approvers: 'user:x' }, by: 'x', at },
    { change: asked(changed), order: { kind: 'reassign', approvers: [{ id: 1 }] }, by: 'x', at },
    { change: asked(changed), order: { kind: 'approve' }, by: `user:${boss.id}`, at: 'soon' },
    { change: asked(changed), order: 'grant', by: 'x', at },
  ];
  for (const move of forged)
    await assert.rejects(workflow.executeUpdate('moveApproval', { args: [move] }), JSON.stringify(move));
  const listed = await tenant.admin('GET', '/approvals?state=waiting');
  assert.equal(listed.status, 200, listed.text);
  const mine = (listed.body['items'] as Record<string, unknown>[]).find(({ id }) => id === asked(changed));
  assert.deepEqual(mine?.['approvers'], [`user:${boss.id}`]);
  assert.equal((await decide(boss, asked(changed), 'approve')).body['state'], 'granted');
  await settled(tenant, changed);
});

test('a change that waits is not written because somebody hands it over once more with an older policy', async () => {
  const tenant = await newTenant(provost.url);
  const boss = await person(tenant, 'boss-7');
  const subject = await person(tenant, 'subject-7');
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const path = `/Users/${subject.id}`;
  const changed = await tenant.scim('PATCH', path, replacing('title', 'Chief'));
  const behind = await tenant.scim('PATCH', path, replacing('title', 'Behind'));
  assert.deepEqual([changed.status, behind.status], [202, 202]);
  const forged = {
    id: asked(behind),
    tenant: tenant.id,
    operation: 'patch',
    resourceType: 'User',
    resourceId: subject.id,
    policyVersion: 1,
    urgent: true,
    receivedAt: new Date().toISOString(),
  };
  // A workflow that does not know the change: by another name.
  const handle = await provost.temporal.workflow.signalWithStart('resource', {
    workflowId: `user/${tenant.id}/forged-${subject.id}`,
    taskQueue: provost.config.temporal.taskQueue,
    args: [
      {
        tenant: tenant.id,
        resourceType: 'User',
        resourceId: subject.id,
        settings: { blockingWaitMs: 1_000, continueAfterEvents: 4_000 },
      },
    ],
    signal: 'submitChange',
    signalArgs: [forged],
  });
  await until(
    'the forged change looked at',
    async () => (await handle.fetchHistory()).events?.some((event) => event.markerRecordedEventAttributes != null),
    (isSeen) => isSeen === true,
  );
  assert.equal((await tenant.scim('GET', path)).body['title'], undefined);
  await handle.terminate();
});
