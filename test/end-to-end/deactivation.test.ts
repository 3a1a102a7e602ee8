import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { soapClient } from '../api/soap/soap-client.ts';
import { until } from '../until.ts';
import { approvers, ask, asked, decide, newPerson, type Person, titles } from './approvers.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, startFaultySandbox } from './sandbox.ts';
import { type Answer, inState, newTenant, patchOf, replacing, sender, settled, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  [provost, sandbox] = await Promise.all([startInstallation(), startFaultySandbox()]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

const person = (tenant: TestTenant, userName: string): Promise<Person> => newPerson(provost.url, tenant, userName);
const off = { op: 'replace', path: 'active', value: false };
const on = { op: 'replace', path: 'active', value: true };
const king = { op: 'replace', path: 'title', value: 'King' };
const stands = async (tenant: TestTenant, path: string) => {
  const { active, title } = (await tenant.scim('GET', path)).body;
  return [active, title];
};
/** SCIM 1.1 does not say which change waits. */
async function changeWaiting(tenant: TestTenant, user: string): Promise<string> {
  const { body } = await tenant.admin('GET', '/approvals?state=waiting');
  const found = (body['items'] as Record<string, unknown>[]).find(({ resource }) => resource === user);
  return String(found?.['change']);
}
const accountIs = (userName: string, active: boolean) =>
  until(
    `${userName} ${active ? 'active' : 'disabled'} at the target`,
    () => sandbox.accounts(userName),
    ([account]) => account?.['active'] === active,
  );

test('a deactivation is written now, and what the same request asks for besides waits for its approval', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const boss = await person(tenant, 'boss-1');
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const scim1 = sender(`${provost.url}/scim/v1`, { authorization: tenant.authorization });
  const PATCHES: Record<string, (path: string, userName: string) => Promise<Answer>> = {
    'a PATCH': (path) => tenant.scim('PATCH', path, patchOf(king, off)),
    'a PATCH without a path': (path) =>
      tenant.scim('PATCH', path, patchOf({ op: 'replace', value: { active: false, title: 'King' } })),
    'a PUT': (path, userName) => tenant.scim('PUT', path, { userName, active: false, title: 'King' }),
    'a PATCH of one version': async (path) => {
      const { headers } = await tenant.scim('GET', path);
      return tenant.scim('PATCH', path, patchOf(king, off), { 'if-match': headers.get('etag') ?? '' });
    },
    'SCIM 1.1': (path) =>
      scim1('PATCH', path, { schemas: ['urn:scim:schemas:core:1.0'], active: false, title: 'King' }),
  };
  for (const [index, [what, send]] of Object.entries(PATCHES).entries()) {
    const userName = `subject-1-${index}`;
    const subject = await person(tenant, userName);
    const path = `/Users/${subject.id}`;
    await accountIs(userName, true);
    const sent = await send(path, userName);
    assert.equal(sent.status, 202, `${what}: ${sent.text}`);
    assert.deepEqual(await stands(tenant, path), [false, undefined], what);
    await accountIs(userName, false);
    const change = await changeWaiting(tenant, subject.id);
    const { body } = await tenant.admin('GET', `/changes/${change}`);
    assert.deepEqual([body['state'], body['urgent']], ['waiting-approval', false], what);
    const part = await inState(tenant, `${change}.deactivation`, 'settled');
    assert.deepEqual([part['partOf'], part['urgent']], [change, true], what);
    assert.equal((await decide(boss, change, 'approve')).body['state'], 'granted', what);
    await inState(tenant, change, 'settled');
    assert.deepEqual(await stands(tenant, path), [false, 'King'], what);
  }
});

test('a request that cannot be carried out deactivates nobody', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, subject] = [await person(tenant, 'boss-9'), await person(tenant, 'subject-9')];
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const path = `/Users/${subject.id}`;
  const late = await tenant.scim('PATCH', path, patchOf(king, off), { 'if-match': 'W/"7"' });
  const nameless = await tenant.scim('PATCH', path, patchOf(king, off, { op: 'remove', path: 'userName' }));
  assert.deepEqual([late.status, nameless.status], [412, 400], nameless.text);
  assert.deepEqual(await stands(tenant, path), [true, undefined]);
});

