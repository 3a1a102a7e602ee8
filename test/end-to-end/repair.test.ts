import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, refusal, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, replacing, settled, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  [provost, sandbox] = await Promise.all([startInstallation(), startFaultySandbox()]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
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
  assert.equal(code, 'TARGET_CONFLICT');
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
  const decision = { kind: 'link', remoteId: second };
  const decided = await tenant.admin('POST', `${target}/account-decisions`, { resourceId: user, decision });
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
