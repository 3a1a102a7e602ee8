import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { editTarget } from './edit-target.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, refusal, startFaultySandbox } from './sandbox.ts';
import { type Answer, newTenant, patchOf, replacing, settled, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  [provost, sandbox] = await Promise.all([startInstallation(), startFaultySandbox()]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

async function create(tenant: TestTenant, path: '/Users' | '/Groups', body: object): Promise<Answer> {
  const answer = await tenant.scim('POST', path, body);
  assert.equal(answer.status, 201, answer.text);
  await settled(tenant, answer);
  return answer;
}

async function patch(tenant: TestTenant, path: string, ...operations: object[]): Promise<void> {
  const answer = await tenant.scim('PATCH', path, patchOf(...operations));
  assert.equal(answer.status < 300, true, answer.text);
  await settled(tenant, answer);
}

const holds = (userName: string, active: boolean) =>
  until(
    `${userName} ${active ? 'active' : 'disabled'}`,
    () => sandbox.accounts(userName),
    ([held]) => held !== undefined && (held['active'] ?? true) === active,
  );

const holdsNone = (userName: string) =>
  until(
    `no ${userName}`,
    () => sandbox.accounts(userName),
    (held) => held.length === 0,
  );

test('entering scope creates, leaving it deprovisions, and the decision says why', async () => {
  const tenant = await newTenant(provost.url, {
    targets: [{ ...sandbox.wish, scope: { User: 'resource.title == "Engineer" && resource.active == true' } }],
  });
  const created = await create(tenant, '/Users', { userName: 'scoped', title: 'Clerk', active: true });
  const user = `/Users/${created.body['id']}`;
  const change = (await tenant.admin('GET', `/changes/${created.headers.get('provost-change')}`)).body;
  const { targets } = change['decision'] as { targets: { called: boolean; because: string }[] };
  assert.deepEqual(
    targets.map(({ called, because }) => [called, because]),
    [[false, "the target's scope for User resources leaves it out"]],
  );
  assert.deepEqual(await sandbox.accounts('scoped'), []);

  await patch(tenant, user, { op: 'replace', path: 'title', value: 'Engineer' });
  await holds('scoped', true);
  await patch(tenant, user, { op: 'replace', path: 'title', value: 'Clerk' });
  await holds('scoped', false);
  await patch(tenant, user, { op: 'replace', path: 'title', value: 'Engineer' });
  await holds('scoped', true);
  assert.equal((await sandbox.accounts('scoped')).length, 1);
});

test('who leaves scope while his account is just being made does not keep it', async () => {
  const tenant = await newTenant(provost.url, {
    targets: [{ ...sandbox.wish, scope: { User: 'resource.title == "in"' } }],
  });
  const nobody = { schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: 0, Resources: [] };
  sandbox.script({ kind: 'answer', status: 200, body: nobody, delayMs: 1_500 });
  const from = sandbox.received.length;
  const created = await tenant.scim('POST', '/Users', { userName: 'hasty', title: 'in' });
  await until('the look for an account', () => sandbox.received.length > from);
  await patch(tenant, `/Users/${created.body['id']}`, { op: 'replace', path: 'title', value: 'out' });
  await settled(tenant, created);
  await holds('hasty', false);
});

test('a scope without an answer parks the step with the reason, and goes on when it is mended', async () => {
  const tenant = await newTenant(provost.url, {
    targets: [{ ...sandbox.wish, onFailure: 'continue', scope: { User: 'resource.userName < 5' } }],
  });
  const created = await tenant.scim('POST', '/Users', { userName: 'unclear' });
  const change = String(created.headers.get('provost-change'));
  const parked = await until(
    'parked',
    async () => (await tenant.admin('GET', `/changes/${change}`)).body,
    ({ state }) => state === 'parked',
  );
  assert.match(JSON.stringify(parked['waits']), /no answer for this User/);
  await editTarget(tenant, tenant.targets[0] ?? '', { scope: { User: 'resource.userName == "unclear"' } });
  assert.equal((await tenant.admin('POST', `/changes/${change}/retry`, {})).status < 300, true);
  await settled(tenant, created);
  await holds('unclear', true);
});

test('what cannot be a scope or an order is refused where it is saved', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish, sandbox.wish] });
  const [first = '', second = ''] = tenant.targets;
  const put = async (target: string, own: object) => {
    const path = `/identity-providers/${tenant.identityProvider}/targets/${target}`;
    const { id: _id, ...held } = (await tenant.admin('GET', path)).body;
    return tenant.admin('PUT', path, { ...held, ...own });
  };
  assert.match((await put(first, { scope: { User: 'resource.salary > 3' } })).text, /no attribute salary/);
  assert.match((await put(first, { scope: { User: 'size(groups)' } })).text, /has to give true or false/);
  assert.equal((await put(first, { order: { dependsOn: [second] } })).status, 200);
  const circle = await put(second, { order: { dependsOn: [first] } });
  assert.equal(circle.status, 400);
  assert.match(circle.text, /would wait for each other/);
});