test('what waits after a deactivation does not deactivate once more when it is approved', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, subject] = [await person(tenant, 'boss-2'), await person(tenant, 'subject-2')];
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const path = `/Users/${subject.id}`;
  const sent = await tenant.scim('PATCH', path, patchOf(off, king));
  assert.equal(sent.status, 202, sent.text);
  assert.equal((await tenant.scim('PATCH', path, patchOf(on))).status, 200);
  assert.equal((await decide(boss, asked(sent), 'approve')).body['state'], 'granted');
  await settled(tenant, sent);
  assert.deepEqual(await stands(tenant, path), [true, 'King']);
});

test('a request that deactivates and activates again waits like any other, and cancels nothing', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, subject] = [await person(tenant, 'boss-3'), await person(tenant, 'subject-3')];
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const path = `/Users/${subject.id}`;
  const waiting = await tenant.scim('PATCH', path, replacing('title', 'First'));
  const sent = await tenant.scim('PATCH', path, patchOf(off, king, on));
  assert.equal(sent.status, 202, sent.text);
  assert.deepEqual(await stands(tenant, path), [true, undefined]);
  assert.equal((await tenant.admin('GET', `/changes/${asked(waiting)}`)).body['state'], 'waiting-approval');
});

test('sending a user who is inactive once more cancels nothing; deactivating him does', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, subject] = [await person(tenant, 'boss-4'), await person(tenant, 'subject-4')];
  const path = `/Users/${subject.id}`;
  const whole = { userName: 'subject-4', active: false };
  assert.equal((await tenant.scim('PUT', path, whole)).status, 200);
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const waiting = await tenant.scim('PATCH', path, replacing('title', 'First'));
  assert.equal((await tenant.scim('PUT', path, whole)).status, 202, 'it waits behind what it would undo');
  const again = await tenant.scim('PATCH', path, patchOf(off));
  assert.equal(again.status, 200, again.text);
  const { body } = await tenant.admin('GET', `/changes/${asked(again)}`);
  assert.equal(body['urgent'], false);
  assert.equal((await tenant.admin('GET', `/changes/${asked(waiting)}`)).body['state'], 'waiting-approval');
  const freed = await tenant.scim('PATCH', path, patchOf(on));
  assert.equal(freed.status, 200, freed.text);
  assert.equal((await tenant.scim('PATCH', path, patchOf(off))).status, 200);
  await inState(tenant, asked(waiting), 'rejected');
});

test('before a target too: it learns at once that a user is inactive, and of the rest when that is approved', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const [boss, subject] = [await person(tenant, 'boss-5'), await person(tenant, 'subject-5')];
  await accountIs('subject-5', true);
  const stages = [{ approvers: approvers(boss) }];
  await ask(
    tenant,
    { name: 'target titles', before: 'target', attributes: ['title'], operations: ['patch'], stages },
    { name: 'probes', attributes: ['title'], operations: ['create'], stages },
  );
  const path = `/Users/${subject.id}`;
  const sent = await tenant.scim('PATCH', path, patchOf(king, off));
  assert.equal(sent.status, 200, sent.text);
  await accountIs('subject-5', false);
  assert.equal((await sandbox.accounts('subject-5'))[0]?.['title'], undefined);
  const approval = `${asked(sent)}.${tenant.targets[0]}`;
  assert.equal((await decide(boss, approval, 'approve')).body['state'], 'granted');
  await settled(tenant, sent);
  assert.equal((await sandbox.accounts('subject-5'))[0]?.['title'], 'King');
});

test('what is sent on without being kept: a deactivation goes, and what is beside it waits', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const boss = await person(tenant, 'boss-6');
  const path = `/service-providers/${tenant.serviceProvider}`;
  const { id: _id, resident: _resident, ...settings } = (await tenant.admin('GET', path)).body;
  assert.equal((await tenant.admin('PUT', path, { ...settings, mode: 'provision-only' })).status, 200);
  const created = await tenant.scim('POST', '/Users', { userName: 'passing-6' });
  assert.equal(created.status, 201, created.text);
  assert.equal(created.body['active'], true);
  await accountIs('passing-6', true);
  await ask(tenant, {
    name: 'all about roles and titles',
    attributes: ['roles', 'title'],
    stages: [{ approvers: approvers(boss) }],
  });
  const user = `/Users/${String(created.body['id'])}`;
  const roles = { op: 'add', path: 'roles', value: [{ value: 'super-admin' }] };
  const plain = await tenant.scim('PATCH', user, patchOf(roles));
  assert.equal(plain.status, 202, 'a PATCH of what is not kept waits as well');
  const mixed = await tenant.scim('PATCH', user, patchOf(off, { op: 'add', value: { title: 'King' } }));
  assert.equal(mixed.status, 202, mixed.text);
  await accountIs('passing-6', false);
  await inState(tenant, asked(plain), 'rejected');
  assert.equal((await sandbox.accounts('passing-6'))[0]?.['title'], undefined);
  assert.equal((await decide(boss, asked(mixed), 'approve')).body['state'], 'granted');
  await settled(tenant, mixed);
  assert.equal((await sandbox.accounts('passing-6'))[0]?.['title'], 'King');
  const free = await tenant.scim('PUT', user, { userName: 'passing-6', nickName: 'P' });
  assert.equal(free.status, 202, 'nobody knows what a PUT takes away');
  assert.equal((await decide(boss, asked(free), 'approve')).body['state'], 'granted');
  await settled(tenant, free);
  const [account] = await sandbox.accounts('passing-6');
  assert.deepEqual([account?.['nickName'], account?.['active']], ['P', false], 'nobody is enabled by leaving it out');
});

