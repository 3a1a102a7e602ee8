/** What a step does after an attempt whose outcome nobody knows, on a real SCIM server behind a faulty way to it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isProvostError } from '../../../domain/errors.ts';
import { ENTERPRISE_USER_SCHEMA, type ScimObject } from '../../../domain/scim/resource.ts';
import { failsWith, faultyTarget } from '../../connectors/faulty.ts';
import type { Behaviour } from '../../connectors/faulty-target.ts';
import { connectorTo, ownSandbox } from '../../connectors/scim2/sandbox-connector.ts';
import { type Steps, stepsOn } from './steps.ts';

const ada: ScimObject = { userName: 'ada@example.com', title: 'Countess', active: true };

async function onSandbox(t: TestContext, overrides: Parameters<typeof stepsOn>[1] = {}) {
  const sandbox = await ownSandbox(t);
  const proxy = await faultyTarget(t, { upstream: sandbox.url });
  const connector = connectorTo(t, proxy.url, { requestTimeoutMs: 1_500 });
  const accounts = async (): Promise<ScimObject[]> => {
    const answer = await fetch(sandbox.pageUrl, { headers: { accept: 'application/json' } });
    return ((await answer.json()) as { users: ScimObject[] }).users;
  };
  return { proxy, connector, steps: stepsOn(connector, overrides), accounts };
}

const LOST: readonly Behaviour[] = [
  { kind: 'pass-then-drop' },
  { kind: 'pass-then-hang' },
  { kind: 'pass-then-cut' },
  { kind: 'pass-then-answer', status: 500 },
  { kind: 'pass-then-answer', status: 502, body: '<html></html>' },
  { kind: 'pass-then-answer', status: 503 },
  { kind: 'pass-then-answer', status: 200, body: '<html></html>' },
];

const nameOf = (lost: Behaviour): string => ('status' in lost ? `${lost.kind} ${lost.status}` : lost.kind);

for (const lost of LOST) {
  test(`a create whose answer was lost makes one account (${nameOf(lost)})`, async (t) => {
    const { proxy, steps, accounts } = await onSandbox(t);
    proxy.script({ kind: 'pass' }, lost);
    await failsWith(steps.present(ada, 1), 'TARGET_OUTCOME_UNKNOWN');
    assert.equal(steps.link()?.state, 'pending');
    assert.equal(await steps.present(ada, 2), 'create');
    const [account, ...others] = await accounts();
    assert.equal(others.length, 0);
    assert.equal(steps.link()?.remoteId, account?.['id']);
    assert.equal(steps.link()?.found, undefined, 'it was made by us, so undoing takes it away');
    assert.equal(proxy.received.filter(({ method }) => method === 'POST').length, 1);
  });

  test(`an update whose answer was lost is looked at before it is sent again (${nameOf(lost)})`, async (t) => {
    const { proxy, steps, accounts } = await onSandbox(t);
    await steps.present(ada, 1);
    proxy.script(lost);
    const wanted = { ...ada, title: 'Analyst' };
    await failsWith(steps.present(wanted, 1), 'TARGET_OUTCOME_UNKNOWN');
    assert.equal(await steps.present(wanted, 2), 'nothing');
    assert.equal((await accounts())[0]?.['title'], 'Analyst');
    assert.equal(proxy.received.filter(({ method }) => method === 'PATCH').length, 1);
  });
}

test('a name that changes after a lost create does not make a second account', async (t) => {
  const { proxy, steps, accounts } = await onSandbox(t);
  proxy.script({ kind: 'pass' }, { kind: 'pass-then-drop' });
  await failsWith(steps.present(ada, 1), 'TARGET_OUTCOME_UNKNOWN');
  await steps.present({ ...ada, userName: 'augusta@example.com' }, 2);
  assert.deepEqual(
    (await accounts()).map(({ userName }) => userName),
    ['augusta@example.com'],
  );
});

test('a create that never arrived is made, under the newest name', async (t) => {
  const { proxy, steps, accounts } = await onSandbox(t);
  proxy.script({ kind: 'pass' }, { kind: 'drop' });
  await failsWith(steps.present(ada, 1), 'TARGET_OUTCOME_UNKNOWN');
  assert.equal(await steps.present({ ...ada, userName: 'augusta@example.com' }, 2), 'create');
  assert.deepEqual(
    (await accounts()).map(({ userName }) => userName),
    ['augusta@example.com'],
  );
});

test('a lost create without the attribute that accounts are matched by is found by its name', async (t) => {
  const { proxy, steps, accounts } = await onSandbox(t, { matchBy: 'emails.value' });
  proxy.script({ kind: 'pass-then-drop' });
  await failsWith(steps.present(ada, 1), 'TARGET_OUTCOME_UNKNOWN');
  assert.equal(await steps.present(ada, 2), 'create');
  assert.equal((await accounts()).length, 1);
});

test('an account is matched by an attribute of an extension', async (t) => {
  const { connector, steps, accounts } = await onSandbox(t, { matchBy: `${ENTERPRISE_USER_SCHEMA}:employeeNumber` });
  const extension = { [ENTERPRISE_USER_SCHEMA]: { employeeNumber: '7' } };
  await connector.create('User', { userName: 'lovelace', ...extension }, AbortSignal.timeout(5_000));
  assert.equal(await steps.present({ ...ada, ...extension }, 1), 'link');
  assert.equal((await accounts()).length, 1);
});

test('a create that is undone while its answer is lost leaves no account', async (t) => {
  const { proxy, steps, accounts } = await onSandbox(t);
  proxy.script({ kind: 'pass' }, { kind: 'pass-then-drop' });
  await failsWith(steps.present(ada, 1), 'TARGET_OUTCOME_UNKNOWN');
  assert.equal(await steps.absent(1, true), 'delete');
  assert.deepEqual(await accounts(), []);
  assert.equal(steps.link(), undefined);
});

test('a deletion whose answer was lost is done', async (t) => {
  const { proxy, steps, accounts } = await onSandbox(t);
  await steps.present(ada, 1);
  proxy.script({ kind: 'pass-then-drop' });
  await failsWith(steps.absent(1), 'TARGET_OUTCOME_UNKNOWN');
  assert.equal(await steps.absent(2), 'delete');
  assert.deepEqual(await accounts(), []);
});

test('whatever is lost on the way, there is one account in the end, and it is as wanted', async (t) => {
  const { proxy, steps, accounts } = await onSandbox(t);
  const faults: readonly Behaviour[] = [
    ...LOST,
    { kind: 'drop' },
    { kind: 'hang' },
    { kind: 'answer', status: 429, headers: { 'retry-after': '1' } },
    { kind: 'answer', status: 503, headers: { 'retry-after': '1' } },
  ];
  // Every fault at the first, the second and the third call that follows.
  let step = 0;
  for (const fault of faults) {
    for (let passed = 0; passed < 3; passed += 1) {
      step += 1;
      const wanted = { ...ada, title: `${step}` };
      proxy.script(...Array.from({ length: passed }, () => ({ kind: 'pass' }) as const), fault);
      await untilDone(steps, wanted);
      const [account, ...others] = await accounts();
      assert.equal(others.length, 0, nameOf(fault));
      assert.equal(account?.['title'], wanted.title, nameOf(fault));
    }
  }
});

async function untilDone(steps: Steps, wanted: ScimObject): Promise<void> {
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    try {
      await steps.present(wanted, attempt);
      return;
    } catch (error) {
      if (!isProvostError(error) || !error.traits.retryable) throw error;
    }
  }
  throw new Error('ten attempts were not enough');
}