test('joining a role provisions and leaving it deprovisions, directly and through another group', async () => {
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, resourceTypes: ['User'] }] });
  const role = (await create(tenant, '/Groups', { displayName: 'Role' })).body['id'];
  const team = (await create(tenant, '/Groups', { displayName: 'Team', members: [] })).body['id'];
  await editTarget(tenant, tenant.targets[0] ?? '', { scope: { members: [role] } });
  const member = (await create(tenant, '/Users', { userName: 'member' })).body['id'];
  const indirect = (await create(tenant, '/Users', { userName: 'indirect' })).body['id'];
  assert.deepEqual([await sandbox.accounts('member'), await sandbox.accounts('indirect')], [[], []]);

  await patch(tenant, `/Groups/${role}`, { op: 'add', path: 'members', value: [{ value: member }, { value: team }] });
  await holds('member', true);
  await patch(tenant, `/Groups/${team}`, { op: 'add', path: 'members', value: [{ value: indirect }] });
  await holds('indirect', true);

  await patch(tenant, `/Groups/${role}`, { op: 'remove', path: `members[value eq "${member}"]` });
  await holds('member', false);
  // A group that leaves takes everybody in it along: a job goes through them.
  await patch(tenant, `/Groups/${role}`, { op: 'remove', path: `members[value eq "${team}"]` });
  await holds('indirect', false);
  await patch(tenant, `/Groups/${role}`, { op: 'add', path: 'members', value: [{ value: team }] });
  await holds('indirect', true);
  // Deleting the role itself, too.
  assert.equal((await tenant.scim('DELETE', `/Groups/${role}`)).status, 204);
  await holds('indirect', false);
});

test('many who join at once are brought in by a job', async () => {
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, resourceTypes: ['User'] }] });
  const role = (await create(tenant, '/Groups', { displayName: 'Crowd' })).body['id'];
  await editTarget(tenant, tenant.targets[0] ?? '', { scope: { members: [role] } });
  const users = await Promise.all(
    Array.from({ length: 15 }, (_, index) => create(tenant, '/Users', { userName: `crowd-${index}` })),
  );
  const value = users.map(({ body }) => ({ value: body['id'] }));
  await patch(tenant, `/Groups/${role}`, { op: 'add', path: 'members', value });
  await until(
    'the crowd',
    () => sandbox.accounts('crowd-'),
    (held) => held.length === 15,
  );
  const [job] = ((await tenant.admin('GET', '/jobs')).body as { items: Record<string, unknown>[] }).items;
  assert.deepEqual([job?.['kind'], job?.['group'], job?.['touched']], ['role-members', role, 15]);
});

test('a later wave waits for the earlier one, and a target that depends on a parked one is not asked', async () => {
  const tenant = await newTenant(provost.url, {
    targets: [
      { ...sandbox.wish, order: { priority: 10 }, mapping: mappingTo('wave-a') },
      { ...sandbox.wish, order: { priority: 20 }, mapping: mappingTo('wave-b') },
      { ...sandbox.wish, order: { priority: 30 }, mapping: mappingTo('wave-c') },
    ],
  });
  sandbox.fail(({ method, body }) =>
    method === 'POST' && body.includes('wave-b') ? refusal(400, 'no licence') : undefined,
  );
  const created = await tenant.scim('POST', '/Users', { userName: 'waves' });
  const change = String(created.headers.get('provost-change'));
  await until(
    'the middle one parked',
    async () => (await tenant.admin('GET', `/changes/${change}`)).body,
    ({ state }) => state === 'parked',
  );
  const asked = () =>
    sandbox.received
      .filter(({ method, body }) => method === 'POST' && body.includes('wave-'))
      .map(({ body }) => /wave-./.exec(body)?.[0]);
  assert.deepEqual(asked(), ['wave-a', 'wave-b']);
  sandbox.heal();
  await tenant.admin('POST', `/changes/${change}/skip`, {});
  await settled(tenant, created);
  assert.deepEqual(asked(), ['wave-a', 'wave-b', 'wave-c']);
});

test('a middle wave that fails for good takes back the waves before it, and those behind are never asked', async () => {
  const tenant = await newTenant(provost.url, {
    targets: [
      { ...sandbox.wish, order: { priority: 10 }, mapping: mappingTo('saga-a'), deprovision: 'delete' },
      { ...sandbox.wish, order: { priority: 20 }, mapping: mappingTo('saga-b'), onFailure: 'compensate' },
      { ...sandbox.wish, order: { priority: 30 }, mapping: mappingTo('saga-c') },
    ],
  });
  sandbox.fail(({ method, body }) =>
    method === 'POST' && body.includes('saga-b') ? refusal(400, 'no licence') : undefined,
  );
  const created = await tenant.scim('POST', '/Users', { userName: 'saga' });
  const change = String(created.headers.get('provost-change'));
  await until(
    'taken back',
    async () => (await tenant.admin('GET', `/changes/${change}`)).body,
    ({ state }) => state === 'compensated',
  );
  sandbox.heal();
  await holdsNone('saga-a');
  assert.deepEqual(
    sandbox.received.filter(({ body }) => body.includes('saga-c')),
    [],
  );
  assert.equal((await tenant.scim('GET', `/Users/${created.body['id']}`)).status, 404);
});