test('bulk operations and SOAP calls deactivate at once as well', async () => {
  const tenant = await newTenant(provost.url);
  const boss = await person(tenant, 'boss-7');
  const [one, two] = [await person(tenant, 'bulk-7'), await person(tenant, 'soap-7')];
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const bulk = await tenant.scim('POST', '/Bulk', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: [{ method: 'PATCH', path: `/Users/${one.id}`, data: patchOf(off, king) }],
  });
  const [operation] = bulk.body['Operations'] as Record<string, unknown>[];
  assert.equal(operation?.['status'], '202', bulk.text);
  assert.deepEqual(await stands(tenant, `/Users/${one.id}`), [false, undefined]);
  const soap = soapClient(provost.url, tenant.authorization);
  const reply = await soap('setUserClaimValues', {
    userName: 'soap-7',
    claims: {
      claims: [
        ['http://wso2.org/claims/title', 'King'],
        ['http://wso2.org/claims/active', 'false'],
      ],
    },
    profileName: 'default',
  });
  assert.match(reply.fault?.reason ?? '', /waits for an approval/, reply.text);
  assert.deepEqual(await stands(tenant, `/Users/${two.id}`), [false, undefined]);
});

test('no request enables a user without an explicit true, and one who is created without active is active', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', { userName: 'subject-8' });
  assert.equal(created.body['active'], true);
  const path = `/Users/${String(created.body['id'])}`;
  const found = await tenant.scim(
    'GET',
    `/Users?filter=${encodeURIComponent('userName eq "subject-8" and active eq true')}`,
  );
  assert.equal(found.body['totalResults'], 1);
  await settled(tenant, await tenant.scim('PATCH', path, patchOf(off)));
  const put = await tenant.scim('PUT', path, { userName: 'subject-8', title: 'Clerk' });
  assert.deepEqual([put.status, put.body['active']], [200, false], put.text);
  await settled(tenant, put);
  assert.equal((await sandbox.accounts('subject-8'))[0]?.['active'], false);
  const scim1 = sender(`${provost.url}/scim/v1`, { authorization: tenant.authorization });
  const put1 = await scim1('PUT', path, { schemas: ['urn:scim:schemas:core:1.0'], userName: 'subject-8' });
  assert.deepEqual([put1.status, put1.body['active']], [200, false], put1.text);
  const refused = [
    await tenant.scim('PATCH', path, patchOf({ op: 'replace', path: 'active', value: null })),
    await tenant.scim('PATCH', path, patchOf({ op: 'remove', path: 'active' })),
    await tenant.scim('PATCH', path, patchOf({ op: 'replace', value: { active: null } })),
    await tenant.scim('PATCH', path, patchOf(king, { op: 'remove', path: 'active' })),
    await scim1('PATCH', path, { schemas: ['urn:scim:schemas:core:1.0'], meta: { attributes: ['active'] } }),
  ];
  for (const { status, text } of refused) assert.equal(status, 400, text);
  const bulk = await tenant.scim('POST', '/Bulk', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: [{ method: 'PATCH', path, data: patchOf({ op: 'remove', path: 'active' }) }],
  });
  assert.equal((bulk.body['Operations'] as Record<string, unknown>[])[0]?.['status'], '400', bulk.text);
  const soap = soapClient(provost.url, tenant.authorization);
  const reply = await soap('deleteUserClaimValue', {
    userName: 'subject-8',
    claimURI: 'http://wso2.org/claims/active',
    profileName: 'default',
  });
  assert.match(reply.fault?.reason ?? '', /active is true or false/, reply.text);
  assert.deepEqual(await stands(tenant, path), [false, undefined]);
});
