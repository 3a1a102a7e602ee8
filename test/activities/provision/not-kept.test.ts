/** What a step learns of what its target keeps. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { driftedAttributes } from '../../../domain/reconciliation.ts';
import { notCompared, withoutPaths } from '../../../domain/retention.ts';
import type { ScimObject } from '../../../domain/scim/resource.ts';
import { type Manner, REFORMATTING, startForgetfulTarget } from '../../connectors/forgetful-target.ts';
import { connectorTo } from '../../connectors/scim2/sandbox-connector.ts';
import { type Steps, stepsOn } from './steps.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const ada = {
  userName: 'Ada',
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  displayName: 'Ada Lovelace',
  title: 'Countess',
  phoneNumbers: [{ value: '+44 20 7946 0000', type: 'work' }],
  active: true,
  [ENTERPRISE]: { department: 'Analysis', manager: { value: 'm-1' } },
};

const DROPPED = ['displayName', 'phoneNumbers', 'title', `${ENTERPRISE}:department`, `${ENTERPRISE}:manager.value`];

async function forgetful(t: TestContext, wish: Partial<Manner> = {}) {
  const target = await startForgetfulTarget(wish);
  t.after(() => target.stop());
  const steps = stepsOn(connectorTo(t, target.url));
  const account = (): ScimObject => [...target.held.values()][0] ?? {};
  const looks = (): number =>
    target.received.filter(({ method, path }) => method === 'GET' && !path.includes('filter=')).length;
  return { target, steps, account, looks };
}

function drift(steps: Steps, held: ScimObject): string[] {
  const link = steps.link();
  assert.ok(link?.content);
  const left = notCompared(link, held, steps.retention());
  return driftedAttributes(withoutPaths(link.content, left), held, withoutPaths(link.shown ?? {}, left));
}

test('what a target confirms and does not keep is said at the step, and is neither drift nor sent again', async (t) => {
  const { target, steps, account } = await forgetful(t);
  assert.equal(await steps.present(ada, 1), 'create');
  assert.deepEqual([...steps.notKept()].sort(), DROPPED);
  assert.deepEqual([...steps.retention().notKept].sort(), DROPPED);
  assert.deepEqual(drift(steps, account()), []);
  const writes = target.writes().length;
  assert.equal(await steps.present(ada, 2), 'nothing', 'a look finds nothing to send');
  assert.deepEqual([...steps.notKept()].sort(), DROPPED);
  assert.equal(target.writes().length, writes);
  assert.equal(await steps.present({ ...ada, name: { ...ada.name, givenName: 'Augusta' } }, 1), 'update');
  assert.deepEqual(drift(steps, { ...account(), name: { givenName: 'Eve', familyName: 'Lovelace' } }), ['name']);
});

test('a target is read once to learn what it does not keep, and not for each account', async (t) => {
  const { target, steps, looks } = await forgetful(t, { rewrites: {} });
  await steps.present(ada, 1);
  const first = looks();
  assert.equal(first, 2, 'once as it is, and once for what is shown only by its name');
  await steps.present({ ...ada, title: 'Analyst' }, 1);
  await steps.present({ ...ada, title: 'Mathematician', displayName: 'A.' }, 1);
  assert.equal(looks(), first);
  assert.equal(target.writes().length, 3, 'what is new is sent, should the target keep it by now');
});

test('an answer that repeats what was sent is not believed', async (t) => {
  const { steps, account } = await forgetful(t);
  await steps.present(ada, 1);
  assert.deepEqual([...steps.retention().echoed].sort(), DROPPED);
  await steps.present({ ...ada, userName: 'Augusta', title: 'Analyst' }, 1);
  assert.deepEqual([...steps.notKept()].sort(), DROPPED);
  assert.equal(account()['userName'], 'augusta');
  assert.deepEqual(drift(steps, account()), []);
});

test('a value that was not kept and is to go needs no call', async (t) => {
  const { target, steps } = await forgetful(t);
  await steps.present(ada, 1);
  const { title: _gone, ...rest } = ada;
  await steps.present(rest, 1);
  assert.deepEqual(target.writes(), ['POST /scim/v2/Users']);
});

test('what a target begins to keep is sent by the next step, and counts as drift from then on', async (t) => {
  const { target, steps, account } = await forgetful(t, { echoes: false });
  await steps.present(ada, 1);
  target.manner.drops = ['displayName', 'externalId', 'phoneNumbers', ENTERPRISE];
  await steps.present({ ...ada, title: 'Analyst' }, 1);
  assert.equal(account()['title'], 'Analyst');
  assert.ok(!steps.notKept().includes('title'));
  assert.ok(!steps.retention().notKept.includes('title'));
  const { title: _lost, ...without } = account();
  assert.deepEqual(drift(steps, without), ['title']);
});

test('an attribute that one account kept is drift there, although the target keeps it from nobody else', async (t) => {
  const { steps, target, account } = await forgetful(t, { drops: [] });
  await steps.present(ada, 1);
  target.manner.drops = ['title'];
  const { title: _lost, ...without } = account();
  assert.deepEqual(drift(steps, without), ['title']);
});

test('an account that is not active there though it should be, or is and should not, is always drift', async (t) => {
  const { steps, account } = await forgetful(t, { drops: ['active'] });
  await steps.present({ ...ada, active: false }, 1);
  assert.ok(!steps.notKept().includes('active'));
  assert.deepEqual(drift(steps, account()), ['active']);
});

for (const unanswered of [['title', 'name'], 'all'] as const) {
  test(`what answers leave out (${unanswered}) is looked for before anything is learned, and once`, async (t) => {
    const { steps, account, looks } = await forgetful(t, { unanswered, drops: ['displayName'], rewrites: {} });
    await steps.present(ada, 1);
    assert.deepEqual(steps.notKept(), ['displayName']);
    assert.deepEqual(drift(steps, account()), []);
    const looked = looks();
    await steps.present({ ...ada, title: 'Analyst' }, 1);
    assert.equal(looks(), looked);
    assert.deepEqual(steps.notKept(), ['displayName']);
    const { title: _lost, ...without } = account();
    assert.deepEqual(drift(steps, without), ['title']);
  });
}

test('what is shown only by its name is kept, and is no drift where it is not shown', async (t) => {
  const { steps, account } = await forgetful(t, { onRequest: ['title'], drops: ['displayName'] });
  await steps.present(ada, 1);
  assert.deepEqual(steps.notKept(), ['displayName']);
  assert.deepEqual(steps.retention().onRequest, ['title']);
  const { title: _hidden, ...shown } = account();
  assert.deepEqual(drift(steps, shown), []);
  assert.deepEqual(drift(steps, { ...shown, title: 'Other' }), ['title']);
});

for (const [answers, how] of [
  ['what it keeps', { echoes: false }],
  ['what it was sent', { echoes: true }],
  ['nothing', { unanswered: 'all' }],
] as const) {
  test(`names and phones that a target writes its own way are no drift, where it answers ${answers}`, async (t) => {
    const { steps, account } = await forgetful(t, { ...REFORMATTING, ...how });
    await steps.present(ada, 1);
    assert.equal(account()['userName'], 'ada');
    assert.deepEqual(drift(steps, account()), []);
    await steps.present({ ...ada, userName: 'Augusta', phoneNumbers: [{ value: '+44 1' }] }, 1);
    assert.deepEqual(account()['phoneNumbers'], [{ value: '+441' }]);
    assert.deepEqual(drift(steps, account()), []);
    assert.equal(
      await steps.present({ ...ada, userName: 'Augusta', phoneNumbers: [{ value: '+44 1' }] }, 2),
      'nothing',
    );
    assert.deepEqual(drift(steps, { ...account(), phoneNumbers: [{ value: '+442' }] }), ['phoneNumbers']);
  });
}

test('a target that keeps one of several values is compared by that one', async (t) => {
  const first = (value: unknown) => (Array.isArray(value) ? value.slice(0, 1) : value);
  const { steps, account } = await forgetful(t, { rewrites: { emails: first as never } });
  await steps.present({ userName: 'ada', emails: [{ value: 'a@x.example' }, { value: 'b@x.example' }] }, 1);
  assert.deepEqual(drift(steps, account()), []);
  assert.deepEqual(drift(steps, { ...account(), emails: [{ value: 'eve@x.example' }] }), ['emails']);
});

test('a target that does not let accounts be read is believed, and not asked again', async (t) => {
  const { steps, looks } = await forgetful(t, { readable: false });
  assert.equal(await steps.present(ada, 1), 'create');
  assert.deepEqual(steps.notKept(), []);
  const looked = looks();
  await steps.present({ ...ada, title: 'Analyst' }, 1);
  assert.equal(looks(), looked);
});

test('an account that did not keep what its target keeps by now gets it with a step that changes nothing else', async (t) => {
  const { target, steps, account } = await forgetful(t);
  await steps.present(ada, 1);
  assert.equal(await steps.present(ada, 1), 'nothing');
  target.manner.drops = [];
  await steps.forget('title');
  assert.equal(await steps.present(ada, 1), 'update');
  assert.equal(account()['title'], 'Countess');
  assert.equal(await steps.present(ada, 1), 'nothing');
});
