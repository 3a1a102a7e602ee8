import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { asResourceId, asTenantId, resourceWorkflowId } from '../../domain/ids.ts';
import type { ReceivedRequest } from '../connectors/faulty-target.ts';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, refusal, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, patchOf, settled, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let target: FaultySandbox;

before(async () => {
  [provost, target] = await Promise.all([startInstallation(), startFaultySandbox()]);
});
beforeEach(() => target.heal());
after(async () => {
  await provost.stop();
  await target.stop();
});

const withTarget = (own: object = {}): Promise<TestTenant> =>
  newTenant(provost.url, { targets: [{ ...target.wish, ...own }] });

const stateOf = async ({ admin, identityProvider, targets: [id] }: TestTenant): Promise<Record<string, unknown>> =>
  (await admin('GET', `/identity-providers/${identityProvider}/targets/${id}/state`)).body;

const order = ({ admin, identityProvider, targets: [id] }: TestTenant, action: string, body?: object) =>
  admin('POST', `/identity-providers/${identityProvider}/targets/${id}/state/${action}`, body);

const inTargetState = (tenant: TestTenant, state: string): Promise<Record<string, unknown>> =>
  until(
    `target ${state}`,
    () => stateOf(tenant),
    (seen) => seen['state'] === state,
  );

async function createUsers({ scim }: TestTenant, prefix: string, count: number) {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const created = await scim('POST', '/Users', { userName: `${prefix}-${index}`, active: true });
      assert.equal(created.status, 201, created.text);
      return { id: String(created.body['id']), change: created.headers.get('provost-change') ?? '' };
    }),
  );
}

/** Requests that name somebody: the targets of other tests are the same server. */
const isAbout =
  (name: string) =>
  ({ path, body }: ReceivedRequest): boolean =>
    `${path} ${body}`.includes(name);

const arrived = (prefix: string, count: number, deadlineMs = 30_000) =>
  until(
    `${count} accounts ${prefix}`,
    () => target.accounts(prefix),
    (held) => held.length === count,
    deadlineMs,
  );

test('a target that fails for everybody is quarantined, left alone, and catches up by itself when a probe is answered', async () => {
  const tenant = await withTarget({ breaker: { failures: 3, probeAfterMs: 1_500, longestProbeMs: 3_000 } });
  target.fail(() => refusal(503, 'down for maintenance'));
  const users = await createUsers(tenant, 'quarantined', 8);
  const state = await inTargetState(tenant, 'quarantined');
  assert.match(String(state['because']), /^target-1 is quarantined since .*down for maintenance.* Next probe /s);
  assert.equal(state['code'], 'TARGET_UNAVAILABLE');
  // A moment later every process knows; what comes then says on the workflow's own page what it waits for.
  await until('a moment', () => Date.now() > Date.parse(String(state['since'])) + 400);
  const [late] = await createUsers(tenant, 'quarantined-late', 1);
  const workflow = provost.temporal.workflow.getHandle(
    resourceWorkflowId('User', asTenantId(tenant.id), asResourceId(late?.id ?? '')),
  );
  const standing = await until(
    'the standing',
    async () => JSON.stringify(await workflow.query('standing')),
    (text) => text.includes('waits: target-1 is quarantined since'),
  );
  assert.match(standing, /Next probe/);
  const calls = target.received.length;
  await until(
    'a second probe',
    () => stateOf(tenant),
    (seen) => Number(seen['probes']) >= 2,
  );
  assert.ok(target.received.length - calls <= 4, `${target.received.length - calls} calls in a quarantine`);
  target.heal();
  await Promise.all([...users, { change: late?.change ?? '' }].map(({ change }) => inState(tenant, change, 'settled')));
  assert.equal((await stateOf(tenant))['state'], 'open');
  assert.equal((await target.accounts('quarantined')).length, 9);
  const audit = await tenant.admin('GET', `/resources/${tenant.targets[0]}/audit`);
  assert.match(audit.text, /"target-quarantined"/);
});

