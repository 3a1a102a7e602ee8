import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, refusal, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, replacing, settled } from './tenant.ts';

let provost: TestInstallation;
let first: FaultySandbox;
let second: FaultySandbox;

/** A step that failed waits for long, and the target is open to others meanwhile. */
const SLOW = { initialIntervalMs: 30_000, maximumIntervalMs: 30_000, giveUpAfterMs: 120_000 };

before(async () => {
  // Four, so that a time-out can be waited for.
  [provost, first, second] = await Promise.all([
    startInstallation({ env: { PROVOST_BLOCKING_WAIT_SECONDS: '4' } }),
    startFaultySandbox(),
    startFaultySandbox(),
  ]);
});
after(async () => {
  await provost.stop();
  await first.stop();
  await second.stop();
});

test('a client is answered only after a blocking target has the account', async () => {
  const { scim } = await newTenant(provost.url, { targets: [{ ...first.wish, blocking: true }] });
  const created = await scim('POST', '/Users', { userName: 'prompt' });
  assert.equal(created.status, 201, created.text);
  assert.equal((await first.accounts('prompt')).length, 1);
});

test('a change that a blocking target refuses is taken back everywhere, and its client is told why', async () => {
  const tenant = await newTenant(provost.url, {
    targets: [first.wish, { ...second.wish, blocking: true }],
  });
  // Not before the other target has the account, so that there is something to take back.
  second.script({ kind: 'answer', status: 503, headers: { 'retry-after': '1' } });
  const request = { userName: 'undone', title: 'Clerk' };
  second.fail((request) => (request.method === 'POST' ? refusal(400, 'no seats are left') : undefined));
  const refused = await tenant.scim('POST', '/Users', request, { 'idempotency-key': 'undone' });
  second.heal();
  assert.equal(refused.status, 502, refused.text);
  assert.match(refused.headers.get('content-type') ?? '', /^application\/scim\+json/);
  assert.deepEqual(refused.body['schemas'], ['urn:ietf:params:scim:api:messages:2.0:Error']);
  assert.match(String(refused.body['detail']), /target-2.*no seats are left/);
  assert.deepEqual(await first.accounts('undone'), []);
  assert.deepEqual(await second.accounts('undone'), []);
  assert.equal((await tenant.scim('GET', '/Users?filter=userName%20eq%20%22undone%22')).body['totalResults'], 0);

  const again = await tenant.scim('POST', '/Users', request, { 'idempotency-key': 'undone' });
  assert.deepEqual([again.status, again.text], [refused.status, refused.text], 'the same key gives the same answer');
  const free = await tenant.scim('POST', '/Users', request);
  assert.equal(free.status, 201, `the name is free again: ${free.text}`);
});

test('of creations that are compensated nothing is left but their records: no edge, no link, nothing awaited, no body', async () => {
  const tenant = await newTenant(provost.url, {
    targets: [first.wish, { ...second.wish, blocking: true }],
  });
  const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  const member = await tenant.scim('POST', '/Users', { userName: 'stays' });
  assert.equal(member.status, 201, member.text);
  second.fail((request) => (request.method === 'POST' ? refusal(400, 'no seats are left') : undefined));
  const refused = [
    await tenant.scim('POST', '/Users', { userName: 'nobody', [enterprise]: { manager: { value: 'unknown' } } }),
    await tenant.scim('POST', '/Groups', { displayName: 'None', members: [{ value: member.body['id'] }] }),
  ];
  second.heal();
  assert.deepEqual(
    refused.map(({ status }) => status),
    [502, 502],
  );
  const { items } = (await tenant.admin('GET', '/changes')).body as {
    items: { id: string; resource: string; state: string }[];
  };
  const compensated = items.filter(({ resource }) => resource !== member.body['id']);
  assert.equal(compensated.length, 2);
  for (const { id, resource } of compensated) {
    await inState(tenant, id, 'compensated');
    const holding: string[] = [];
    for (const { name } of await provost.mongo.listCollections()) {
      const documents = await provost.mongo.collection(name).find({ tenant: tenant.id }).toArray();
      if (documents.some((document) => JSON.stringify(document).includes(resource))) holding.push(name);
    }
    assert.deepEqual(
      holding.filter((name) => !/^(audit|changes)/.test(name)),
      [],
    );
    const record = await provost.mongo.collection('changes').findOne({ _id: id as never });
    assert.equal(record?.['body'], undefined);
  }
});

