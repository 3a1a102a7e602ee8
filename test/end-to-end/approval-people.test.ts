import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { approvers, ask, asked, decide, itemsOf, newPerson, type Person, titles } from './approvers.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { basicAuthorization, inState, newTenant, replacing, sender, settled, type TestTenant } from './tenant.ts';

let provost: TestInstallation;

before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

const person = (tenant: TestTenant, userName: string): Promise<Person> => newPerson(provost.url, tenant, userName);
const eventsOf = (change: Record<string, unknown>) => change['timeline'] as Record<string, unknown>[];

test('a stage that nobody decides is escalated to others, over a restart of every worker', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, chief, subject] = [
    await person(tenant, 'boss'),
    await person(tenant, 'chief'),
    await person(tenant, 'sub'),
  ];
  await ask(
    tenant,
    ...titles([{ approvers: approvers(boss), escalation: { afterMs: 2_000, approvers: approvers(chief) } }]),
  );
  const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'Risen'));
  assert.equal(changed.status, 202, changed.text);
  assert.equal((await decide(chief, asked(changed), 'approve')).status, 404, 'he is not asked yet');
  await provost.stopWorker();
  await provost.startWorker();
  await until(
    'the chief asked',
    () => chief.admin('GET', '/approvals'),
    (answer) => itemsOf(answer).some(({ id }) => id === asked(changed)),
  );
  assert.equal((await decide(chief, asked(changed), 'approve')).body['state'], 'granted');
  const done = await settled(tenant, changed);
  assert.ok(eventsOf(done).some(({ event }) => event === 'approval-escalated'));
});

test('who is absent is stood in for: the trail names both, and a delegate never approves what he asked for', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, deputy, subject] = [
    await person(tenant, 'boss'),
    await person(tenant, 'deputy'),
    await person(tenant, 's'),
  ];
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const path = `/Users/${subject.id}`;
  const changed = await tenant.scim('PATCH', path, replacing('title', 'Away'));
  assert.equal((await decide(deputy, asked(changed), 'approve')).status, 404);

  const hour = (offset: number): string => new Date(Date.now() + offset * 3_600_000).toISOString();
  const set = (body: object) => boss.admin('PUT', '/approvals/delegation', body);
  assert.equal((await set({ delegate: boss.id, until: hour(1) })).status, 400);
  assert.equal((await set({ delegate: 'nobody', until: hour(1) })).status, 400);
  assert.equal((await set({ delegate: deputy.id, from: hour(1), until: hour(2) })).status, 200);
  assert.equal((await decide(deputy, asked(changed), 'approve')).status, 404, 'it is not in force yet');
  assert.equal((await set({ delegate: deputy.id, until: hour(1) })).status, 200);
  const mine = itemsOf(await deputy.admin('GET', '/approvals')).find(({ id }) => id === asked(changed));
  assert.equal(mine?.['onBehalfOf'], `user:${boss.id}`);
  const decided = await decide(deputy, asked(changed), 'approve', 'in his place');
  assert.equal(decided.body['state'], 'granted', decided.text);
  const [decision] = decided.body['decisions'] as Record<string, unknown>[];
  assert.deepEqual([decision?.['by'], decision?.['delegate']], [`user:${boss.id}`, `user:${deputy.id}`]);
  const entry = eventsOf(await settled(tenant, changed)).find(({ event }) => event === 'approval-decided');
  assert.equal(entry?.['actor'], `user:${deputy.id}`);
  assert.match(JSON.stringify(entry?.['facts']), new RegExp(`"onBehalfOf":"user:${boss.id}"`));

  // A person who may change himself is the requester, whoever he stands in for.
  const me = sender(`${provost.url}/scim/v2`, {
    authorization: basicAuthorization(`deputy@${tenant.id}`, 'secret of deputy'),
  });
  const own = await me('PATCH', '/Me', replacing('title', 'Self-made'));
  assert.equal(own.status, 202, own.text);
  assert.equal((await decide(deputy, asked(own), 'approve')).status, 403);
  assert.equal((await boss.admin('DELETE', '/approvals/delegation')).status, 204);
  assert.equal((await decide(boss, asked(own), 'approve')).body['state'], 'granted');
});

test('a place that was decided for is decided: neither its owner nor who stood in is counted again', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, chief, deputy, subject] = [
    await person(tenant, 'boss'),
    await person(tenant, 'chief'),
    await person(tenant, 'deputy'),
    await person(tenant, 's'),
  ];
  await ask(tenant, ...titles([{ approvers: approvers(boss, chief), needs: 2 }]));
  const body = { delegate: deputy.id, until: new Date(Date.now() + 3_600_000).toISOString() };
  assert.equal((await boss.admin('PUT', '/approvals/delegation', body)).status, 200);
  const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'Twice'));
  assert.equal((await decide(deputy, asked(changed), 'approve')).body['state'], 'waiting');
  for (const again of [deputy, boss]) {
    const refused = await decide(again, asked(changed), 'approve');
    assert.equal(refused.status, 409, refused.text);
    assert.match(refused.text, /decided already/);
  }
  assert.equal((await decide(chief, asked(changed), 'approve')).body['state'], 'granted');
  assert.match((await decide(deputy, asked(changed), 'refuse')).text, /The approval is granted/);
  await settled(tenant, changed);
});

test('an operator arranges for somebody who is ill, and sees who decides for whom', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, deputy] = [await person(tenant, 'boss'), await person(tenant, 'deputy')];
  const body = { delegate: deputy.id, until: new Date(Date.now() + 3_600_000).toISOString() };
  assert.equal((await tenant.admin('PUT', `/delegations/${boss.id}`, body)).status, 200);
  assert.equal((await tenant.admin('PUT', '/delegations/nobody', body)).status, 404);
  const [listed] = itemsOf(await tenant.admin('GET', '/delegations'));
  assert.deepEqual([listed?.['person'], listed?.['delegate']], [boss.id, deputy.id]);
  assert.equal((await tenant.admin('DELETE', `/delegations/${boss.id}`)).status, 204);
  assert.equal((await boss.admin('GET', '/approvals/delegation')).status, 404);
});

test('who asked for a change withdraws it himself, and nobody else can that way', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, subject] = [await person(tenant, 'boss'), await person(tenant, 'subject')];
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'Mistake'));
  assert.equal((await boss.admin('POST', `/approvals/${asked(changed)}/withdrawal`)).status, 404);
  const requester = sender(`${provost.url}/admin/v1`, { authorization: tenant.authorization });
  const withdrawn = await requester('POST', `/approvals/${asked(changed)}/withdrawal`);
  assert.equal(withdrawn.body['state'], 'withdrawn', withdrawn.text);
  await inState(tenant, asked(changed), 'rejected');
  assert.equal((await requester('POST', `/approvals/${asked(changed)}/withdrawal`)).status, 409);
});