test('refusals of single resources never open the breaker, and one resource that fails again and again does not', async () => {
  const tenant = await withTarget({ breaker: { failures: 2, probeAfterMs: 60_000, longestProbeMs: 60_000 } });
  target.fail(({ method }) => (method === 'POST' ? refusal(400, 'no such department') : undefined));
  const users = await createUsers(tenant, 'refused', 5);
  await Promise.all(users.map(({ change }) => inState(tenant, change, 'parked')));
  assert.equal((await stateOf(tenant))['state'], 'open');
  target.fail(() => refusal(503, 'busy'));
  const before = target.received.length;
  await createUsers(tenant, 'alone', 1);
  await until(
    'several attempts',
    () => target.received.length,
    (count) => count >= before + 4,
  );
  const state = await stateOf(tenant);
  assert.deepEqual([state['state'], state['failing']], ['open', 1]);
});

test('faults of a scope or a mapping never quarantine a target', async () => {
  const breaker = { failures: 2, probeAfterMs: 60_000, longestProbeMs: 60_000 };
  const broken = [
    { scope: { User: 'resource.userName < 5' } },
    {
      mapping: {
        kind: 'rules',
        rules: [
          { target: 'userName', source: 'userName' },
          { target: 'title', expression: 'resource.userName + 5' },
        ],
      },
    },
  ];
  for (const [index, own] of broken.entries()) {
    const tenant = await withTarget({ breaker, ...own });
    const users = await createUsers(tenant, `faulty-${index}`, 4);
    const parked = await Promise.all(users.map(({ change }) => inState(tenant, change, 'parked')));
    for (const change of parked) assert.match(JSON.stringify(change), /"code":"TARGET_MISCONFIGURED"/);
    const state = await stateOf(tenant);
    assert.deepEqual([state['state'], state['failing'] ?? 0], ['open', 0]);
  }
});

test('quarantine uses up no attempt of what waits, and a step that is given up says what the target said', async () => {
  const retry = { initialIntervalMs: 20, maximumIntervalMs: 50, maximumAttempts: 2, giveUpAfterMs: 60_000 };
  const tenant = await withTarget({ retry, breaker: { failures: 1, probeAfterMs: 400, longestProbeMs: 800 } });
  target.fail(() => refusal(503, 'closed'));
  const [user] = await createUsers(tenant, 'patient', 1);
  await until(
    'three probes',
    () => stateOf(tenant),
    (seen) => Number(seen['probes']) >= 3,
  );
  assert.notEqual((await tenant.admin('GET', `/changes/${user?.change}`)).body['state'], 'parked');
  target.heal();
  await inState(tenant, user?.change ?? '', 'settled');

  const other = await withTarget({ retry });
  target.fail(() => refusal(503, 'not today'));
  const [impatient] = await createUsers(other, 'impatient', 1);
  const parked = await inState(other, impatient?.change ?? '', 'parked');
  assert.match(JSON.stringify(parked['steps']), /"code":"TARGET_UNAVAILABLE".*not today/);
});

test('an operator releases a quarantine, and extends another', async () => {
  const tenant = await withTarget({ breaker: { failures: 1, probeAfterMs: 3_600_000, longestProbeMs: 3_600_000 } });
  target.fail(() => refusal(503, 'down'));
  const [user] = await createUsers(tenant, 'released', 1);
  await inTargetState(tenant, 'quarantined');
  const extended = await order(tenant, 'extend', { forMs: 7_200_000 });
  assert.equal(extended.status, 200, extended.text);
  assert.ok(Date.parse(String(extended.body['until'])) > Date.now() + 7_000_000);
  target.heal();
  assert.equal((await order(tenant, 'release', { comment: 'mended' })).body['state'], 'open');
  await inState(tenant, user?.change ?? '', 'settled');
  assert.equal((await order(tenant, 'release')).status, 409);
});

test('Retry-After holds back every step of the target, not only the one that was told', async () => {
  const tenant = await withTarget({ concurrency: 5 });
  await settled(tenant, await tenant.scim('POST', '/Users', { userName: 'throttled-first' }));
  let asked = 0;
  target.fail((request) => {
    if (!isAbout('throttled-told')(request)) return undefined;
    asked = Date.now();
    target.heal();
    return refusal(429, 'slow down', { 'retry-after': '2' });
  });
  const [first] = await createUsers(tenant, 'throttled-told', 1);
  await until('it was told', () => asked);
  const others = await createUsers(tenant, 'throttled-other', 4);
  await until('the wait is nearly over', () => Date.now() - asked > 1_900);
  assert.equal(target.received.filter(isAbout('throttled-other')).length, 0, 'nobody called meanwhile');
  for (const { change } of [...others, { change: first?.change ?? '' }]) await inState(tenant, change, 'settled');
});