test('an update that a blocking target refuses leaves store and other targets as they were', async () => {
  const tenant = await newTenant(provost.url, {
    targets: [first.wish, { ...second.wish, blocking: true }],
  });
  const created = await tenant.scim('POST', '/Users', { userName: 'steady', title: 'Clerk' });
  await settled(tenant, created);
  const path = `/Users/${created.body['id']}`;
  second.script({ kind: 'answer', status: 503, headers: { 'retry-after': '1' } });
  second.fail((request) => (request.method === 'PATCH' ? refusal(400, 'titles are frozen') : undefined));
  const refused = await tenant.scim('PATCH', path, replacing('title', 'Head'));
  second.heal();
  assert.equal(refused.status, 502, refused.text);
  assert.match(String(refused.body['detail']), /titles are frozen/);
  assert.equal((await tenant.scim('GET', path)).body['title'], 'Clerk');
  const titles = async () =>
    [...(await first.accounts('steady')), ...(await second.accounts('steady'))].map((a) => a['title']);
  await until('both as before', titles, (held) => held.join() === 'Clerk,Clerk');
  const next = await tenant.scim('PATCH', path, replacing('title', 'Chief'));
  assert.equal(next.status, 200, next.text);
  await until('the next change', titles, (held) => held.join() === 'Chief,Chief');
});

test('a blocking target that does not answer in time has the change taken back', async () => {
  const tenant = await newTenant(provost.url, { targets: [{ ...second.wish, blocking: true }] });
  second.fail(() => ({ kind: 'answer', status: 500 }));
  const started = performance.now();
  const late = await tenant.scim('POST', '/Users', { userName: 'late' }, { 'idempotency-key': 'late' });
  const waited = performance.now() - started;
  assert.equal(late.status, 504, late.text);
  assert.match(String(late.body['detail']), /target-1.*not confirmed within 4000 ms/);
  assert.ok(waited > 1_900 && waited < 15_000, `waited ${waited} ms`);
  assert.equal((await tenant.scim('GET', '/Users')).body['totalResults'], 0);
  second.heal();
  const { items } = (await tenant.admin('GET', '/changes')).body as { items: { id: string }[] };
  await inState(tenant, items[0]?.id ?? '', 'compensated');
  assert.deepEqual(await second.accounts('late'), []);
  const again = await tenant.scim('POST', '/Users', { userName: 'late' }, { 'idempotency-key': 'late' });
  assert.deepEqual([again.status, again.text], [late.status, late.text]);
});

test('a deactivation overtakes a change that waits for its blocking target', async () => {
  const tenant = await newTenant(provost.url, { targets: [{ ...second.wish, blocking: true, retry: SLOW }] });
  const created = await tenant.scim('POST', '/Users', { userName: 'leaving', active: true, title: 'Clerk' });
  const path = `/Users/${created.body['id']}`;
  second.script({ kind: 'answer', status: 503 });
  const waiting = tenant.scim('PATCH', path, replacing('title', 'Head'));
  await until(
    'the waiting change',
    async () => (await tenant.scim('GET', path)).body['title'],
    (t) => t === 'Head',
  );
  const started = performance.now();
  const deactivated = await tenant.scim('PATCH', path, replacing('active', false));
  assert.equal(deactivated.status, 200, deactivated.text);
  assert.ok(performance.now() - started < 1_900, 'it does not wait for the other');
  const [held] = await second.accounts('leaving');
  assert.deepEqual([held?.['active'], held?.['title']], [false, 'Head']);
  assert.equal((await waiting).status, 200, 'one call brought both');
});

test('a deletion overtakes a change that waits for its blocking target', async () => {
  const tenant = await newTenant(provost.url, {
    targets: [{ ...second.wish, blocking: true, retry: SLOW, deprovision: 'delete' }],
  });
  const created = await tenant.scim('POST', '/Users', { userName: 'gone', title: 'Clerk' });
  const path = `/Users/${created.body['id']}`;
  second.script({ kind: 'answer', status: 503 });
  const waiting = tenant.scim('PATCH', path, replacing('title', 'Head'));
  await until(
    'the waiting change',
    async () => (await tenant.scim('GET', path)).body['title'],
    (t) => t === 'Head',
  );
  assert.equal((await tenant.scim('DELETE', path)).status, 204);
  assert.deepEqual(await second.accounts('gone'), []);
  assert.equal((await waiting).status, 204, 'there is nothing left to show');
});

/** A user with an account at both targets, of which the second blocks. */
async function blockedLeaver(userName: string, own: object = {}) {
  const tenant = await newTenant(provost.url, { targets: [first.wish, { ...second.wish, blocking: true, ...own }] });
  const created = await tenant.scim('POST', '/Users', { userName, active: true });
  await settled(tenant, created);
  const activeAt = async (sandbox: FaultySandbox) => (await sandbox.accounts(userName)).map((held) => held['active']);
  return { tenant, path: `/Users/${created.body['id']}`, activeAt };
}

