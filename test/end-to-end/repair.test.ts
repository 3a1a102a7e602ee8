import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, refusal, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, replacing, settled, type TestTenant } from './tenant.ts';

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

/** An account that is at the target before us. @returns its remote id */
async function accountThere(account: object): Promise<string> {
  const answer = await fetch(`${sandbox.wish.baseUrl}/Users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.wish.token}`, 'content-type': 'application/scim+json' },
    body: JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], ...account }),
  });
  assert.equal(answer.status, 201);
  return String(((await answer.json()) as { id: string }).id);
}

const create = async (tenant: TestTenant, user: object) => {
  const answer = await tenant.scim('POST', '/Users', user);
  assert.equal(answer.status, 201, answer.text);
  return { change: answer.headers.get('provost-change') ?? '', user: String(answer.body['id']), answer };
};

/** Where a change is parked: the code and what the target, or we, said. */
async function parkedAs(tenant: TestTenant, change: string) {
  const { steps } = await inState(tenant, change, 'parked');
  const [step] = steps as { code: string; message: string }[];
  return { code: step?.code, message: step?.message ?? '' };
}

const linksOf = async (tenant: TestTenant, user: string) =>
  (await tenant.admin('GET', `/resources/${user}/links`)).body['items'] as Record<string, unknown>[];

test('an account that is one resource’s is not linked to another', async () => {
  const matching = { rules: [{ attributes: ['displayName'] }] };
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, matching }] });
  const one = await create(tenant, { userName: 'm5.one', displayName: 'm5' });
  await settled(tenant, one.answer);
  const { change } = await create(tenant, { userName: 'm5.two', displayName: 'm5' });
  const { code, message } = await parkedAs(tenant, change);
  assert.equal(code, 'TARGET_MATCH_UNDECIDED');
  assert.match(message, new RegExp(one.user));
});

test('an operator edits what is sent once; the next change sends what the mapping says', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  sandbox.fail(({ method, body }) =>
    method === 'POST' && JSON.stringify(body).includes('Forbidden') ? refusal(400, 'no such title') : undefined,
  );
  const { change, user } = await create(tenant, { userName: 'edited', title: 'Forbidden', nickName: 'Ed' });
  await inState(tenant, change, 'parked');
  const target = tenant.targets[0];
  const wrong = await tenant.admin('POST', `/changes/${change}/edit`, {
    target,
    set: { title: 'A' },
    remove: ['title'],
  });
  assert.equal(wrong.status, 400);
  const order = { target, set: { title: 'Clerk' }, remove: ['nickName'] };
  const answer = await tenant.admin('POST', `/changes/${change}/edit`, order);
  assert.equal(answer.status, 200, answer.text);
  await inState(tenant, change, 'settled');
  const [held] = await sandbox.accounts('edited');
  assert.deepEqual([held?.['title'], held?.['nickName']], ['Clerk', undefined]);
  sandbox.heal();
  await settled(tenant, await tenant.scim('PATCH', `/Users/${user}`, replacing('displayName', 'Edward')));
  const [after] = await sandbox.accounts('edited');
  assert.deepEqual([after?.['title'], after?.['nickName']], ['Forbidden', 'Ed']);
});

test('all steps that are parked alike are counted, and tried again by one order', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  sandbox.fail(({ method }) => (method === 'POST' ? refusal(400, 'closed for inventory') : undefined));
  const parked = [];
  for (const name of ['alike1', 'alike2', 'alike3']) parked.push(await create(tenant, { userName: name }));
  await Promise.all(parked.map(({ change }) => inState(tenant, change, 'parked')));
  const path = `/changes/${parked[0]?.change}/retry-alike`;
  const counted = await tenant.admin('POST', path, { dryRun: true });
  assert.deepEqual(counted.body, { target: tenant.targets[0], code: 'TARGET_REJECTED', changes: 3 });
  sandbox.heal();
  const { body, text } = await tenant.admin('POST', path);
  assert.ok(body['job'], text);
  await Promise.all(parked.map(({ change }) => inState(tenant, change, 'settled')));
  const job = await until(
    'the job',
    async () => (await tenant.admin('GET', `/jobs/${body['job']}`)).body,
    ({ state }) => state === 'done',
  );
  assert.deepEqual([job['kind'], job['touched']], ['retry-parked', 3]);
});

test('what a person has to answer waits whatever the failure policy says, and links say which account is whose', async () => {
  const matching = { rules: [{ attributes: ['displayName'] }] };
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, matching, onFailure: 'continue' }] });
  const first = await accountThere({ userName: 'm2.a', displayName: 'm2' });
  const second = await accountThere({ userName: 'm2.b', displayName: 'm2' });
  const { change, user } = await create(tenant, { userName: 'm2', displayName: 'm2' });
  const { code, message } = await parkedAs(tenant, change);
  assert.equal(code, 'TARGET_AMBIGUOUS_MATCH');
  assert.ok(message.includes(first) && message.includes(second), message);
  const target = `/identity-providers/${tenant.identityProvider}/targets/${tenant.targets[0]}`;
  const [item] = await attention(tenant);
  assert.deepEqual((item?.['actions'] as object[] | undefined)?.[0], {
    operation: 'decideAccount',
    method: 'POST',
    path: `/tenants/${tenant.id}${target}/account-decisions`,
  });
  const decide = (remoteId: string) =>
    tenant.admin('POST', `${target}/account-decisions`, {
      resourceId: user,
      decision: { kind: 'link', remoteId },
    });
  await decide('nowhere');
  await until(
    'refused',
    () => parkedAs(tenant, change),
    ({ code: why }) => why === 'TARGET_MATCH_UNDECIDED',
  );
  // What was refused is forgotten: what is asked again is the question.
  await tenant.admin('POST', `/changes/${change}/retry`);
  await until(
    'asked again',
    () => parkedAs(tenant, change),
    ({ code: why }) => why === 'TARGET_AMBIGUOUS_MATCH',
  );
  const decided = await decide(second);
  assert.equal(decided.status, 202, decided.text);
  await inState(tenant, change, 'settled');
  const [link] = await linksOf(tenant, user);
  assert.deepEqual([link?.['remoteId'], link?.['state'], link?.['foundThere']], [second, 'linked', true]);
  const { body } = await tenant.admin('GET', `${target}/links?limit=1`);
  assert.deepEqual(
    (body['items'] as Record<string, unknown>[]).map((each) => [each['resource'], each['remoteId']]),
    [[user, second]],
  );
});

