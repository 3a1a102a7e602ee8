import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { approvers, ask, asked, decide, newPerson, type Person, peopleOffice, titles } from './approvers.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { basicAuthorization, newTenant, patchOf, replacing, sender, settled, type TestTenant } from './tenant.ts';

let provost: TestInstallation;

before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const person = (tenant: TestTenant, userName: string): Promise<Person> => newPerson(provost.url, tenant, userName);
const signedIn = (tenant: TestTenant, userName: string, password: string, id: string): Person => ({
  id,
  admin: sender(`${provost.url}/admin/v1`, { authorization: basicAuthorization(`${userName}@${tenant.id}`, password) }),
});
const scimOf = (tenant: TestTenant, userName: string, password: string) =>
  sender(`${provost.url}/scim/v2`, { authorization: basicAuthorization(`${userName}@${tenant.id}`, password) });
const stateOf = async (tenant: TestTenant, change: string) => (await tenant.admin('GET', `/approvals/${change}`)).body;

test('who asks cannot decide as the approver whose password they set, before asking or since', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, other, subject] = [
    await person(tenant, 'boss'),
    await person(tenant, 'other'),
    await person(tenant, 's'),
  ];
  await ask(tenant, ...titles([{ approvers: approvers(boss, other) }]));
  const path = `/Users/${subject.id}`;
  const before = { op: 'replace', path: 'password', value: 'known to the client' };
  const since = await tenant.scim('PATCH', path, replacing('title', 'First'));
  assert.equal((await tenant.scim('PATCH', `/Users/${boss.id}`, patchOf(before))).status, 200);
  const after = await tenant.scim(
    'PATCH',
    path,
    patchOf({ op: 'add', path: 'nickName', value: 'N' }, { op: 'replace', path: 'title', value: 'Second' }),
  );
  const intruder = signedIn(tenant, 'boss', 'known to the client', boss.id);
  const refused = await decide(intruder, asked(since), 'approve');
  assert.equal(refused.status, 403, refused.text);
  assert.match(refused.text, /changed the password/);
  assert.equal((await stateOf(tenant, asked(since)))['state'], 'waiting');
  assert.equal((await decide(intruder, asked(since), 'approve')).status, 403, 'however often');
  assert.equal((await decide(other, asked(since), 'approve')).body['state'], 'granted', 'another approver decides');
  const done = await settled(tenant, since);
  const trail = done['timeline'] as Record<string, unknown>[];
  const attempt = trail.find(({ event }) => event === 'approval-decision-refused');
  assert.equal(attempt?.['actor'], `user:${boss.id}`);
  assert.equal(after.status, 202, after.text);
});

test("nor as the approver whose e-mail address they changed; a refusal is taken, and one's own changes do not count", async () => {
  const tenant = await newTenant(provost.url);
  const [boss, subject] = [await person(tenant, 'boss'), await person(tenant, 's')];
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const path = `/Users/${subject.id}`;
  const own = scimOf(tenant, 'boss', 'secret of boss');
  const self = await own('PATCH', '/Me', patchOf({ op: 'replace', path: 'password', value: 'new secret of boss' }));
  assert.equal(self.status, 200, self.text);
  const renewed = signedIn(tenant, 'boss', 'new secret of boss', boss.id);
  const fine = await tenant.scim('PATCH', path, replacing('title', 'Fine'));
  assert.equal((await decide(renewed, asked(fine), 'approve')).body['state'], 'granted');
  await settled(tenant, fine);
  const emails = { op: 'add', path: 'emails', value: [{ value: 'client@example.com' }] };
  assert.equal((await tenant.scim('PATCH', `/Users/${boss.id}`, patchOf(emails))).status, 200);
  const changed = await tenant.scim('PATCH', path, replacing('title', 'Mine'));
  assert.equal((await decide(renewed, asked(changed), 'approve')).status, 403);
  assert.equal((await decide(renewed, asked(changed), 'refuse')).body['state'], 'refused');
});

test('whom those who ask made the manager, or let into the group, is not asked', async () => {
  const tenant = await newTenant(provost.url);
  const [friend, true1] = [await person(tenant, 'friend'), await person(tenant, 'true-member')];
  const people = await peopleOffice(provost.url, tenant);
  const group = await people('POST', '/Groups', { displayName: 'deciders', members: [{ value: true1.id }] });
  const [byManager, byGroup] = [await person(tenant, 'managed'), await person(tenant, 'grouped')];
  const groupId = String(group.body['id']);
  await ask(
    tenant,
    { name: 'nicks', attributes: ['nickName'], stages: [{ approvers: [{ kind: 'group', id: groupId }] }] },
    ...titles([{ approvers: [{ kind: 'manager' }] }]),
  );
  const manager = { op: 'add', path: `${ENTERPRISE}:manager`, value: { value: friend.id } };
  assert.equal((await tenant.scim('PATCH', `/Users/${byManager.id}`, patchOf(manager))).status, 200);
  const title = await tenant.scim('PATCH', `/Users/${byManager.id}`, replacing('title', 'Chief'));
  const asking = await stateOf(tenant, asked(title));
  assert.deepEqual([asking['approvers'], asking['lacksApprovers']], [[], true]);
  assert.equal((await decide(friend, asked(title), 'approve')).status, 404);

  const join = patchOf({ op: 'add', path: 'members', value: [{ value: friend.id }] });
  assert.ok([200, 204].includes((await tenant.scim('PATCH', `/Groups/${groupId}`, join)).status));
  const nick = await tenant.scim('PATCH', `/Users/${byGroup.id}`, replacing('nickName', 'N'));
  assert.deepEqual((await stateOf(tenant, asked(nick)))['approvers'], [`user:${true1.id}`]);
  assert.equal((await decide(friend, asked(nick), 'approve')).status, 404);
  assert.equal((await decide(true1, asked(nick), 'approve')).body['state'], 'granted');
});

test('nor does a delegate decide whom those who ask have arranged, and they reassign nothing', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, friend, subject] = [
    await person(tenant, 'boss'),
    await person(tenant, 'friend'),
    await person(tenant, 's'),
  ];
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'Mine'));
  const body = { delegate: friend.id, until: new Date(Date.now() + 3_600_000).toISOString() };
  const arranged = await tenant.admin('PUT', `/delegations/${boss.id}`, body);
  assert.deepEqual([arranged.status, arranged.body['setBy']], [200, tenant.credential.id], arranged.text);
  const refused = await decide(friend, asked(changed), 'approve');
  assert.equal(refused.status, 403, refused.text);
  assert.match(refused.text, /arranged who decides/);
  const to = { approvers: [`user:${friend.id}`] };
  assert.equal((await tenant.admin('POST', `/approvals/${asked(changed)}/reassign`, to)).status, 403);
  assert.equal((await boss.admin('PUT', '/approvals/delegation', body)).status, 200);
  assert.equal((await decide(friend, asked(changed), 'approve')).body['state'], 'granted', 'the boss arranged it');
});
