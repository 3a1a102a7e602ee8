import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asChangeId, asResourceId, asTenantId, resourceWorkflowId } from '../../domain/ids.ts';
import {
  compensateChangeUpdate,
  type OperatorDecision,
  retryStepUpdate,
  skipStepUpdate,
} from '../../workflows/messages.ts';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, refusal, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, replacing, settled, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let first: FaultySandbox;
let second: FaultySandbox;

before(async () => {
  [provost, first, second] = await Promise.all([startInstallation(), startFaultySandbox(), startFaultySandbox()]);
});
after(async () => {
  await provost.stop();
  await first.stop();
  await second.stop();
});

/** A tenant with a user whose creation is parked at its first target, unless told otherwise. */
async function withParked(userName: string, own: object = {}) {
  const tenant = await newTenant(provost.url, { targets: [{ ...first.wish, ...own }, second.wish] });
  let held: Promise<unknown> | undefined;
  const otherHolds = () =>
    (held ??= until(
      'the other target',
      () => second.accounts(userName),
      (accounts) => accounts.length === 1,
    ));
  first.fail(async ({ method }) => {
    if (method !== 'POST') return undefined;
    // A refusal that takes the change back before the other target was called would leave nothing to take back there.
    await otherHolds();
    return refusal(400, 'department is mandatory');
  });
  const created = await tenant.scim('POST', '/Users', { userName, title: 'Clerk' });
  assert.equal(created.status, 201, created.text);
  const change = created.headers.get('provost-change') ?? '';
  const user = String(created.body['id']);
  await otherHolds();
  return { tenant, change, user, created };
}

const attention = async ({ admin }: TestTenant) =>
  ((await admin('GET', '/attention')).body as { items: Record<string, unknown>[] }).items;

test('a step that a target refuses is parked, and the list of what waits says why in plain words', async () => {
  const { tenant, change, user } = await withParked('parked');
  // The other target confirms at its own time, and is then no longer waited for.
  const [item] = await until(
    'what waits',
    () => attention(tenant),
    ([first]) => (first?.['waits'] as unknown[] | undefined)?.length === 1,
  );
  assert.deepEqual([item?.['id'], item?.['resource'], item?.['state']], [change, user, 'parked']);
  assert.equal(item?.['standing'], 'An operator has to decide: 1 target cannot be served as things are.');
  const waits = item?.['waits'] as { name: string; parked: boolean; because: string; targetSaid: string }[];
  assert.equal(waits[0]?.name, 'target-1');
  assert.match(
    waits[0]?.because ?? '',
    /^target-1 refused what was sent\. Correct the data or the mapping, then retry/,
  );
  assert.match(waits[0]?.targetSaid ?? '', /\(HTTP 400\): department is mandatory/);
  first.heal();
  assert.equal((await tenant.admin('POST', `/changes/${change}/retry`)).status, 200);
  await inState(tenant, change, 'settled');
});

test('two targets that refuse are both in the list', async () => {
  const tenant = await newTenant(provost.url, { targets: [first.wish, second.wish] });
  first.fail(() => refusal(400, 'first says no'));
  second.fail(() => refusal(403, 'second says no'));
  await tenant.scim('POST', '/Users', { userName: 'nowhere' });
  const said = async () =>
    (await attention(tenant)).flatMap((item) =>
      (item['waits'] as { targetSaid?: string }[]).map((wait) => wait.targetSaid),
    );
  const both = await until('both', said, (words) => words.length === 2 && words.every((word) => word !== undefined));
  assert.match(both.join('\n'), /first says no[\s\S]*second says no|second says no[\s\S]*first says no/);
  first.heal();
  second.heal();
});

test('an operator retries a parked step by HTTP, and it is nowhere in the list any more', async () => {
  const { tenant, change } = await withParked('retried');
  await inState(tenant, change, 'parked');
  first.heal();
  const answer = await tenant.admin('POST', `/changes/${change}/retry`, { comment: 'mandatory no more' });
  assert.deepEqual([answer.status, answer.body], [200, { steps: 1 }]);
  const done = await inState(tenant, change, 'settled');
  assert.equal((await first.accounts('retried')).length, 1);
  assert.deepEqual(await attention(tenant), []);
  const events = (done['timeline'] as { event: string; actor?: string }[]).filter(({ event }) =>
    event.startsWith('step-'),
  );
  assert.deepEqual(events.map(({ event }) => event).sort(), [
    'step-confirmed',
    'step-confirmed',
    'step-parked',
    'step-retried',
  ]);
  assert.equal(events.find(({ event }) => event === 'step-retried')?.actor, tenant.credential.id);
  const again = await tenant.admin('POST', `/changes/${change}/retry`);
  assert.equal(again.status, 409, again.text);
});

test('an operator skips a parked step: the change settles without it', async () => {
  const { tenant, change } = await withParked('skipped');
  await inState(tenant, change, 'parked');
  const answer = await tenant.admin('POST', `/changes/${change}/skip`, { target: tenant.targets[0] });
  first.heal();
  assert.deepEqual([answer.status, answer.body], [200, { steps: 1 }]);
  const done = await inState(tenant, change, 'settled');
  assert.equal(
    done['standing'],
    'It is done, except at the targets that were skipped, failed, or may not learn of it.',
  );
  assert.deepEqual(await first.accounts('skipped'), []);
});

