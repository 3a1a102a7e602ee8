import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import {
  approvers,
  ask,
  asked,
  decide,
  itemsOf,
  newPerson,
  operatorOf,
  type Person,
  peopleOffice,
  titles,
} from './approvers.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, patchOf, replacing, sender, settled, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  [provost, sandbox] = await Promise.all([startInstallation(), startFaultySandbox()]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const person = (tenant: TestTenant, userName: string): Promise<Person> => newPerson(provost.url, tenant, userName);

test('a creation waits for an approval, which shows what it would do, and reaches its target after it', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const boss = await person(tenant, 'boss-1');
  await ask(tenant, { name: 'newcomers', operations: ['create'], stages: [{ approvers: approvers(boss) }] });

  const request = { userName: 'newcomer', title: 'Clerk' };
  const created = await tenant.scim('POST', '/Users', request, { 'idempotency-key': 'newcomer' });
  assert.deepEqual([created.status, created.text], [202, '']);
  const change = asked(created);
  const again = await tenant.scim('POST', '/Users', request, { 'idempotency-key': 'newcomer' });
  assert.deepEqual([again.status, asked(again)], [202, change], 'the same request asks nobody again');
  const where = `/AsyncRequests/${change}`;
  assert.equal((await tenant.scim('GET', where)).body['status'], 'pending');
  assert.equal((await tenant.admin('GET', `/changes/${change}`)).body['state'], 'waiting-approval');
  assert.deepEqual(await sandbox.accounts('newcomer'), []);

  const listed = itemsOf(await tenant.admin('GET', '/attention?kind=approval')).find(({ id }) => id === change);
  assert.match(String(listed?.['because']), /^The rule newcomers asks for an approval, until /);

  const mine = itemsOf(await boss.admin('GET', '/approvals')).find(({ id }) => id === change);
  assert.deepEqual(mine?.['differences'], [
    { attribute: 'active', after: true },
    { attribute: 'title', after: 'Clerk' },
    { attribute: 'userName', after: 'newcomer' },
  ]);
  const approved = await decide(boss, change, 'approve', 'welcome');
  assert.equal(approved.body['state'], 'granted', approved.text);
  const { timeline } = await settled(tenant, created);
  const events = (timeline as { event: string }[]).map(({ event }) => event);
  assert.deepEqual(events.slice(0, 4), ['accepted', 'approval-asked', 'approval-decided', 'decided']);
  assert.doesNotMatch(JSON.stringify(timeline), /newcomer"|Clerk|welcome/);
  assert.equal((await sandbox.accounts('newcomer')).length, 1);
  const { body } = await tenant.scim('GET', where);
  assert.equal(body['status'], 'completed');
  assert.equal((body['response'] as Record<string, unknown>)['status'], '201');
  assert.equal((await decide(boss, change, 'refuse')).status, 409, 'decided once');
});

test('what an approver refuses is not done, and its client learns it', async () => {
  const tenant = await newTenant(provost.url);
  const boss = await person(tenant, 'boss-2');
  const other = await person(tenant, 'other-2');
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const changed = await tenant.scim('PATCH', `/Users/${other.id}`, replacing('title', 'King'));
  assert.equal(changed.status, 202, changed.text);
  assert.equal((await decide(other, asked(changed), 'approve')).status, 404, 'who was not asked learns nothing');
  assert.equal((await decide(boss, asked(changed), 'refuse')).body['state'], 'refused');
  await inState(tenant, asked(changed), 'rejected');
  assert.equal((await tenant.scim('GET', `/Users/${other.id}`)).body['title'], undefined);
  const { body } = await tenant.scim('GET', `/AsyncRequests/${asked(changed)}`);
  assert.equal((body['response'] as Record<string, unknown>)['status'], '403');
});

test('two of three have to approve, then the manager; who asks for a change never approves it', async () => {
  const tenant = await newTenant(provost.url);
  const [one, two, manager] = [await person(tenant, 'one'), await person(tenant, 'two'), await person(tenant, 'mgr')];
  const people = await peopleOffice(provost.url, tenant);
  const subject = await people('POST', '/Users', {
    userName: 'subject',
    [ENTERPRISE]: { manager: { value: manager.id } },
  });
  const group = await people('POST', '/Groups', {
    displayName: 'deciders',
    members: [{ value: one.id }, { value: two.id }],
  });
  await ask(
    tenant,
    ...titles([
      {
        approvers: [
          { kind: 'group', id: String(group.body['id']) },
          { kind: 'credential', id: tenant.credential.id },
        ],
        needs: 2,
      },
      { approvers: [{ kind: 'manager' }] },
    ]),
  );
  const path = `/Users/${String(subject.body['id'])}`;
  const changed = await tenant.scim('PATCH', path, replacing('title', 'Queen'));
  const change = asked(changed);
  const own = await fetch(`${provost.url}/admin/v1/approvals`, { headers: { authorization: tenant.authorization } });
  assert.deepEqual(((await own.json()) as { items: unknown[] }).items, []);
  assert.deepEqual(itemsOf(await manager.admin('GET', '/approvals')), [], 'it is not his turn');
  assert.equal((await decide(one, change, 'approve')).body['state'], 'waiting');
  assert.equal((await decide(one, change, 'approve')).status, 409, 'each counts once');
  assert.equal((await decide(two, change, 'approve')).body['stage'], 2);
  assert.equal((await decide(manager, change, 'approve')).body['state'], 'granted');
  await settled(tenant, changed);
  assert.equal((await tenant.scim('GET', path)).body['title'], 'Queen');
});