test('an account that was disabled is deleted after its grace, by a timer that outlives the worker', async () => {
  const tenant = await newTenant(provost.url, {
    targets: [{ ...sandbox.wish, deprovision: 'disable', deleteAfterDays: 4 / 86_400 }],
  });
  const created = await create(tenant, '/Users', { userName: 'graced' });
  const back = await create(tenant, '/Users', { userName: 'returned' });
  assert.equal((await tenant.scim('DELETE', `/Users/${created.body['id']}`)).status, 204);
  await holds('graced', false);
  await provost.stopWorker();
  await provost.startWorker();
  await holdsNone('graced');
  assert.equal((await sandbox.accounts('returned')).length, 1);
  assert.equal(back.status, 201);
});

test('who is back before the grace is over keeps his account', async () => {
  const tenant = await newTenant(provost.url, {
    targets: [
      {
        ...sandbox.wish,
        deprovision: 'disable',
        deleteAfterDays: 3_000 / 86_400_000,
        scope: { User: 'resource.title == "in"' },
      },
    ],
  });
  const created = await create(tenant, '/Users', { userName: 'comeback', title: 'in' });
  const user = `/Users/${created.body['id']}`;
  await patch(tenant, user, { op: 'replace', path: 'title', value: 'out' });
  const [disabled] = await holds('comeback', false);
  await patch(tenant, user, { op: 'replace', path: 'title', value: 'in' });
  await holds('comeback', true);
  const timer = provost.temporal.workflow.getHandle(
    `deprovision/${tenant.id}/${tenant.targets[0]}/${created.body['id']}`,
  );
  assert.equal((await timer.describe()).status.name, 'TERMINATED');
  assert.deepEqual(
    (await sandbox.accounts('comeback')).map(({ id }) => id),
    [disabled?.id],
  );
  assert.equal((await tenant.scim('PATCH', user, replacing('title', 'in'))).status < 300, true);
});

test('who comes back into scope is enabled, also where the mapping says nothing of active', async () => {
  const tenant = await newTenant(provost.url, {
    targets: [
      {
        ...sandbox.wish,
        scope: { User: 'resource.title == "in"' },
        mapping: { kind: 'rules', rules: [{ target: 'userName', source: 'userName' }] },
      },
    ],
  });
  const created = await create(tenant, '/Users', { userName: 'unmapped', title: 'in' });
  const user = `/Users/${created.body['id']}`;
  await patch(tenant, user, { op: 'replace', path: 'title', value: 'out' });
  await holds('unmapped', false);
  await patch(tenant, user, { op: 'replace', path: 'title', value: 'in' });
  await holds('unmapped', true);
});

test('who comes back as another resource is enabled, and keeps the account when the grace of the first is over', async () => {
  const graceMs = 4_000;
  const tenant = await newTenant(provost.url, {
    targets: [
      {
        ...sandbox.wish,
        deleteAfterDays: graceMs / 86_400_000,
        mapping: { kind: 'rules', rules: [{ target: 'userName', source: 'userName' }] },
      },
    ],
  });
  const first = await create(tenant, '/Users', { userName: 'rehired' });
  assert.equal((await tenant.scim('DELETE', `/Users/${first.body['id']}`)).status, 204);
  const [disabled] = await holds('rehired', false);
  await create(tenant, '/Users', { userName: 'rehired' });
  await holds('rehired', true);
  const timer = provost.temporal.workflow.getHandle(
    `deprovision/${tenant.id}/${tenant.targets[0]}/${first.body['id']}`,
  );
  await until(
    'the end of the grace',
    async () => (await timer.describe()).status.name,
    (status) => status !== 'RUNNING',
  );
  const looked = await until(
    'the first one looked at again',
    async () =>
      (await tenant.admin('GET', `/changes?resource=${first.body['id']}`)).body['items'] as { state: string }[],
    (items) => items.length === 3 && items.every(({ state }) => state === 'settled'),
  );
  assert.equal(looked.length, 3);
  assert.deepEqual(
    (await sandbox.accounts('rehired')).map(({ id, active }) => [id, active ?? true]),
    [[disabled?.id, true]],
  );
});

test('a group that is gone is emptied and kept where the target is told so', async () => {
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, deprovisionGroups: 'empty' }] });
  const member = (await create(tenant, '/Users', { userName: 'emptied' })).body['id'];
  const group = await create(tenant, '/Groups', { displayName: 'Emptied', members: [{ value: member }] });
  const held = async () => (await sandbox.everything()).groups.filter((each) => each['displayName'] === 'Emptied');
  await until('the member', held, ([there]) => (there?.['members'] as unknown[] | undefined)?.length === 1);
  assert.equal((await tenant.scim('DELETE', `/Groups/${group.body['id']}`)).status, 204);
  await until('nobody in it', held, ([there]) => ((there?.['members'] as unknown[] | undefined) ?? []).length === 0);
  assert.equal((await held()).length, 1);
});

/** Several targets on one server: each has accounts of its own names. */
function mappingTo(userName: string) {
  return { kind: 'rules', rules: [{ target: 'userName', constant: userName }] };
}
