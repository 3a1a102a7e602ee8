import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../end-to-end/installation.ts';
import { basicAuthorization, sender } from '../end-to-end/tenant.ts';
import { assertError, GROUP, type Json, membersOf, newService, USER } from './scim-client.ts';

// Habits of Okta that a server must accept, over HTTP: peers.md 3.4. Tests of single parts have the same numbers.

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(async () => {
  await provost.stop();
});

async function withGroup() {
  const service = await newService(provost.url);
  const [ada, bob] = [await service.user({ userName: 'ada' }), await service.user({ userName: 'bob' })];
  const { id } = await service.group({ displayName: 'Staff', members: [{ value: ada.id, display: 'ada' }] });
  return { ...service, ada, bob, id, path: `/Groups/${id}` };
}

test('Okta 3.4 no. 1 and 2: all of a user is put back as it was read, or a PATCH has no path', async () => {
  const { user, read, send, patch } = await newService(provost.url);
  const { id } = await user({ userName: 'ada', title: 'Clerk', groups: [] });
  const path = `/Users/${id}`;
  const put = await send('PUT', path, { ...(await read(path)), title: 'Head' });
  assert.deepEqual([put.status, put.body['title'], put.body['id']], [200, 'Head', id]);
  const patched = await patch(path, { op: 'replace', value: { active: false } });
  assert.deepEqual([patched.status, patched.body['active'], patched.body['title']], [200, false, 'Head']);
});

test('Okta 3.4 no. 3 and 4: a group is renamed with its id beside, and pushed whole or in parts', async () => {
  const { path, id, ada, bob, patch, read } = await withGroup();
  const done = async (...operations: object[]): Promise<Json> => {
    const answer = await patch(path, ...operations);
    assert.equal(answer.status, 204, answer.text);
    return read(path);
  };
  assert.equal((await done({ op: 'replace', value: { id, displayName: 'People' } }))['displayName'], 'People');
  assert.deepEqual(
    membersOf(
      await done(
        { op: 'add', path: 'members', value: [{ value: bob.id, display: 'bob' }] },
        { op: 'remove', path: `members[value eq "${ada.id}"]` },
      ),
    ),
    [bob.id],
  );
  const whole = { id, displayName: 'Staff', members: [{ value: ada.id }, { value: bob.id }] };
  assert.deepEqual(membersOf(await done({ op: 'replace', value: whole })), [ada.id, bob.id].sort());
  assert.deepEqual(membersOf(await done({ op: 'replace', path: 'members', value: [{ value: ada.id }] })), [ada.id]);
  assert.deepEqual(membersOf(await done({ op: 'replace', path: 'members', value: [] })), []);
});

test('Okta 3.4 no. 5: members come and go by PUT: [] empties the group, and none named leaves them as they are', async () => {
  const { path, ada, bob, send, read } = await withGroup();
  const put = async (more: Json): Promise<string[]> => {
    const answer = await send('PUT', path, { schemas: [GROUP], displayName: 'Staff', ...more });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(membersOf(answer.body), membersOf(await read(path)));
    return membersOf(answer.body);
  };
  assert.deepEqual(await put({ members: [{ value: bob.id }] }), [bob.id]);
  assert.deepEqual(await put({}), [bob.id]);
  assert.deepEqual(await put({ members: null }), [bob.id], 'no. 8');
  assert.deepEqual(await put({ members: [] }), []);
  assert.deepEqual(await put({ members: [{ value: ada.id }] }), [ada.id]);
  assert.deepEqual(await put({ MEMBERS: [] }), []);
});

test('Okta 3.4 no. 6: a user comes with groups, locale and a password, which is never shown', async () => {
  const { send } = await newService(provost.url);
  const { status, body, text } = await send('POST', '/Users', {
    schemas: [USER],
    userName: 'ada',
    displayName: 'Ada',
    locale: 'en-US',
    externalId: '00u1',
    groups: [],
    password: '1mz050nq',
    active: true,
  });
  assert.deepEqual([status, body['locale'], body['externalId']], [201, 'en-US', '00u1']);
  assert.ok(!text.includes('password') && !text.includes('1mz050nq'));
  const asked = await send('GET', `/Users/${body['id']}?attributes=password`);
  assert.deepEqual(Object.keys(asked.body).sort(), ['id', 'schemas']);
});