test('a deactivation that a blocking target refuses stands everywhere else, is answered, and is parked there', async () => {
  const { tenant, path, activeAt } = await blockedLeaver('refused-leaver');
  second.fail(({ method }) => (method === 'GET' ? undefined : refusal(400, 'this one stays')));
  const deactivated = await tenant.scim('PATCH', path, replacing('active', false));
  assert.equal(deactivated.status, 200, deactivated.text);
  assert.equal((await tenant.scim('GET', path)).body['active'], false);
  const change = String(deactivated.headers.get('provost-change'));
  await inState(tenant, change, 'parked');
  await until(
    'the other target',
    () => activeAt(first),
    (active) => active.join() === 'false',
  );
  assert.deepEqual(await activeAt(second), [true]);
  second.heal();
  assert.equal((await tenant.admin('POST', `/changes/${change}/retry`)).status, 200);
  await inState(tenant, change, 'settled');
  assert.deepEqual(await activeAt(second), [false]);
});

test('a deactivation that a blocking target does not answer in time is answered, and goes on until the target has it', async () => {
  const { tenant, path, activeAt } = await blockedLeaver('slow-leaver');
  second.fail(({ method }) => (method === 'GET' ? undefined : { kind: 'answer', status: 500 }));
  const deactivated = await tenant.scim('PATCH', path, replacing('active', false));
  assert.equal(deactivated.status, 200, deactivated.text);
  assert.equal((await tenant.scim('GET', path)).body['active'], false);
  assert.deepEqual(await activeAt(second), [true]);
  second.heal();
  await settled(tenant, deactivated);
  assert.deepEqual([await activeAt(first), await activeAt(second)], [[false], [false]]);
});

test('a deletion that a compensating target refuses is not taken back', async () => {
  const { tenant, path } = await blockedLeaver('kept', {
    blocking: false,
    onFailure: 'compensate',
    deprovision: 'delete',
  });
  second.fail(({ method }) => (method === 'DELETE' ? refusal(400, 'accounts stay') : undefined));
  const deleted = await tenant.scim('DELETE', path);
  assert.equal(deleted.status, 204, deleted.text);
  await inState(tenant, String(deleted.headers.get('provost-change')), 'parked');
  assert.equal((await tenant.scim('GET', path)).status, 404);
  second.heal();
});

test('two changes on top of each other are both taken back, whichever fails first: nothing of them stays', async () => {
  for (const order of ['create first', 'deactivation first']) {
    const userName = `stacked-${order.replace(' ', '-')}`;
    const tenant = await newTenant(provost.url, {
      targets: [{ ...second.wish, blocking: true, retry: { ...SLOW, initialIntervalMs: 200, maximumIntervalMs: 200 } }],
    });
    second.fail(({ method }) => (method === 'GET' ? undefined : refusal(503, 'down')));
    const creating = tenant.scim('POST', '/Users', { userName, active: true });
    const found = await until(
      'the user who is being created',
      async () =>
        (await tenant.scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`)).body[
          'Resources'
        ] as { id: string }[],
      ([user]) => user !== undefined,
    );
    const path = `/Users/${found[0]?.id}`;
    const deactivating = tenant.scim('PATCH', path, replacing('active', false));
    await until(
      'the deactivation',
      async () => (await tenant.scim('GET', path)).body['active'],
      (active) => active === false,
    );
    const { body } = await tenant.admin('GET', `/changes?resource=${found[0]?.id}`);
    const ids = (body['items'] as { id: string; operation: string }[])
      .sort((a) => ((a.operation === 'create') === (order === 'create first') ? -1 : 1))
      .map(({ id }) => id);
    for (const id of ids) {
      const taken = await tenant.admin('POST', `/changes/${id}/compensate`, { comment: 'enough' });
      assert.ok(taken.status < 300, taken.text);
      await until(
        'the store',
        async () => (await tenant.admin('GET', `/changes/${id}`)).text,
        (text) => text.includes('"store-restored"'),
      );
    }
    second.heal();
    for (const id of ids) await inState(tenant, id, 'compensated');
    // The deactivation was answered before it was taken back, where its target had not answered in time.
    const answers = [(await creating).status, (await deactivating).status];
    assert.equal(answers[0], 502);
    assert.ok([200, 502].includes(answers[1] ?? 0), `${answers}`);
    assert.equal((await tenant.scim('GET', path)).status, 404, order);
    assert.equal((await tenant.scim('POST', '/Users', { userName })).status, 201, 'the name is free');
    assert.equal((await second.accounts(userName)).length, 1);
  }
});
