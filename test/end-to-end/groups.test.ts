import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type SandboxTarget, startSandboxTarget } from '../../dev/sandbox-target.ts';
import { until } from '../until.ts';
import { sendBulk } from './bulk-request.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { newTenant, sender, settled, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(async () => {
  await provost.stop();
});

interface Held {
  readonly users: readonly { readonly id: string; readonly userName: string }[];
  readonly groups: readonly {
    readonly displayName: string;
    readonly members?: readonly { readonly value: string }[];
  }[];
}

async function withSandbox(t: { after(end: () => Promise<void>): void }): Promise<{
  readonly sandbox: SandboxTarget;
  readonly tenant: TestTenant;
  /** Names of a group's members at the target. */
  members(group: string): Promise<string[] | undefined>;
}> {
  const sandbox = await startSandboxTarget({ host: '127.0.0.1', port: 0, token: 'sandbox' });
  t.after(() => sandbox.stop());
  const tenant = await newTenant(provost.url, { targets: [{ baseUrl: sandbox.url, token: 'sandbox' }] });
  return {
    sandbox,
    tenant,
    async members(group) {
      const held = (await (await fetch(sandbox.pageUrl)).json()) as Held;
      const found = held.groups.find(({ displayName }) => displayName === group);
      const names = new Map(held.users.map(({ id, userName }) => [id, userName]));
      return found && (found.members ?? []).map(({ value }) => names.get(value) ?? value).sort();
    },
  };
}

const userOf = async ({ scim }: TestTenant, userName: string): Promise<string> => {
  const answer = await scim('POST', '/Users', { userName });
  assert.equal(answer.status, 201, answer.text);
  return String(answer.body['id']);
};

const membersOf = (body: Record<string, unknown>): string[] =>
  ((body['members'] ?? []) as { value: string }[]).map(({ value }) => value).sort();

const patchOf = (...Operations: readonly object[]): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
});

test('members join and leave, here and at the target, by differences', async (t) => {
  const { tenant, members } = await withSandbox(t);
  const [ada, bob, eve] = await Promise.all(['ada', 'bob', 'eve'].map((name) => userOf(tenant, name)));
  const created = await tenant.scim('POST', '/Groups', {
    displayName: 'Poets',
    members: [{ value: ada }, { value: bob }],
  });
  assert.equal(created.status, 201, created.text);
  assert.deepEqual(membersOf(created.body), [ada, bob].sort());
  await until(
    'two members',
    () => members('Poets'),
    (names) => names?.join() === 'ada,bob',
  );

  const group = `/Groups/${created.body['id']}`;
  const patched = await tenant.scim(
    'PATCH',
    group,
    patchOf(
      { op: 'add', path: 'members', value: [{ value: eve }] },
      { op: 'remove', path: `members[value eq "${ada}"]` },
    ),
  );
  assert.equal(patched.status, 204, patched.text);
  assert.deepEqual(membersOf((await tenant.scim('GET', group)).body), [bob, eve].sort());
  await until(
    'the others',
    () => members('Poets'),
    (names) => names?.join() === 'bob,eve',
  );

  const user = await tenant.scim('GET', `/Users/${eve}`);
  assert.deepEqual(user.body['groups'], [
    {
      value: created.body['id'],
      $ref: `${provost.config.api.publicUrl}/scim/v2/Groups/${created.body['id']}`,
      display: 'Poets',
      type: 'direct',
    },
  ]);

  assert.equal((await tenant.scim('PATCH', group, patchOf({ op: 'replace', path: 'members', value: [] }))).status, 204);
  await until(
    'nobody',
    () => members('Poets'),
    (names) => names?.length === 0,
  );
  assert.equal((await tenant.scim('DELETE', group)).status, 204);
  assert.equal((await tenant.scim('GET', group)).status, 404);
});

test('a member whose account appears later at the target joins the group then', async (t) => {
  const { tenant, sandbox, members } = await withSandbox(t);
  await sandbox.stop();
  const restarted = startSandboxTarget({
    host: '127.0.0.1',
    port: Number(new URL(sandbox.url).port),
    token: 'sandbox',
  });
  const ada = await userOf(tenant, 'ada');
  const created = await tenant.scim('POST', '/Groups', { displayName: 'Late', members: [{ value: ada }] });
  assert.equal(created.status, 201, created.text);
  t.after(async () => (await restarted).stop());
  await until(
    'the member',
    () => members('Late').catch(() => undefined),
    (names) => names?.join() === 'ada',
  );
});

