import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connector } from '../../../connectors/connector.ts';
import type { SandboxTarget } from '../../../dev/sandbox-target.ts';
import { isProvostError } from '../../../domain/errors.ts';
import { ENTERPRISE_USER_SCHEMA, type ScimObject } from '../../../domain/scim/resource.ts';
import { connectorTo, ownSandbox, signal, TOKEN } from './sandbox-connector.ts';

const ada: ScimObject = {
  userName: 'ada@example.com',
  externalId: 'u-1',
  active: true,
  name: { givenName: 'Ada', familyName: 'Lovelace', middleName: 'King' },
  title: 'Countess',
  emails: [
    { value: 'ada@example.com', type: 'work', primary: true },
    { value: 'ada@home.example', type: 'home' },
  ],
  [ENTERPRISE_USER_SCHEMA]: { department: 'Engines', employeeNumber: '7', manager: { value: 'm-1' } },
};

/** What follows must hold however accounts are changed. */
const WAYS = [{ update: 'patch', patchPaths: 'always' }, { update: 'patch', patchPaths: 'omitted' }, { update: 'put' }];

for (const way of WAYS) {
  const by = Object.values(way).join(', ');

  test(`an account is created, found, changed, disabled and deleted (${by})`, async (t) => {
    const connector = connectorTo(t, (await ownSandbox(t)).url, way);
    const { remoteId } = await connector.create('User', ada, signal());

    const [found, ...others] = await connector.find(
      'User',
      { attribute: 'userName', value: 'ada@example.com' },
      signal(),
    );
    assert.equal(found?.remoteId, remoteId);
    assert.equal(others.length, 0);

    const after: ScimObject = {
      userName: 'ada@example.com',
      externalId: 'u-1',
      active: true,
      name: { givenName: 'Augusta', familyName: 'Lovelace' },
      displayName: 'Augusta Ada',
      emails: [{ value: 'ada@example.org', type: 'work', primary: true }],
      [ENTERPRISE_USER_SCHEMA]: { department: 'Poetry', manager: { value: 'm-2' }, costCenter: 'C1' },
    };
    await connector.update('User', remoteId, { before: ada, after }, signal());
    assert.deepEqual(await managedPart(connector, remoteId, ada, after), after);

    await connector.disable('User', remoteId, signal());
    assert.equal((await connector.read('User', remoteId, signal()))?.content['active'], false);
    await connector.delete('User', remoteId, signal());
    assert.equal(await connector.read('User', remoteId, signal()), undefined);
  });

  test(`what the target holds besides stays as it is (${by})`, async (t) => {
    const connector = connectorTo(t, (await ownSandbox(t)).url, way);
    const { remoteId } = await connector.create('User', { ...ada, nickName: 'theirs' }, signal());
    const before = { userName: 'ada@example.com', title: 'Countess' };
    await connector.update('User', remoteId, { before, after: { userName: 'ada@example.com' } }, signal());
    const held = (await connector.read('User', remoteId, signal()))?.content;
    assert.equal(held?.['title'], undefined);
    assert.equal(held?.['nickName'], 'theirs');
  });

  test(`members are added and removed, and doing it again changes nothing (${by})`, async (t) => {
    const sandbox = await ownSandbox(t);
    const connector = connectorTo(t, sandbox.url, { ...way, maxMembersPerRequest: 2 });
    const ids = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map(
        async (name) => (await connector.create('User', { userName: name }, signal())).remoteId,
      ),
    );
    const { remoteId } = await connector.create('Group', { displayName: 'Poets' }, signal());
    await connector.changeMembers(remoteId, { add: ids, remove: [] }, signal());
    const changes = { add: ids.slice(0, 3), remove: ids.slice(3) };
    await connector.changeMembers(remoteId, changes, signal());
    await connector.changeMembers(remoteId, changes, signal());
    assert.deepEqual(await membersOf(sandbox, remoteId), ids.slice(0, 3));

    // A group's own attributes change without its members.
    await connector.update(
      'Group',
      remoteId,
      { before: { displayName: 'Poets' }, after: { displayName: 'Bards' } },
      signal(),
    );
    assert.deepEqual(await membersOf(sandbox, remoteId), ids.slice(0, 3));
  });

  test(`changing, disabling and deleting what is gone (${by})`, async (t) => {
    const connector = connectorTo(t, (await ownSandbox(t)).url, way);
    const update = { before: { title: 'a' }, after: { title: 'b' } };
    await assert.rejects(connector.update('User', 'gone', update, signal()), (e) =>
      isProvostError(e, 'TARGET_NOT_FOUND'),
    );
    await connector.disable('User', 'gone', signal());
    await connector.delete('User', 'gone', signal());
    const members = { add: ['x'], remove: [] };
    await assert.rejects(connector.changeMembers('gone', members, signal()), (e) =>
      isProvostError(e, 'TARGET_NOT_FOUND'),
    );
  });
}

