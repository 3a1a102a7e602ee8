import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, refusal, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, replacing, settled } from './tenant.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;
let other: FaultySandbox;

before(async () => {
  [provost, sandbox, other] = await Promise.all([startInstallation(), startFaultySandbox(), startFaultySandbox()]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
  await other.stop();
});

test('persist keeps the user here and sends nothing', async () => {
  const tenant = await newTenant(provost.url, { mode: 'persist', targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', { userName: 'kept', title: 'Clerk' });
  assert.equal(created.status, 201, created.text);
  const change = await settled(tenant, created);
  assert.deepEqual(change['steps'], []);
  const read = await tenant.scim('GET', `/Users/${created.body['id']}`);
  assert.equal(read.body['title'], 'Clerk');
  assert.deepEqual(await sandbox.accounts('kept'), []);
});

test('persist-and-provision keeps the user through its whole life and shows each step to the target', async () => {
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, deprovision: 'delete' }] });
  const created = await tenant.scim('POST', '/Users', { userName: 'both', title: 'Clerk', active: true });
  const path = `/Users/${created.body['id']}`;
  assert.deepEqual(await actions(tenant, created), ['create']);
  const patched = await tenant.scim('PATCH', path, replacing('title', 'Head'));
  assert.equal(patched.body['title'], 'Head');
  assert.deepEqual(await actions(tenant, patched), ['update']);
  assert.equal((await sandbox.accounts('both'))[0]?.['title'], 'Head');
  const replaced = await tenant.scim('PUT', path, { userName: 'both', title: 'Chief' });
  assert.equal(replaced.status, 200, replaced.text);
  assert.deepEqual(await actions(tenant, replaced), ['update']);
  assert.equal((await sandbox.accounts('both'))[0]?.['title'], 'Chief');
  assert.equal((await tenant.scim('GET', path)).body['title'], 'Chief');
  assert.equal((await tenant.scim('DELETE', path)).status, 204);
  assert.equal((await tenant.scim('GET', path)).status, 404);
  await until(
    'the account gone',
    () => sandbox.accounts('both'),
    (held) => held.length === 0,
  );
});

test('a target that shall keep leavers has the account of a deleted user disabled', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', { userName: 'leaver', active: true });
  await settled(tenant, created);
  await tenant.scim('DELETE', `/Users/${created.body['id']}`);
  await until(
    'disabled',
    () => sandbox.accounts('leaver'),
    ([held]) => held?.['active'] === false,
  );
});

test('a change that changes nothing is answered and reaches no target', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', { userName: 'same', title: 'Clerk' });
  await settled(tenant, created);
  const calls = sandbox.received.length;
  const patched = await tenant.scim('PATCH', `/Users/${created.body['id']}`, replacing('title', 'Clerk'));
  assert.equal(patched.status, 200, patched.text);
  assert.equal(patched.headers.get('etag'), created.headers.get('etag'));
  assert.deepEqual(await actions(tenant, patched), ['nothing']);
  assert.equal(sandbox.received.length, calls);
});

test('provision-only creates, replaces, patches and deletes at the target and keeps nothing here', async () => {
  const tenant = await newTenant(provost.url, {
    mode: 'provision-only',
    targets: [{ ...sandbox.wish, deprovision: 'delete' }],
  });
  const created = await tenant.scim('POST', '/Users', { userName: 'passing', title: 'Clerk', displayName: 'P' });
  assert.equal(created.status, 201, created.text);
  // WSO2's clients get back what they sent, with an id to go on with.
  assert.equal(created.body['userName'], 'passing');
  const path = `/Users/${created.body['id']}`;
  assert.equal(created.headers.get('location')?.endsWith(path), true);
  assert.deepEqual(await actions(tenant, created), ['create']);
  const [account] = await sandbox.accounts('passing');
  assert.equal(account?.['title'], 'Clerk');

  assert.equal((await tenant.scim('GET', path)).status, 404, 'nothing is kept');
  assert.equal((await tenant.scim('GET', '/Users')).body['totalResults'], 0);
  assert.equal(await provost.mongo.collection('resources').countDocuments({ tenant: tenant.id }), 0);

  const replaced = await tenant.scim('PUT', path, { userName: 'passing', title: 'Head', displayName: 'P' });
  assert.equal(replaced.status, 200, replaced.text);
  assert.equal(replaced.body['title'], 'Head');
  assert.deepEqual(await actions(tenant, replaced), ['update']);

  const patched = await tenant.scim('PATCH', path, replacing('title', 'Chief'));
  assert.equal(patched.status, 204, 'what is not kept cannot be shown');
  assert.deepEqual(await actions(tenant, patched), ['update']);
  const [patchedAccount] = await sandbox.accounts('passing');
  assert.deepEqual(
    [patchedAccount?.id, patchedAccount?.['title'], patchedAccount?.['displayName']],
    [account?.id, 'Chief', 'P'],
  );

  assert.equal((await tenant.scim('DELETE', path)).status, 204);
  await until(
    'the account gone',
    () => sandbox.accounts('passing'),
    (held) => held.length === 0,
  );
  assert.equal(await provost.mongo.collection('resources').countDocuments({ tenant: tenant.id }), 0);
  await until(
    'no request kept',
    () => provost.mongo.collection('changes').countDocuments({ tenant: tenant.id, body: { $exists: true } }),
    (kept) => kept === 0,
  );
});