test('who is in a group is also in the groups above it', async () => {
  const tenant = await newTenant(provost.url, { mode: 'persist' });
  const ada = await userOf(tenant, 'ada');
  const inner = (await tenant.scim('POST', '/Groups', { displayName: 'Inner', members: [{ value: ada }] })).body['id'];
  const outer = (await tenant.scim('POST', '/Groups', { displayName: 'Outer', members: [{ value: inner }] })).body[
    'id'
  ];
  const groups = (await tenant.scim('GET', `/Users/${ada}`)).body['groups'] as { value: string; type: string }[];
  assert.deepEqual(
    groups.map(({ value, type }) => [value, type]),
    [
      [inner, 'direct'],
      [outer, 'indirect'],
    ],
  );
  const found = await tenant.scim('GET', `/Users?filter=${encodeURIComponent(`groups.value eq "${outer}"`)}`);
  assert.deepEqual(
    (found.body['Resources'] as { id: string }[]).map(({ id }) => id),
    [ada],
    found.text,
  );
  const holding = await tenant.scim(
    'GET',
    `/Groups?filter=${encodeURIComponent(`members[value eq "${ada}"]`)}&excludedAttributes=members`,
  );
  assert.deepEqual(
    (holding.body['Resources'] as { id: string }[]).map(({ id }) => id),
    [inner],
    holding.text,
  );
});

test('a user who is deleted leaves every group', async (t) => {
  const { tenant, members } = await withSandbox(t);
  const [ada, bob] = await Promise.all(['ada', 'bob'].map((name) => userOf(tenant, name)));
  const created = await tenant.scim('POST', '/Groups', {
    displayName: 'Two',
    members: [{ value: ada }, { value: bob }],
  });
  await until(
    'both',
    () => members('Two'),
    (names) => names?.length === 2,
  );
  const before = created.headers.get('etag');
  assert.equal((await tenant.scim('DELETE', `/Users/${ada}`)).status, 204);
  const group = await tenant.scim('GET', `/Groups/${created.body['id']}`);
  assert.deepEqual(membersOf(group.body), [bob]);
  assert.notEqual(group.headers.get('etag'), before);
  await until(
    'one at the target',
    () => members('Two'),
    (names) => names?.join() === 'bob',
  );
});

test('a member that does not exist is refused, and nothing of the request is done', async () => {
  const tenant = await newTenant(provost.url, { mode: 'persist' });
  const refused = await tenant.scim('POST', '/Groups', { displayName: 'Ghosts', members: [{ value: 'nobody' }] });
  assert.equal(refused.status, 400);
  assert.equal(refused.body['scimType'], 'invalidValue');
  const list = await tenant.scim('GET', '/Groups?filter=displayName%20eq%20%22Ghosts%22');
  assert.equal(list.body['totalResults'], 0);
});

test('a group change that is refused leaves its members as they were, here and at the target, whichever way it came', async (t) => {
  const { tenant, members } = await withSandbox(t);
  const { scim } = tenant;
  const scim1 = sender(`${provost.url}/scim/v1`, { authorization: tenant.authorization });
  const [ada, bob] = await Promise.all(['ada', 'bob'].map((name) => userOf(tenant, name)));
  assert.equal((await scim('POST', '/Groups', { displayName: 'Taken' })).status, 201);
  const created = await scim('POST', '/Groups', { displayName: 'Poets', members: [{ value: ada }] });
  const group = `/Groups/${created.body['id']}`;
  const rename = { op: 'replace', path: 'displayName', value: 'Taken' };
  const value = [{ value: bob }];
  const data = patchOf({ op: 'add', path: 'members', value }, rename);
  const ways: readonly (() => Promise<{ readonly status: number | string }>)[] = [
    () => scim('PATCH', group, patchOf({ op: 'remove', path: `members[value eq "${ada}"]` }, rename)),
    () => scim('PATCH', group, data),
    () => scim('PATCH', group, patchOf({ op: 'remove', path: 'members' }, rename)),
    () => scim('PATCH', group, patchOf({ op: 'replace', value: { displayName: 'Taken', members: value } })),
    () => scim('PUT', group, { displayName: 'Taken', members: value }),
    async () => (await sendBulk(scim, [{ method: 'PATCH', path: group, data }]))[0] ?? { status: 'none' },
    () => scim1('PATCH', group, { displayName: 'Taken', members: [...value, { value: ada, operation: 'delete' }] }),
    () => scim1('PUT', group, { displayName: 'Taken', members: value }),
  ];
  for (const [index, send] of ways.entries()) {
    assert.equal(String((await send()).status), '409', `way ${index}`);
    const read = await scim('GET', group);
    assert.deepEqual(membersOf(read.body), [ada], `way ${index}`);
    assert.equal(read.headers.get('etag'), created.headers.get('etag'), `way ${index}`);
  }
  const removed = await scim('PATCH', group, patchOf({ op: 'remove', path: `members[value eq "${ada}"]` }));
  assert.equal(removed.status, 204, removed.text);
  await until(
    'nobody at the target',
    () => members('Poets'),
    (names) => names?.length === 0,
  );
});