test('other attributes go on meanwhile, the same wait behind, and a deactivation cancels what waits', async () => {
  const tenant = await newTenant(provost.url);
  const boss = await person(tenant, 'boss-4');
  const subject = await person(tenant, 'subject-4');
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const path = `/Users/${subject.id}`;
  const first = await tenant.scim('PATCH', path, replacing('title', 'First'));
  const free = await tenant.scim('PATCH', path, replacing('nickName', 'Nick'));
  assert.equal(free.status, 200, free.text);
  const second = await tenant.scim('PATCH', path, patchOf({ op: 'remove', path: 'title' }));
  const third = await tenant.scim('PATCH', path, replacing('title', 'Third'));
  assert.deepEqual([first.status, second.status, third.status], [202, 200, 202]);
  assert.equal((await decide(boss, asked(first), 'approve')).body['state'], 'granted');
  await settled(tenant, first);
  const { body } = await tenant.scim('GET', path);
  assert.deepEqual([body['title'], body['nickName']], ['First', 'Nick']);
  await until(
    'the third asked in its turn',
    () => boss.admin('GET', '/approvals'),
    (answer) => itemsOf(answer).some(({ id }) => id === asked(third)),
  );
  const off = await tenant.scim('PATCH', path, replacing('active', false));
  assert.equal(off.status, 200, off.text);
  const ended = await inState(tenant, asked(third), 'rejected');
  assert.equal((ended['error'] as Record<string, unknown>)['code'], 'APPROVAL_CANCELLED');
});

test('a change that nobody approves in time is refused, and one without an approver waits until it is reassigned', async () => {
  const tenant = await newTenant(provost.url);
  const boss = await person(tenant, 'boss-5');
  const subject = await person(tenant, 'subject-5');
  const path = `/Users/${subject.id}`;
  await ask(
    tenant,
    { name: 'nicks', attributes: ['nickName'], stages: [{ approvers: approvers(boss), expiresAfterMs: 1_000 }] },
    ...titles([{ approvers: [{ kind: 'manager' }] }]),
  );
  const late = await tenant.scim('PATCH', path, replacing('nickName', 'Late'));
  const orphan = await tenant.scim('PATCH', path, replacing('title', 'Orphan'));
  const ended = await inState(tenant, asked(late), 'rejected');
  assert.equal((ended['error'] as Record<string, unknown>)['code'], 'APPROVAL_EXPIRED');
  const one = `/approvals/${asked(orphan)}`;
  assert.equal((await tenant.admin('GET', one)).body['lacksApprovers'], true);
  const to = { approvers: [`user:${boss.id}`] };
  assert.equal((await tenant.admin('POST', `${one}/reassign`, to)).status, 403, 'not by who asked for it');
  const operator = await operatorOf(provost.url, tenant);
  const reassigned = await operator('POST', `${one}/reassign`, to);
  assert.equal(reassigned.body['lacksApprovers'], false, reassigned.text);
  assert.equal((await decide(boss, asked(orphan), 'approve')).body['state'], 'granted');
  await settled(tenant, orphan);
  const withdrawn = await tenant.scim('PATCH', path, replacing('title', 'Withdrawn'));
  assert.equal((await tenant.admin('POST', `/approvals/${asked(withdrawn)}/withdraw`)).body['state'], 'withdrawn');
  await inState(tenant, asked(withdrawn), 'rejected');
});

test('a change still waits after every worker has stopped, and is done when it is approved', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const boss = await person(tenant, 'boss-6');
  const subject = await person(tenant, 'subject-6');
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'Patient'));
  assert.equal(changed.status, 202, changed.text);
  await provost.stopWorker();
  const deciding = decide(boss, asked(changed), 'approve');
  await provost.startWorker();
  assert.equal((await deciding).body['state'], 'granted');
  await settled(tenant, changed);
  assert.equal((await sandbox.accounts('subject-6'))[0]?.['title'], 'Patient');
});

test('a deletion is not held up, and cancels what waits', async () => {
  const tenant = await newTenant(provost.url);
  const boss = await person(tenant, 'boss-7');
  const subject = await person(tenant, 'subject-7');
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'Gone'));
  assert.equal((await tenant.scim('DELETE', `/Users/${subject.id}`)).status, 204);
  const ended = await inState(tenant, asked(changed), 'rejected');
  assert.equal((ended['error'] as Record<string, unknown>)['code'], 'APPROVAL_CANCELLED');
  assert.equal((await decide(boss, asked(changed), 'approve')).status, 409);
});

test('clients of bulk requests and of SCIM 1.1 are told that a change waits', async () => {
  const tenant = await newTenant(provost.url);
  const boss = await person(tenant, 'boss-8');
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const bulk = await tenant.scim('POST', '/Bulk', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: [{ method: 'POST', path: '/Users', bulkId: 'b', data: { userName: 'bulky', title: 'Clerk' } }],
  });
  const [operation] = bulk.body['Operations'] as Record<string, unknown>[];
  assert.deepEqual([bulk.status, operation?.['status']], [200, '202'], bulk.text);
  const scim1 = sender(`${provost.url}/scim/v1`, { authorization: tenant.authorization });
  const created = await scim1('POST', '/Users', { userName: 'old', title: 'Clerk' });
  assert.equal(created.status, 202, created.text);
  assert.match(created.text, /waits for an approval/);
});