test('provision-only with a blocking target is answered when the target has it', async () => {
  const tenant = await newTenant(provost.url, {
    mode: 'provision-only',
    targets: [{ ...sandbox.wish, blocking: true }],
  });
  const created = await tenant.scim('POST', '/Users', { userName: 'straight' });
  assert.equal(created.status, 201, created.text);
  assert.equal((await sandbox.accounts('straight')).length, 1);
});

type Step = { target: string; result: string; code?: string };

/** Nothing is stored: one target takes what it is asked for, the other one has the change compensated. */
const compensating = () =>
  newTenant(provost.url, {
    mode: 'provision-only',
    targets: [
      { ...sandbox.wish, deprovision: 'delete' },
      { ...other.wish, onFailure: 'compensate', deprovision: 'delete' },
    ],
  });

/** The other target refuses the method, not before the first one has had the time to confirm. */
function refuse(method: string): void {
  other.script({ kind: 'answer', status: 503, headers: { 'retry-after': '1' } });
  other.fail((request) => (request.method === method ? refusal(400, 'titles are frozen') : undefined));
}

test('an update in provision-only that is compensated leaves the accounts where they are, and is parked where nobody knows what they held', async () => {
  const tenant = await compensating();
  const created = await tenant.scim('POST', '/Users', { userName: 'frozen', title: 'Clerk' });
  await settled(tenant, created);
  const held = async () =>
    [...(await sandbox.accounts('frozen')), ...(await other.accounts('frozen'))].map(({ id, title }) => ({
      id,
      title,
    }));
  const before = await held();
  refuse('PATCH');
  const patched = await tenant.scim('PATCH', `/Users/${created.body['id']}`, replacing('title', 'Head'));
  const id = patched.headers.get('provost-change') ?? '';
  const standing = async () => {
    const { steps } = (await tenant.admin('GET', `/changes/${id}`)).body as { steps: Step[] };
    return tenant.targets.map((target) => steps.findLast((step) => step.target === target));
  };
  const steps = await until('both decided', standing, ([, refused]) => refused?.result === 'compensated');
  assert.deepEqual(
    steps.map((step) => [step?.result, step?.code]),
    [
      ['parked', 'NO_EARLIER_STATE'],
      ['compensated', undefined],
    ],
  );
  assert.deepEqual(
    await held(),
    before.map((account, index) => ({ ...account, title: index === 0 ? 'Head' : 'Clerk' })),
  );
  other.heal();
  const whole = await tenant.scim('PUT', `/Users/${created.body['id']}`, { userName: 'frozen', title: 'Chief' });
  await settled(tenant, whole);
  assert.deepEqual(
    await held(),
    before.map((account) => ({ ...account, title: 'Chief' })),
  );
  const skipped = await tenant.admin('POST', `/changes/${id}/skip`, {});
  assert.equal(skipped.status, 200, skipped.text);
  await inState(tenant, id, 'compensated');
  assert.equal((await held()).length, 2);
});

test('a creation in provision-only that is compensated takes the account away that it made', async () => {
  const tenant = await compensating();
  refuse('POST');
  const created = await tenant.scim('POST', '/Users', { userName: 'undone' });
  await inState(tenant, created.headers.get('provost-change') ?? '', 'compensated');
  other.heal();
  assert.deepEqual([...(await sandbox.accounts('undone')), ...(await other.accounts('undone'))], []);
});

async function actions(tenant: Parameters<typeof settled>[0], answer: Parameters<typeof settled>[1]) {
  const { steps } = (await settled(tenant, answer)) as { steps: { action?: string }[] };
  return steps.map(({ action }) => action);
}