test('members are named by $ref and id as well, and a request that names nobody leaves the group as it is', async () => {
  const tenant = await newTenant(provost.url, { mode: 'persist' });
  const { scim } = tenant;
  const scim1 = sender(`${provost.url}/scim/v1`, { authorization: tenant.authorization });
  const [ada, bob] = await Promise.all(['ada', 'bob'].map((name) => userOf(tenant, name)));
  const ref = (id: string) => `${provost.config.api.publicUrl}/scim/v2/Users/${id}`;
  const created = await scim('POST', '/Groups', { displayName: 'Poets', members: [{ $ref: ref(String(ada)) }] });
  assert.equal(created.status, 201, created.text);
  const group = `/Groups/${created.body['id']}`;
  const members = async () => membersOf((await scim('GET', group)).body);
  assert.deepEqual(await members(), [ada]);
  const added = await scim('PATCH', group, patchOf({ op: 'add', path: 'members', value: [{ id: bob }] }));
  assert.equal(added.status, 204, added.text);
  const removed = await scim(
    'PATCH',
    group,
    patchOf({ op: 'remove', path: 'members', value: [{ $ref: `../Users/${ada}` }] }),
  );
  assert.equal(removed.status, 204, removed.text);
  assert.deepEqual(await members(), [bob]);
  const empty = [{ display: 'x' }];
  const data = patchOf({ op: 'replace', path: 'members', value: empty });
  const ways: readonly (() => Promise<{ readonly status: number | string }>)[] = [
    () => scim('PATCH', group, data),
    () => scim('PATCH', group, patchOf({ op: 'remove', path: 'members', value: null })),
    () => scim('PATCH', group, patchOf({ op: 'add', path: 'members', value: [{ $ref: ref('nobody') }] })),
    () => scim('PUT', group, { displayName: 'Poets', members: empty }),
    () => scim('POST', '/Groups', { displayName: 'Others', members: empty }),
    async () => (await sendBulk(scim, [{ method: 'PATCH', path: group, data }]))[0] ?? { status: 'none' },
    () => scim1('PATCH', group, { members: empty }),
    () => scim1('PUT', group, { displayName: 'Poets', members: empty }),
  ];
  for (const [index, send] of ways.entries()) {
    assert.equal(String((await send()).status), '400', `way ${index}`);
    assert.deepEqual(await members(), [bob], `way ${index}`);
  }
  assert.equal((await scim('PUT', group, { displayName: 'Poets' })).status, 200);
  assert.deepEqual(await members(), [bob], 'SCIM 2.0 leaves members that a PUT does not name');
  assert.equal((await scim1('PUT', group, { displayName: 'Poets' })).status, 200);
  assert.deepEqual(await members(), [], 'SCIM 1.1 removes them');
});

test('a manager who is not there yet is accepted, shown as awaited, and sent when there is an account', async (t) => {
  const { tenant, sandbox } = await withSandbox(t);
  const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  const created = await tenant.scim('POST', '/Users', {
    userName: 'ada',
    [enterprise]: { manager: { value: 'boss' } },
  });
  assert.equal(created.status, 201, created.text);
  const change = (await settled(tenant, created)) as { id: string };
  const read = async () =>
    (await tenant.admin('GET', `/changes/${change.id}`)).body as { standing: string; waits: { because: string }[] };
  assert.match((await read()).standing, /except for references/);
  assert.match((await read()).waits[0]?.because ?? '', /no account of boss yet/);

  const bob = await userOf(tenant, 'bob');
  const path = `/Users/${created.body['id']}`;
  const referring = await tenant.scim(
    'PATCH',
    path,
    patchOf({ op: 'replace', path: `${enterprise}:manager`, value: bob }),
  );
  assert.equal(referring.status, 200, referring.text);
  const held = async () => await (await fetch(sandbox.pageUrl)).text();
  const accounts = async () => {
    const { users } = JSON.parse(await held()) as {
      users: (Record<string, unknown> & { id: string; userName: string })[];
    };
    const manager = users.find(({ userName }) => userName === 'ada')?.[enterprise] as
      | { manager?: { value: string } }
      | undefined;
    return [manager?.manager?.value, users.find(({ userName }) => userName === 'bob')?.id] as const;
  };
  await until('the manager at the target', accounts, ([manager, id]) => id !== undefined && manager === id);
  await until('nothing waits', read, ({ standing }) => standing === 'It is done, everywhere.');

  const cleared = await tenant.scim(
    'PATCH',
    path,
    patchOf({ op: 'replace', path: `${enterprise}:manager`, value: { value: '' } }),
  );
  assert.equal(cleared.status, 200, cleared.text);
  assert.equal(
    (cleared.body[enterprise] as object | undefined) && 'manager' in (cleared.body[enterprise] as object),
    undefined,
  );
  await until('no manager at the target', accounts, ([manager]) => manager === undefined);
});