test('a paused target is not called, not even for a deactivation; resumed, the deactivation goes first', async () => {
  const tenant = await withTarget({ concurrency: 1 });
  const [leaver] = await createUsers(tenant, 'leaver', 1);
  await arrived('leaver', 1);
  await inState(tenant, leaver?.change ?? '', 'settled');
  const paused = await order(tenant, 'pause', { comment: 'their weekend' });
  assert.deepEqual(
    [paused.status, paused.body['state'], paused.body['pausedBy']],
    [200, 'paused', tenant.credential.id],
  );
  assert.equal((await order(tenant, 'pause')).status, 409);
  // Within a second every worker knows.
  await until('a second', () => Date.now() > Date.parse(String(paused.body['since'])) + 1_500);
  const before = target.received.length;
  const joiners = await createUsers(tenant, 'joiner', 3);
  const off = await tenant.scim(
    'PATCH',
    `/Users/${leaver?.id}`,
    patchOf({ op: 'replace', path: 'active', value: false }),
  );
  assert.equal(off.status, 200, off.text);
  await until(
    'steps that wait',
    () => stateOf(tenant),
    (seen) => Number(seen['waitingSteps']) >= 4,
  );
  assert.equal(target.received.length, before);
  assert.equal((await order(tenant, 'resume')).status, 200);
  await settled(tenant, off);
  for (const { change } of joiners) await inState(tenant, change, 'settled');
  const writes = target.received.slice(before).filter(({ method }) => method === 'PATCH' || method === 'POST');
  assert.equal(writes[0]?.method, 'PATCH', 'the deactivation was the first write');
  const audit = await tenant.admin('GET', `/resources/${tenant.targets[0]}/audit`);
  assert.match(audit.text, /"target-paused".*"target-resumed"/s);
});

test('a deactivation arrives while ordinary steps hold every slot of the target and others queue', async () => {
  const tenant = await withTarget({ concurrency: 1 });
  const [leaver] = await createUsers(tenant, 'overtaking', 1);
  await inState(tenant, leaver?.change ?? '', 'settled');
  target.fail((request) => (isAbout('hanging')(request) ? { kind: 'hang' } : undefined));
  const hanging = await createUsers(tenant, 'hanging', 4);
  await until('the slot is taken', () => target.received.some(isAbout('hanging')));
  const off = await tenant.scim(
    'PATCH',
    `/Users/${leaver?.id}`,
    patchOf({ op: 'replace', path: 'active', value: false }),
  );
  await settled(tenant, off);
  assert.equal((await target.accounts('overtaking'))[0]?.['active'], false);
  assert.equal((await target.accounts('hanging')).length, 0);
  for (const { change } of hanging) {
    const { state } = (await tenant.admin('GET', `/changes/${change}`)).body;
    assert.notEqual(state, 'settled');
  }
});

test('outside its service windows a target is not called; a deactivation passes where its settings say so', async () => {
  const [opens, closes] = windowOfLater();
  const days = [1, 2, 3, 4, 5, 6, 7];
  const closed = { days, from: opens, to: closes, timeZone: 'UTC' };
  const tenant = await withTarget({ serviceWindows: [closed], urgentOutsideWindows: true });
  await inTargetState(tenant, 'outside-window');
  const [user] = await createUsers(tenant, 'windowed', 1);
  const off = await tenant.scim(
    'PATCH',
    `/Users/${user?.id}`,
    patchOf({ op: 'replace', path: 'active', value: false }),
  );
  await settled(tenant, off);
  const [late] = await createUsers(tenant, 'windowed-late', 1);
  assert.deepEqual((await target.accounts('windowed-late')).length, 0);
  const { admin, identityProvider, targets } = tenant;
  const path = `/identity-providers/${identityProvider}/targets/${targets[0]}`;
  const { id: _id, ...held } = (await admin('GET', path)).body;
  const open = { ...closed, from: '00:00', to: '00:00' };
  const edited = await admin('PUT', path, { ...held, serviceWindows: [open] });
  assert.equal(edited.status, 200, edited.text);
  await inState(tenant, late?.change ?? '', 'settled');
});

