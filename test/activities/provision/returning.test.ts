/** Accounts that were disabled, and whose users and groups come back, on a real SCIM server. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { asResourceId } from '../../../domain/ids.ts';
import type { ScimObject } from '../../../domain/scim/resource.ts';
import { failsWith, faultyTarget } from '../../connectors/faulty.ts';
import { connectorTo, ownSandbox, signal } from '../../connectors/scim2/sandbox-connector.ts';
import { type Steps, stepsOn } from './steps.ts';

/** What a mapping by rules makes of a user where no rule is about `active`. */
const ada: ScimObject = { userName: 'ada@example.com', title: 'Countess' };

async function onSandbox(t: TestContext, settings: Record<string, unknown> = {}) {
  const sandbox = await ownSandbox(t);
  const proxy = await faultyTarget(t, { upstream: sandbox.url });
  const connector = connectorTo(t, proxy.url, settings);
  const everything = async () => {
    const answer = await fetch(sandbox.pageUrl, { headers: { accept: 'application/json' } });
    return (await answer.json()) as { users: ScimObject[]; groups: ScimObject[] };
  };
  return { connector, proxy, everything };
}

const disabling = { deprovision: 'disable' } as const;

async function disabledAda(steps: Steps): Promise<void> {
  await steps.present(ada, 1);
  assert.equal(await steps.absent(1), 'disable');
  assert.equal(steps.link()?.state, 'disabled');
}

for (const update of ['patch', 'put']) {
  test(`a user who comes back is enabled where the mapping does not send active (${update})`, async (t) => {
    const { connector, everything } = await onSandbox(t, { update });
    const steps = stepsOn(connector, disabling);
    await disabledAda(steps);
    assert.equal((await everything()).users[0]?.['active'], false);
    assert.equal(await steps.present(ada, 1), 'update');
    const { users } = await everything();
    assert.deepEqual([users.length, users[0]?.['active']], [1, true]);
    assert.equal(steps.link()?.state, 'linked');
    assert.equal(await steps.present(ada, 1), 'nothing');
  });
}

test('a user who comes back is enabled with the attributes where the mapping sends active', async (t) => {
  const { connector, proxy, everything } = await onSandbox(t);
  const steps = stepsOn(connector, disabling);
  await disabledAda(steps);
  const from = proxy.received.length;
  assert.equal(await steps.present({ ...ada, active: true }, 1), 'update');
  assert.equal((await everything()).users[0]?.['active'], true);
  assert.deepEqual(
    proxy.received.slice(from).map(({ method }) => method),
    ['GET', 'PATCH', 'GET'],
  );
});

test('a user who comes back inactive stays disabled, and is enabled when active again', async (t) => {
  const { connector, everything } = await onSandbox(t);
  const steps = stepsOn(connector, disabling);
  await disabledAda(steps);
  await steps.present({ ...ada, title: 'Analyst' }, 1, false);
  const [account] = (await everything()).users;
  assert.deepEqual([account?.['active'], account?.['title']], [false, 'Analyst']);
  await steps.present({ ...ada, title: 'Analyst' }, 1, true);
  assert.equal((await everything()).users[0]?.['active'], true);
});

test('an enabling whose answer was lost is done by the next attempt', async (t) => {
  const { connector, proxy, everything } = await onSandbox(t);
  const steps = stepsOn(connector, disabling);
  await disabledAda(steps);
  proxy.script({ kind: 'pass' }, { kind: 'drop' });
  await failsWith(steps.present(ada, 1), 'TARGET_OUTCOME_UNKNOWN');
  assert.equal((await everything()).users[0]?.['active'], false);
  assert.equal(await steps.present(ada, 2), 'update');
  assert.equal((await everything()).users[0]?.['active'], true);
});

test('an account that cannot be brought up to date is not enabled', async (t) => {
  const { connector, proxy, everything } = await onSandbox(t);
  const steps = stepsOn(connector, disabling);
  await disabledAda(steps);
  proxy.script({ kind: 'pass' }, { kind: 'answer', status: 400 });
  await failsWith(steps.present({ ...ada, title: 'Analyst' }, 1), 'TARGET_REJECTED');
  assert.equal((await everything()).users[0]?.['active'], false);
});

test('an account that was disabled with one resource is enabled when it becomes another one\u2019s', async (t) => {
  const { connector, everything } = await onSandbox(t);
  await disabledAda(stepsOn(connector, disabling));
  const before = asResourceId('22222222-2222-4222-8222-222222222222');
  const steps = stepsOn(connector, disabling, { holderOf: async () => before });
  assert.equal(await steps.present(ada, 1), 'link');
  const { users } = await everything();
  assert.deepEqual([users.length, users[0]?.['active']], [1, true]);
});

test('an account that somebody else disabled, and that is new to us, is left as the mapping says', async (t) => {
  const { connector, everything } = await onSandbox(t);
  await connector.create('User', { ...ada, active: false }, signal());
  assert.equal(await stepsOn(connector, disabling).present(ada, 1), 'link');
  assert.equal((await everything()).users[0]?.['active'], false);
});

test('a group that is emptied stays with nobody in it, and is the same when it comes back', async (t) => {
  const { connector, everything } = await onSandbox(t);
  const { remoteId: member } = await connector.create('User', ada, signal());
  const steps = stepsOn(connector, { deprovisionGroups: 'empty' }, { type: 'Group' });
  const staff = { displayName: 'Staff' };
  await steps.present(staff, 1);
  const id = steps.link()?.remoteId ?? '';
  await connector.changeMembers(id, { add: [member], remove: [] }, signal());
  assert.equal(await steps.absent(1), 'disable');
  assert.deepEqual(await connector.readMembers?.(id, signal()).then((members) => members ?? []), []);
  assert.equal((await everything()).groups.length, 1);
  await steps.present(staff, 1);
  assert.deepEqual([steps.link()?.remoteId, steps.link()?.membersVersion], [id, undefined]);
});

test('a group is deleted unless the target is told to keep it', async (t) => {
  const { connector, everything } = await onSandbox(t);
  const steps = stepsOn(connector, disabling, { type: 'Group' });
  await steps.present({ displayName: 'Staff' }, 1);
  assert.equal(await steps.absent(1), 'delete');
  assert.deepEqual((await everything()).groups, []);
});