test('Okta 3.4 no. 7 and 17: users are deactivated and stay in lists, groups are deleted', async () => {
  const { path, ada, patch, read, send } = await withGroup();
  assert.equal((await patch(`/Users/${ada.id}`, { op: 'replace', value: { active: false } })).status, 200);
  const listed = (await read('/Users?startIndex=1&count=100'))['Resources'] as Json[];
  assert.equal(listed.find(({ id }) => id === ada.id)?.['active'], false);
  assert.equal((await send('DELETE', path)).status, 204);
  assertError(await send('GET', path), 404);
  assert.equal((await send('GET', `/Users/${ada.id}`)).status, 200, 'its members stay');
});

test('Okta 3.4 no. 8: a create has the resource as its body', async () => {
  const { send } = await newService(provost.url);
  for (const [path, body] of [
    ['/Users', { schemas: [USER], userName: 'ada' }],
    ['/Groups', { schemas: [GROUP], displayName: 'Staff', members: null }],
  ] as const) {
    const answer = await send('POST', path, body);
    assert.equal(answer.status, 201);
    assert.ok(typeof answer.body['id'] === 'string' && answer.body['meta'] !== undefined);
  }
});

test('Okta 3.4 no. 11: requests are answered in far less than its 60 seconds', async () => {
  const { send } = await withGroup();
  const started = performance.now();
  await send('POST', '/Users', { schemas: [USER], userName: 'quick' });
  assert.ok(performance.now() - started < 10_000);
});

test('Okta 3.4 no. 12: who calls too often gets 429 with Retry-After in whole seconds', async (t) => {
  const limited = await startInstallation({ env: { PROVOST_RATE_LIMIT_PER_SECOND: '5' } });
  t.after(() => limited.stop());
  const { send } = await newService(limited.url);
  const answers = await Promise.all(Array.from({ length: 30 }, () => send('GET', '/Users?count=1')));
  const throttled = answers.find(({ status }) => status === 429);
  assert.ok(throttled, answers.map(({ status }) => status).join());
  assertError(throttled, 429);
  assert.match(throttled.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
});

test('Okta 3.4 no. 13 and 18: errors say what is wrong, also where it is the credentials', async () => {
  const { send, user } = await newService(provost.url);
  await user({ userName: 'ada' });
  assertError(await send('GET', '/Users', undefined, { authorization: 'Bearer none' }), 401);
  assertError(await send('GET', '/Groups/none'), 404);
  const taken = await send('POST', '/Users', { schemas: [USER], userName: 'ADA' });
  assertError(taken, 409, 'uniqueness');
  assert.match(String(taken.body['detail']), /userName/);
  const wrong = await send('POST', '/Users', { schemas: [USER], userName: 'x', active: 'perhaps' });
  assertError(wrong, 400, 'invalidValue');
  assert.match(String(wrong.body['detail']), /active/);
});

test('Okta 3.4 no. 16: roles and entitlements have the schemas that it knows', async () => {
  const { user, read } = await newService(provost.url);
  await user({ userName: 'ada', roles: [{ value: 'r' }], entitlements: [{ value: 'e' }] });
  for (const [path, name] of [
    ['/Roles', 'Role'],
    ['/Entitlements', 'Entitlement'],
  ] as const) {
    const [resource = {}] = (await read(path))['Resources'] as Json[];
    assert.ok((resource['schemas'] as string[]).includes(`urn:okta:scim:schemas:core:1.0:${name}`));
  }
});

test('Okta 3.4 no. 19: HTTP Basic and a token in the header', async () => {
  const { admin, serviceProvider, credential } = await newService(provost.url);
  const basic = basicAuthorization(credential.id, credential.secret);
  const made = await admin('POST', `/service-providers/${serviceProvider}/credentials`, {
    kind: 'token',
    scopes: ['scim'],
  });
  for (const authorization of [basic, `Bearer ${made.body['secret']}`, `bearer ${made.body['secret']}`])
    assert.equal(
      (await sender(`${provost.url}/scim/v2`, { authorization })('GET', '/Users?startIndex=1&count=2')).status,
      200,
    );
});