test('what was edited is sent by another worker, where the first is lost before the target answers', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  sandbox.fail(({ method }) => (method === 'POST' ? refusal(400, 'no such title') : undefined));
  const { change } = await create(tenant, { userName: 'survivor', title: 'Forbidden' });
  await inState(tenant, change, 'parked');
  const tries = () => sandbox.received.filter(({ method, body }) => method === 'POST' && body.includes('Clerk')).length;
  sandbox.fail(({ method }) => (method === 'POST' ? refusal(503, 'later', { 'retry-after': '1' }) : undefined));
  await tenant.admin('POST', `/changes/${change}/edit`, { target: tenant.targets[0], set: { title: 'Clerk' } });
  await until('an attempt', tries, (count) => count > 0);
  await provost.stopWorker();
  sandbox.heal();
  await provost.startWorker();
  await inState(tenant, change, 'settled');
  assert.deepEqual(
    (await sandbox.accounts('survivor')).map((held) => held['title']),
    ['Clerk'],
  );
});

const attention = async (tenant: TestTenant, query = '') =>
  (await tenant.admin('GET', `/attention${query}`)).body['items'] as Record<string, unknown>[];

test('a change that cannot be taken back says what stands where, until it is retried', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish, { ...other.wish, onFailure: 'compensate' }] });
  const refused = () => refusal(403, 'accounts stay');
  sandbox.fail(({ method }) => (method === 'DELETE' ? refused() : undefined));
  const confirmed = until(
    'the first target',
    () => sandbox.accounts('stuck'),
    (held) => held.length === 1,
  );
  other.fail(() => refusal(503, 'later', { 'retry-after': '1' }));
  const { change, user } = await create(tenant, { userName: 'stuck' });
  await confirmed;
  other.fail(() => refusal(400, 'nobody by this name'));
  const [item] = await until(
    'what waits',
    () => attention(tenant, '?kind=compensation-failed'),
    ([first]) => /put back\. The store/.test(String(first?.['because'])),
  );
  assert.deepEqual([item?.['id'], item?.['state'], item?.['name']], [change, 'parked', 'target-1']);
  assert.equal(
    item?.['because'],
    'It could not be taken back at target-1, which may hold it still. 1 target put back. The store holds what stood before it.',
  );
  assert.match(String(item?.['targetSaid']), /accounts stay/);
  assert.equal((await tenant.scim('GET', `/Users/${user}`)).status, 404);
  sandbox.heal();
  other.heal();
  assert.equal((await tenant.admin('POST', `/changes/${change}/retry`)).status, 200);
  await inState(tenant, change, 'compensated');
  assert.deepEqual(await sandbox.accounts('stuck'), []);
  assert.deepEqual(await attention(tenant), []);
});

test('what needs a person is listed kind by kind, filtered, paged, with what can be done about it', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish, other.wish] });
  sandbox.fail(({ method }) => (method === 'POST' ? refusal(400, 'no') : undefined));
  const first = await create(tenant, { userName: 'listed1' });
  const second = await create(tenant, { userName: 'listed2' });
  await Promise.all([first, second].map(({ change }) => inState(tenant, change, 'parked')));
  sandbox.heal();
  const target = `/identity-providers/${tenant.identityProvider}/targets/${tenant.targets[1]}`;
  await tenant.admin('POST', `${target}/state/pause`);
  const kinds: unknown[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await tenant.admin('GET', `/attention?limit=1${cursor}`);
    kinds.push(...(body['items'] as { kind: string }[]).map(({ kind }) => kind));
    if (body['next'] === undefined) break;
    cursor = `&cursor=${body['next']}`;
  }
  assert.deepEqual(kinds, ['target', 'parked-change', 'parked-change']);
  const filtered = await attention(tenant, `?target=${tenant.targets[0]}&code=TARGET_REJECTED`);
  assert.deepEqual(
    filtered.map(({ id }) => id),
    [second.change, first.change],
  );
  assert.deepEqual(await attention(tenant, '?code=TARGET_CONFLICT'), []);
  const [retry] = (filtered[0]?.['actions'] ?? []) as { operation: string; method: string; path: string }[];
  assert.equal(retry?.operation, 'retryChange');
  const sent = await tenant.admin('POST', String(retry?.path).replace(`/tenants/${tenant.id}`, ''));
  assert.equal(sent.status, 200, sent.text);
  const wrong = await tenant.admin('GET', '/attention?kind=nonsense');
  assert.equal(wrong.status, 400);
});