test('an operator takes a parked change back: no target and no store has it', async () => {
  const { tenant, change, user } = await withParked('reverted');
  await inState(tenant, change, 'parked');
  first.heal();
  const answer = await tenant.admin('POST', `/changes/${change}/compensate`);
  assert.deepEqual([answer.status, answer.body], [200, { restored: true }]);
  assert.equal((await tenant.scim('GET', `/Users/${user}`)).status, 404);
  await inState(tenant, change, 'compensated');
  assert.deepEqual([...(await first.accounts('reverted')), ...(await second.accounts('reverted'))], []);
});

test('whoever has only Temporal sends the same decisions as updates', async () => {
  for (const [update, state] of [
    [retryStepUpdate, 'settled'],
    [skipStepUpdate, 'settled'],
    [compensateChangeUpdate, 'compensated'],
  ] as const) {
    const { tenant, change, user } = await withParked(`by-${update.name}`.toLowerCase());
    await inState(tenant, change, 'parked');
    if (update !== skipStepUpdate) first.heal();
    const workflow = provost.temporal.workflow.getHandle(
      resourceWorkflowId('User', asTenantId(tenant.id), asResourceId(user)),
    );
    const decision: OperatorDecision = { change: asChangeId(change), actor: 'operator', at: new Date().toISOString() };
    assert.ok(await workflow.executeUpdate<unknown, [OperatorDecision]>(update.name, { args: [decision] }));
    await inState(tenant, change, state);
    first.heal();
    await workflow.result();
  }
});

test('a later change of the same user tries again what was parked', async () => {
  const { tenant, change, user } = await withParked('followed');
  await inState(tenant, change, 'parked');
  first.heal();
  await settled(tenant, await tenant.scim('PATCH', `/Users/${user}`, replacing('title', 'Head')));
  await inState(tenant, change, 'settled');
  assert.equal((await first.accounts('followed'))[0]?.['title'], 'Head');
});

test('a target whose failure is to be ignored keeps nobody: the change settles and says so', async () => {
  const { tenant, change } = await withParked('ignored', { onFailure: 'continue' });
  const done = await inState(tenant, change, 'settled');
  first.heal();
  const steps = done['steps'] as { result: string; message?: string }[];
  assert.deepEqual(steps.map(({ result }) => result).sort(), ['confirmed', 'failed']);
  assert.match(steps.find(({ result }) => result === 'failed')?.message ?? '', /department is mandatory/);
});

test('a target whose failure takes the change back does so after the client was answered', async () => {
  const { tenant, change, user } = await withParked('recalled', { onFailure: 'compensate' });
  await inState(tenant, change, 'compensated');
  first.heal();
  assert.equal((await tenant.scim('GET', `/Users/${user}`)).status, 404);
  await until(
    'gone everywhere',
    () => second.accounts('recalled'),
    (held) => held.length === 0,
  );
});

test('a step that waits at one target does not hold up the next change, once those that would take it back have confirmed', async () => {
  const tenant = await newTenant(provost.url, {
    targets: [first.wish, { ...second.wish, onFailure: 'compensate' }],
  });
  first.fail(({ method }) => (method === 'POST' ? refusal(400, 'department is mandatory') : undefined));
  const created = await tenant.scim('POST', '/Users', { userName: 'held', title: 'Clerk' });
  const change = created.headers.get('provost-change') ?? '';
  await inState(tenant, change, 'parked');
  const patched = await tenant.scim('PATCH', `/Users/${created.body['id']}`, replacing('title', 'Chief'));
  assert.equal(patched.status, 200, patched.text);
  const title = async () => (await second.accounts('held'))[0]?.['title'];
  assert.equal(await until('the other target', title, (held) => held === 'Chief'), 'Chief');
  // The lane tries what was parked with the new step: an operator finds something to retry once both are parked again.
  await inState(tenant, patched.headers.get('provost-change') ?? '', 'parked');
  first.heal();
  const retried = await tenant.admin('POST', `/changes/${change}/retry`, {});
  assert.equal(retried.status, 200, retried.text);
  await settled(tenant, patched);
});

test('after an update whose outcome nobody knows, the next change looks at the account before it believes the link', async () => {
  const retry = { initialIntervalMs: 20, maximumIntervalMs: 20, giveUpAfterMs: 1_000 };
  const tenant = await newTenant(provost.url, { targets: [{ ...first.wish, retry }] });
  const created = await tenant.scim('POST', '/Users', { userName: 'in-doubt', title: 'Clerk' });
  await settled(tenant, created);
  const path = `/Users/${created.body['id']}`;
  // The target does it, and nobody learns so: the link still says Clerk.
  first.fail(({ method }) => (method === 'PATCH' ? { kind: 'pass-then-drop' } : refusal(503, 'down')));
  const changed = await tenant.scim('PATCH', path, replacing('title', 'Head'));
  await inState(tenant, String(changed.headers.get('provost-change')), 'parked');
  const title = async () => (await first.accounts('in-doubt'))[0]?.['title'];
  assert.equal(await title(), 'Head');
  first.heal();
  await settled(tenant, await tenant.scim('PATCH', path, replacing('title', 'Clerk')));
  assert.equal(await title(), 'Clerk');
});