test('a second account with the same userName is a conflict', async (t) => {
  const connector = connectorTo(t, (await ownSandbox(t)).url);
  await connector.create('User', ada, signal());
  await assert.rejects(connector.create('User', ada, signal()), (error) => {
    assert(isProvostError(error, 'TARGET_CONFLICT'));
    assert.equal(error.facts.targetStatus, 409);
    assert.equal(error.facts.targetDetail, "uniqueness: A user with userName '…' already exists");
    return true;
  });
});

test('accounts are found by odd values, and only by the right ones', async (t) => {
  const connector = connectorTo(t, (await ownSandbox(t)).url);
  const names = ['o"neil', 'back\\slash', 'grüße', '名前', 'a b+c&d=e#f%41', '(x) or userName pr', "d'arc"];
  for (const name of names) {
    const { remoteId } = await connector.create('User', { userName: name, displayName: name }, signal());
    const found = await connector.find('User', { attribute: 'userName', value: name }, signal());
    assert.deepEqual(
      found.map((account) => account.remoteId),
      [remoteId],
      name,
    );
  }
  assert.deepEqual(await connector.find('User', { attribute: 'userName', value: 'x' }, signal()), []);
});

test('accounts are found by attributes of every kind', async (t) => {
  const connector = connectorTo(t, (await ownSandbox(t)).url);
  const { remoteId } = await connector.create('User', ada, signal());
  await connector.create('User', { userName: 'other', emails: [{ value: 'other@example.com' }] }, signal());
  const rules = {
    externalId: 'u-1',
    'emails.value': 'ada@home.example',
    'name.familyName': 'Lovelace',
    [`${ENTERPRISE_USER_SCHEMA}:employeeNumber`]: '7',
  };
  for (const [attribute, value] of Object.entries(rules)) {
    const found = await connector.find('User', { attribute, value }, signal());
    assert.deepEqual(
      found.map((account) => account.remoteId),
      [remoteId],
      attribute,
    );
  }
  assert.deepEqual(await connector.find('User', { attribute: 'externalId', value: 'U-1' }, signal()), []);
});

test('of many accounts that match, two are enough to know', async (t) => {
  const connector = connectorTo(t, (await ownSandbox(t)).url);
  for (const userName of ['a', 'b', 'c']) await connector.create('User', { userName, title: 'same' }, signal());
  const found = await connector.find('User', { attribute: 'title', value: 'same' }, signal());
  assert.equal(found.length, 2);
});

test('the test of a target reaches it and changes nothing', async (t) => {
  const sandbox = await ownSandbox(t);
  await connectorTo(t, sandbox.url).test(signal());
  const wrongToken = connectorTo(t, sandbox.url, { authentication: { kind: 'bearer', token: 'wrong' } });
  await assert.rejects(wrongToken.test(signal()), (error) => isProvostError(error, 'TARGET_UNAUTHORISED'));
  const wrongPath = connectorTo(t, `${sandbox.url}/nowhere`);
  await assert.rejects(wrongPath.test(signal()), (error) => isProvostError(error, 'TARGET_MISCONFIGURED'));
});

/** Of what the target holds, what was ours before or is now. */
async function managedPart(
  connector: Connector,
  remoteId: string,
  before: ScimObject,
  after: ScimObject,
): Promise<ScimObject> {
  const held = (await connector.read('User', remoteId, signal()))?.content ?? {};
  return Object.fromEntries(Object.entries(held).filter(([name]) => name in before || name in after));
}

/** Read past the connector, which leaves members out. */
async function membersOf(sandbox: SandboxTarget, groupId: string): Promise<unknown[]> {
  const answer = await fetch(`${sandbox.url}/Groups/${groupId}`, { headers: { authorization: `Bearer ${TOKEN}` } });
  const { members } = (await answer.json()) as { members: { value: string }[] };
  return members.map(({ value }) => value);
}
