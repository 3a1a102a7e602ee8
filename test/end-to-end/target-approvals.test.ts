import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { approvers, asked, decide, itemsOf, newPerson, type Person } from './approvers.ts';
import { editTarget } from './edit-target.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, startFaultySandbox } from './sandbox.ts';
import { type Answer, inState, newTenant, replacing, settled, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let open: FaultySandbox;
let guarded: FaultySandbox;

before(async () => {
  [provost, open, guarded] = await Promise.all([startInstallation(), startFaultySandbox(), startFaultySandbox()]);
});
after(async () => {
  await provost.stop();
  await Promise.all([open.stop(), guarded.stop()]);
});

interface Guarded {
  readonly tenant: TestTenant;
  readonly boss: Person;
}

/** A tenant whose second target learns of what `rule` names only after its boss has approved. */
async function guardedBy(name: string, rule: object, more: object = {}): Promise<Guarded> {
  const tenant = await newTenant(provost.url, { targets: [open.wish, { ...guarded.wish, ...more }] });
  const boss = await newPerson(provost.url, tenant, `boss-${name}`);
  const [, target] = tenant.targets;
  const stages = [{ approvers: approvers(boss) }];
  const items = [{ name: 'guarded', before: 'target', targets: [target], stages, ...rule }];
  await putRules(tenant, items);
  return { tenant, boss };
}

/** Puts rules in the place of those before, and waits until changes are decided by them. */
async function putRules(tenant: TestTenant, items: readonly object[]): Promise<void> {
  const answer = await tenant.admin('PUT', '/approval-rules', { items });
  assert.equal(answer.status, 200, answer.text);
  // Every process may go on with what it read of the configuration for a moment.
  await until(
    'the rules in force',
    async () => {
      const probe = await tenant.scim('POST', '/Users', { userName: `probe-${Math.random()}` });
      return (await tenant.admin('GET', `/changes/${asked(probe)}`)).body['policyVersion'];
    },
    (version) => answer.headers.get('etag') === `W/"${version}"`,
  );
}

const approvalOf = (tenant: TestTenant, change: Answer): string => `${asked(change)}.${tenant.targets[1]}`;
const at = async (sandbox: FaultySandbox, userName: string, attribute: string) =>
  (await sandbox.accounts(userName))[0]?.[attribute];
const stepAt = (change: Record<string, unknown>, target: string | undefined) =>
  (change['steps'] as Record<string, unknown>[]).find((step) => step['target'] === target);

test('a creation reaches the other target at once, and the one that waits when it is approved', async () => {
  const { tenant, boss } = await guardedBy('create', { operations: ['create'], attributes: ['nickName'] });
  const created = await tenant.scim('POST', '/Users', { userName: 'awaited', nickName: 'A' });
  assert.equal(created.status, 201, created.text);
  await until(
    'the open target',
    () => open.accounts('awaited'),
    (held) => held.length === 1,
  );
  const change = await until(
    'its step waiting',
    async () => (await tenant.admin('GET', `/changes/${asked(created)}`)).body,
    (body) => stepAt(body, tenant.targets[1])?.['result'] === 'waiting-approval',
  );
  assert.match(JSON.stringify(change['waits']), /The rule guarded asks for an approval/);
  assert.deepEqual(await guarded.accounts('awaited'), []);

  // Another change goes on where it may, and makes no account where that was not approved.
  await settled(tenant, await tenant.scim('PATCH', `/Users/${created.body['id']}`, replacing('title', 'Clerk')));
  assert.equal(await at(open, 'awaited', 'title'), 'Clerk');
  assert.deepEqual(await guarded.accounts('awaited'), []);

  const mine = itemsOf(await boss.admin('GET', '/approvals')).find(({ id }) => id === approvalOf(tenant, created));
  assert.equal(mine?.['target'], tenant.targets[1]);
  const approved = await decide(boss, approvalOf(tenant, created), 'approve');
  assert.equal(approved.body['state'], 'granted', approved.text);
  const done = await settled(tenant, created);
  assert.equal(stepAt(done, tenant.targets[1])?.['action'], 'create');
  assert.equal(await at(guarded, 'awaited', 'title'), 'Clerk');
  const events = (done['timeline'] as { event: string }[]).map(({ event }) => event);
  assert.ok(events.indexOf('approval-asked') > events.indexOf('persisted'), events.join());
  assert.ok(events.includes('approval-decided'), events.join());
});

test('what was refused for a target stays hidden from it, whatever else goes there, until it is asked again', async () => {
  const { tenant, boss } = await guardedBy('refuse', { attributes: ['title'], operations: ['patch'] });
  const created = await tenant.scim('POST', '/Users', { userName: 'hidden', title: 'Clerk' });
  await settled(tenant, created);
  const path = `/Users/${created.body['id']}`;
  const changed = await tenant.scim('PATCH', path, replacing('title', 'Chief'));
  assert.equal(changed.status, 200, changed.text);
  await until(
    'the open target',
    () => at(open, 'hidden', 'title'),
    (title) => title === 'Chief',
  );
  await settled(tenant, await tenant.scim('PATCH', path, replacing('nickName', 'N')));
  assert.deepEqual([await at(guarded, 'hidden', 'title'), await at(guarded, 'hidden', 'nickName')], ['Clerk', 'N']);
  assert.equal((await decide(boss, approvalOf(tenant, changed), 'refuse')).body['state'], 'refused');
  const ended = await settled(tenant, changed);
  assert.deepEqual(
    [stepAt(ended, tenant.targets[1])?.['result'], stepAt(ended, tenant.targets[1])?.['code']],
    ['withheld', 'APPROVAL_REFUSED'],
  );
  assert.match(String(ended['standing']), /may not learn of it/);
  await settled(tenant, await tenant.scim('PATCH', path, replacing('nickName', 'M')));
  assert.deepEqual([await at(guarded, 'hidden', 'title'), await at(guarded, 'hidden', 'nickName')], ['Clerk', 'M']);

  const again = await tenant.admin('POST', `/approvals/${approvalOf(tenant, changed)}/ask-again`);
  assert.equal(again.status, 202, again.text);
  const second = `${again.body['change']}.${tenant.targets[1]}`;
  const shown = itemsOf(await boss.admin('GET', '/approvals')).find(({ id }) => id === second);
  assert.deepEqual(shown?.['differences'], [{ attribute: 'title', before: 'Clerk', after: 'Chief' }]);
  assert.equal((await decide(boss, second, 'approve')).body['state'], 'granted');
  await inState(tenant, String(again.body['change']), 'settled');
  assert.equal(await at(guarded, 'hidden', 'title'), 'Chief');
});

test('a deactivation goes to a target that waits, cancels what waits, and shows nothing of it', async () => {
  const { tenant, boss } = await guardedBy('off', { attributes: ['title'], operations: ['patch'] });
  const created = await tenant.scim('POST', '/Users', { userName: 'off', title: 'Clerk' });
  await settled(tenant, created);
  const path = `/Users/${created.body['id']}`;
  const changed = await tenant.scim('PATCH', path, replacing('title', 'Chief'));
  await settled(tenant, await tenant.scim('PATCH', path, replacing('active', false)));
  assert.deepEqual([await at(guarded, 'off', 'active'), await at(guarded, 'off', 'title')], [false, 'Clerk']);
  const ended = await settled(tenant, changed);
  assert.equal(stepAt(ended, tenant.targets[1])?.['code'], 'APPROVAL_CANCELLED');
  assert.equal((await decide(boss, approvalOf(tenant, changed), 'approve')).status, 409);
});

test('the owners of a target are asked, a blocking one keeps no client waiting, and a killed worker forgets nothing', async () => {
  const { tenant, boss } = await guardedBy(
    'owner',
    { attributes: ['title'], operations: ['patch'] },
    { blocking: true },
  );
  const [, target = ''] = tenant.targets;
  await editTarget(tenant, target, { owners: approvers(boss) });
  const stages = [{ approvers: [{ kind: 'owner' }] }];
  const items = [{ name: 'owned', before: 'target', risk: 'after.title.startsWith("Ch")', stages }];
  await putRules(tenant, items);
  const created = await tenant.scim('POST', '/Users', { userName: 'owned', title: 'Clerk' });
  assert.equal(created.status, 201, created.text);
  const changed = await tenant.scim('PATCH', `/Users/${created.body['id']}`, replacing('title', 'Chief'));
  assert.equal(changed.status, 200, changed.text);
  await provost.stopWorker();
  const deciding = decide(boss, approvalOf(tenant, changed), 'approve');
  await provost.startWorker();
  assert.equal((await deciding).body['state'], 'granted');
  // The first target has no owner: nobody could approve there, and it says so.
  const lacking = `${asked(changed)}.${tenant.targets[0]}`;
  const { body } = await tenant.admin('GET', `/approvals/${lacking}`);
  assert.equal(body['lacksApprovers'], true);
  assert.equal((await tenant.admin('POST', `/approvals/${lacking}/withdraw`)).status, 200);
  await settled(tenant, changed);
  assert.deepEqual([await at(open, 'owned', 'title'), await at(guarded, 'owned', 'title')], ['Clerk', 'Chief']);
});

test('an expression that cannot be read, and a target that is not there, are refused where they are written', async () => {
  const tenant = await newTenant(provost.url, {});
  const stages = [{ approvers: [{ kind: 'manager' }] }];
  const items = [
    { name: 'a', risk: 'nobody.knows == 1', stages },
    { name: 'b', before: 'target', targets: ['nowhere'], stages },
    { name: 'c', targets: ['nowhere'], stages },
  ];
  const answer = await tenant.admin('PUT', '/approval-rules', { items });
  assert.equal(answer.status, 400, answer.text);
  for (const path of ['items[0].risk', 'items[1].targets[0]', 'items[2].targets'])
    assert.ok(answer.text.includes(path), path);
});
