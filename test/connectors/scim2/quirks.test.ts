/** What real targets do differently (named after them), and how the settings or the connector cope. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENTERPRISE_USER_SCHEMA } from '../../../domain/scim/resource.ts';
import { failsWith, faultyTarget, listOf } from '../faulty.ts';
import type { FaultyTarget, FaultyTargetOptions } from '../faulty-target.ts';
import { connectorTo, signal } from './sandbox-connector.ts';

interface Operation {
  readonly op: string;
  readonly path?: string;
  readonly value?: unknown;
}

const operationsOf = ({ received }: FaultyTarget, at = -1): Operation[] =>
  (JSON.parse(received.at(at)?.body ?? '{}') as { Operations: Operation[] }).Operations;

const byName = { attribute: 'userName', value: 'ada' };
const done: FaultyTargetOptions = { behave: () => ({ kind: 'answer', status: 204 }) };
const found = (body: object): FaultyTargetOptions => ({ behave: () => ({ kind: 'answer', status: 200, body }) });

test('AWS IAM Identity Center: at most 100 members change in one request', async (t) => {
  const target = await faultyTarget(t, done);
  const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `m${from + index}`);
  await connectorTo(t, target.url).changeMembers('g', { add: ids(0, 250), remove: ids(250, 330) }, signal());
  const perRequest = target.received.map((_, index) =>
    operationsOf(target, index).reduce((sum, { value }) => sum + (Array.isArray(value) ? value.length : 1), 0),
  );
  assert.deepEqual(perRequest, [100, 100, 100, 30]);
});

test('AWS IAM Identity Center: members are added and removed, never replaced as a whole', async (t) => {
  const target = await faultyTarget(t, done);
  await connectorTo(t, target.url).changeMembers('g', { add: ['new'], remove: ['old'] }, signal());
  assert.deepEqual(operationsOf(target), [
    { op: 'remove', path: 'members[value eq "old"]' },
    { op: 'add', path: 'members', value: [{ value: 'new' }] },
  ]);
});

test('AWS IAM Identity Center: every operation has a path where more than one attribute changes', async (t) => {
  const target = await faultyTarget(t, done);
  const update = {
    before: { title: 'a', displayName: 'b', nickName: 'c' },
    after: { title: 'A', displayName: 'B', name: { givenName: 'Ada' } },
  };
  await connectorTo(t, target.url).update('User', '1', update, signal());
  assert.deepEqual(operationsOf(target), [
    { op: 'replace', path: 'title', value: 'A' },
    { op: 'replace', path: 'displayName', value: 'B' },
    { op: 'remove', path: 'nickName' },
    { op: 'replace', path: 'name', value: { givenName: 'Ada' } },
  ]);
});

test('Okta-like targets: new values in one operation without path', async (t) => {
  const target = await faultyTarget(t, done);
  const connector = connectorTo(t, target.url, { patchPaths: 'omitted' });
  await connector.update('User', '1', { before: { title: 'a' }, after: { title: 'A', active: false } }, signal());
  assert.deepEqual(operationsOf(target), [{ op: 'replace', value: { title: 'A', active: false } }]);
  await connector.disable('User', '1', signal());
  assert.deepEqual(operationsOf(target), [{ op: 'replace', value: { active: false } }]);
});

test('scimmy: values that go are removed before an operation without path adds the others', async (t) => {
  const target = await faultyTarget(t, done);
  const connector = connectorTo(t, target.url, { patchPaths: 'omitted' });
  const [kept, gone] = [{ value: 'a@example.com' }, { value: 'b@example.com' }];
  await connector.update('User', '1', { before: { emails: [kept, gone] }, after: { emails: [kept] } }, signal());
  assert.deepEqual(operationsOf(target), [
    { op: 'remove', path: 'emails' },
    { op: 'replace', value: { emails: [kept] } },
  ]);
  await connector.update('User', '1', { before: { emails: [kept] }, after: { emails: [kept, gone] } }, signal());
  assert.deepEqual(operationsOf(target), [{ op: 'replace', value: { emails: [kept, gone] } }]);
});

test('scimmy and others: a complex attribute of an extension is replaced as a whole', async (t) => {
  const target = await faultyTarget(t, done);
  const held = { [ENTERPRISE_USER_SCHEMA]: { manager: { value: '1', displayName: 'Charles' } } };
  const wanted = { [ENTERPRISE_USER_SCHEMA]: { manager: { value: '2', displayName: 'Mary' } } };
  await connectorTo(t, target.url).update('User', '1', { before: held, after: wanted }, signal());
  assert.deepEqual(operationsOf(target), [
    { op: 'replace', path: `${ENTERPRISE_USER_SCHEMA}:manager`, value: { value: '2' } },
  ]);
});

test('Entra ID and Snowflake: the filter has one space on each side of `eq` and its value in quotes', async (t) => {
  const target = await faultyTarget(t, found(listOf()));
  await connectorTo(t, target.url).find('User', byName, signal());
  const query = new URL(target.received[0]?.path ?? '', target.url).searchParams;
  assert.equal(query.get('filter'), 'userName eq "ada"');
});

test('Entra ID: no whitespace around the = of a query, and no + for a space', async (t) => {
  const target = await faultyTarget(t, found(listOf()));
  await connectorTo(t, target.url).find('User', { attribute: 'userName', value: 'a+b =c' }, signal());
  const [, query = ''] = target.received[0]?.path.split('?') ?? [];
  assert.equal(query, 'filter=userName%20eq%20%22a%2Bb%20%3Dc%22&startIndex=1&count=2');
});

for (const member of ['Resources', 'resources']) {
  test(`Entra ID: a list in \`${member}\``, async (t) => {
    const body = { totalResults: 1, [member]: [{ id: '1', userName: 'ADA' }] };
    const target = await faultyTarget(t, found(body));
    const [account] = await connectorTo(t, target.url).find('User', byName, signal());
    assert.equal(account?.remoteId, '1');
  });
}

test('pocket-id: a target without groups answers 500; its settings keep groups from it', async (t) => {
  const target = await faultyTarget(t, { behave: () => ({ kind: 'answer', status: 500 }) });
  const without = connectorTo(t, target.url, { capabilities: { groups: false } });
  assert.equal(without.capabilities.groups, false);
  await failsWith(without.create('Group', { displayName: 'Poets' }, signal()), 'TARGET_UNSUPPORTED');
  await failsWith(without.changeMembers('g', { add: ['1'], remove: [] }, signal()), 'TARGET_UNSUPPORTED');
  assert.equal(target.received.length, 0);
});

test('404 for an empty result is an empty result', async (t) => {
  const target = await faultyTarget(t, { behave: () => ({ kind: 'answer', status: 404 }) });
  assert.deepEqual(await connectorTo(t, target.url).find('User', byName, signal()), []);
});

test('an empty result without a list is an empty result (RFC 7644 §3.4.2)', async (t) => {
  const target = await faultyTarget(t, found({ totalResults: 0 }));
  assert.deepEqual(await connectorTo(t, target.url).find('User', byName, signal()), []);
});

for (const status of [400, 501]) {
  test(`a target that refuses filters with ${status} is looked through page by page`, async (t) => {
    const target = await faultyTarget(t, {
      behave: ({ path }) => {
        const query = new URL(path, 'http://target').searchParams;
        if (query.has('filter')) return { kind: 'answer', status };
        const start = Number(query.get('startIndex'));
        const Resources = Array.from({ length: Math.min(100, 251 - start) }, (_, index) => ({
          id: String(start + index),
          userName: start + index === 250 ? 'ada' : `u${start + index}`,
        }));
        return { kind: 'answer', status: 200, body: { totalResults: 250, Resources } };
      },
    });
    const accounts = await connectorTo(t, target.url).find('User', byName, signal());
    assert.deepEqual(
      accounts.map(({ remoteId }) => remoteId),
      ['250'],
    );
    assert.equal(target.received.length, 4);
  });
}

test('a target that ignores filters is looked through, and too large a one is misconfigured', async (t) => {
  const users = (from: number, total: number) =>
    ({ totalResults: total, Resources: [{ id: `${from}`, userName: from === 2 ? 'ada' : `u${from}` }] }) as const;
  const startOf = (path: string) => Number(new URL(path, 'http://target').searchParams.get('startIndex'));
  const small = await faultyTarget(t, {
    behave: ({ path }) => ({ kind: 'answer', status: 200, body: users(startOf(path), 3) }),
  });
  const accounts = await connectorTo(t, small.url).find('User', byName, signal());
  assert.deepEqual(
    accounts.map(({ remoteId }) => remoteId),
    ['2'],
  );

  const page = Array.from({ length: 100 }, (_, index) => ({ id: String(index), userName: `u${index}` }));
  const large = await faultyTarget(t, found({ totalResults: 1_000_000, Resources: page }));
  await failsWith(connectorTo(t, large.url).find('User', byName, signal()), 'TARGET_MISCONFIGURED');
});

test('a target that finds parts of a name does not get an account linked that is not meant', async (t) => {
  const target = await faultyTarget(t, found(listOf({ id: '1', userName: 'adalbert' }, { id: '2', userName: 'Ada' })));
  const accounts = await connectorTo(t, target.url).find('User', byName, signal());
  assert.deepEqual(
    accounts.map(({ remoteId }) => remoteId),
    ['2'],
  );
});

test('a target without PATCH gets the account whole, with what it holds besides and its version', async (t) => {
  const held = {
    id: '1',
    userName: 'ada',
    nickName: 'theirs',
    title: 'a',
    meta: { version: 'W/"7"' },
    groups: [{ value: 'g' }],
  };
  const target = await faultyTarget(t, found(held));
  const connector = connectorTo(t, target.url, { update: 'put' });
  await connector.update('User', '1', { before: { title: 'a' }, after: { title: 'b' } }, signal());
  const put = target.received.at(-1);
  assert.equal(put?.method, 'PUT');
  assert.equal(put.headers['if-match'], 'W/"7"');
  const { schemas, ...sent } = JSON.parse(put.body) as Record<string, unknown>;
  assert.deepEqual(sent, { id: '1', userName: 'ada', nickName: 'theirs', title: 'b' });
  assert.deepEqual(schemas, ['urn:ietf:params:scim:schemas:core:2.0:User']);
});

test('a target whose account changed in between is read again by the next attempt', async (t) => {
  const target = await faultyTarget(t);
  target.script(
    { kind: 'answer', status: 200, body: { id: '1', title: 'a', meta: { version: 'W/"7"' } } },
    { kind: 'answer', status: 412 },
  );
  const connector = connectorTo(t, target.url, { update: 'put' });
  const update = connector.update('User', '1', { before: { title: 'a' }, after: { title: 'b' } }, signal());
  await failsWith(update, 'TARGET_UNAVAILABLE', { targetStatus: 412 });
});

test('a target that refuses to add who is a member already, or to remove who is none, has what was wanted', async (t) => {
  const target = await faultyTarget(t, done);
  const connector = connectorTo(t, target.url);
  target.script({ kind: 'answer', status: 409 }, { kind: 'answer', status: 409 });
  await connector.changeMembers('g', { add: ['here', 'new'], remove: [] }, signal());
  assert.equal(target.received.length, 3, 'the batch, then one by one');
  target.script({ kind: 'answer', status: 400, body: { scimType: 'noTarget', detail: 'No such member.' } });
  await connector.changeMembers('g', { add: [], remove: ['gone'] }, signal());
});

test('targets that take only plain JSON, other paths and a key in a header of their own', async (t) => {
  const target = await faultyTarget(t, found({ id: '1', userName: 'ada' }));
  const connector = connectorTo(t, target.url, {
    contentType: 'application/json',
    usersPath: '/v3/people',
    authentication: { kind: 'api-key', header: 'X-Api-Key', value: 'k-1' },
    headers: { 'x-tenant': 'acme' },
  });
  await connector.create('User', { userName: 'ada' }, signal());
  const [sent] = target.received;
  assert.equal(new URL(sent?.path ?? '', target.url).pathname, '/scim/v2/v3/people');
  assert.equal(sent?.headers['content-type'], 'application/json');
  assert.equal(sent?.headers['x-api-key'], 'k-1');
  assert.equal(sent?.headers['x-tenant'], 'acme');
  assert.equal(sent?.headers.authorization, undefined);
});

test('numbers for ids, and ids that need encoding', async (t) => {
  const target = await faultyTarget(t, found({ id: 17, userName: 'ada' }));
  const connector = connectorTo(t, target.url);
  assert.equal((await connector.create('User', { userName: 'ada' }, signal())).remoteId, '17');
  await connector.delete('User', 'a/b c?d', signal());
  assert.equal(target.received.at(-1)?.path, '/scim/v2/Users/a%2Fb%20c%3Fd');
});