test('a rate holds for all steps of a target together', async () => {
  const tenant = await withTarget({ rateLimit: { perSecond: 10, burst: 2 }, concurrency: 10 });
  const before = target.received.length;
  const begun = Date.now();
  await Promise.all((await createUsers(tenant, 'metered', 10)).map(({ change }) => inState(tenant, change, 'settled')));
  const calls = target.received.length - before;
  const seconds = (Date.now() - begun) / 1000;
  assert.ok(calls >= 20, `${calls} calls: a look and a create each`);
  assert.ok(calls <= seconds * 10 + 3, `${calls} calls in ${seconds} s`);
});

test('deletions beyond the guard are staged, whatever the failure policy, until an operator approves or rejects all', async () => {
  const tenant = await withTarget({
    deprovision: 'delete',
    onFailure: 'continue',
    deletionGuard: { windowMs: 86_400_000, most: 2 },
  });
  const users = await createUsers(tenant, 'guarded', 6);
  await Promise.all(users.map(({ change }) => inState(tenant, change, 'settled')));
  const remove = async (some: readonly { id: string }[]) =>
    Promise.all(
      some.map(async ({ id }) => (await tenant.scim('DELETE', `/Users/${id}`)).headers.get('provost-change') ?? ''),
    );
  const changes = await remove(users.slice(0, 4));
  await until(
    'two staged',
    () => stateOf(tenant),
    (seen) => seen['stagedDeletions'] === 2,
  );
  assert.equal((await stateOf(tenant))['deletionsInWindow'], 2);
  await arrived('guarded', 4);
  const attention = await until(
    'the list',
    async () => (await tenant.admin('GET', '/attention')).text,
    (text) => text.split('"state":"parked"').length === 3,
  );
  assert.match(attention, /DELETION_STAGED/);
  assert.deepEqual((await order(tenant, 'staged-deletions/approve')).body, { deletions: 2 });
  await Promise.all(changes.map((change) => inState(tenant, change, 'settled')));
  await arrived('guarded', 2);

  const more = await remove(users.slice(4));
  await until(
    'two staged',
    () => stateOf(tenant),
    (seen) => seen['stagedDeletions'] === 2,
  );
  assert.deepEqual((await order(tenant, 'staged-deletions/reject')).body, { deletions: 2 });
  await Promise.all(more.map((change) => inState(tenant, change, 'settled')));
  await arrived('guarded', 2);
  assert.equal((await order(tenant, 'staged-deletions/reject')).status, 409);
});

test('a staged deletion that is compensated is staged no more, and the next one of the account is held back again', async () => {
  const tenant = await withTarget({ deprovision: 'delete', deletionGuard: { windowMs: 86_400_000, most: 0 } });
  const [user] = await createUsers(tenant, 'spared', 1);
  await inState(tenant, user?.change ?? '', 'settled');
  const remove = async (): Promise<string> =>
    (await tenant.scim('DELETE', `/Users/${user?.id}`)).headers.get('provost-change') ?? '';
  const staged = (count: number) =>
    until(
      `${count} staged`,
      () => stateOf(tenant),
      (seen) => seen['stagedDeletions'] === count,
    );
  const first = await remove();
  await inState(tenant, first, 'parked');
  await staged(1);
  const compensated = await tenant.admin('POST', `/changes/${first}/compensate`, { comment: 'they stay' });
  assert.ok(compensated.status < 300, compensated.text);
  await inState(tenant, first, 'compensated');
  await staged(0);
  assert.equal((await tenant.scim('GET', `/Users/${user?.id}`)).status, 200);
  await arrived('spared', 1);
  const second = await remove();
  await inState(tenant, second, 'parked');
  await staged(1);
  await arrived('spared', 1);
});

test('an operator sees in one list which targets are in trouble', async () => {
  const tenant = await withTarget();
  await order(tenant, 'pause');
  const { body } = await tenant.admin('GET', '/attention');
  const [entry] = body['items'] as Record<string, unknown>[];
  assert.deepEqual([entry?.['target'], entry?.['state']], [tenant.targets[0], 'paused']);
});

/** Both `HH:MM` in UTC, hours away from now. */
function windowOfLater(): [string, string] {
  const at = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  return [at(6), at(8)];
}
