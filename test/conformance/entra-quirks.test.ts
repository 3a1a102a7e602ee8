import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../end-to-end/installation.ts';
import { sender } from '../end-to-end/tenant.ts';
import { assertError, ENTERPRISE, GROUP, type Json, membersOf, newService, USER } from './scim-client.ts';

// Habits of Entra ID that a server must accept, over HTTP: peers.md 3.3. Tests of single parts have the same numbers.

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(async () => {
  await provost.stop();
});

async function withUser(more: Json = {}) {
  const service = await newService(provost.url);
  const made = await service.user({ userName: 'ada@example.com', ...more });
  return { ...service, made, path: `/Users/${made.id}` };
}

test('Entra 3.3 no. 1 and 2: capitalised operations, and booleans as strings in values and in paths', async () => {
  const { patch, read, path } = await withUser({ roles: [{ value: 'a', primary: true }] });
  for (const [value, active] of [
    ['False', false],
    ['True', true],
    ['false', false],
    ['true', true],
  ] as const) {
    const answer = await patch(path, { op: 'Replace', path: 'active', value });
    assert.deepEqual([answer.status, answer.body['active']], [200, active]);
  }
  assert.equal((await patch(path, { op: 'Add', path: 'roles[primary eq "True"].value', value: 'b' })).status, 200);
  assert.deepEqual((await read(path))['roles'], [{ value: 'b', primary: true }]);
});

test('Entra 3.3 no. 3 and 4: members are removed by a list, with $ref null, and the others stay', async () => {
  const { group, user, made, patch, read } = await withUser();
  const bob = await user({ userName: 'bob' });
  const { id } = await group({ displayName: 'Staff' });
  const path = `/Groups/${id}`;
  const entries = [made.id, bob.id].map((value) => ({ $ref: null, value }));
  assert.equal((await patch(path, { op: 'Add', path: 'members', value: entries })).status, 204);
  assert.equal((await patch(path, { op: 'Remove', path: 'members', value: [entries[0]] })).status, 204);
  assert.deepEqual(membersOf(await read(path)), [bob.id]);
});

test('Entra 3.3 no. 5, 6 and 7: what is addressed and not there is made, once, in whatever letter case', async () => {
  const { patch, read, path } = await withUser();
  const answer = await patch(
    path,
    { op: 'Add', path: 'emails[type eq "work"].Value', value: 'w@example.com' },
    { op: 'Replace', path: 'addresses[type eq "work"].Locality', value: 'Bern' },
    { op: 'Replace', path: 'addresses[type eq "work"].streetAddress', value: '1 Way' },
    { op: 'Add', path: 'addresses[type eq "other"].Formatted', value: 'elsewhere' },
  );
  assert.equal(answer.status, 200, answer.text);
  const now = await read(path);
  assert.deepEqual(now['emails'], [{ type: 'work', value: 'w@example.com' }]);
  assert.deepEqual(now['addresses'], [
    { type: 'work', locality: 'Bern', streetAddress: '1 Way' },
    { type: 'other', formatted: 'elsewhere' },
  ]);
});

test('Entra 3.3 no. 8, 9, 10, 11 and 13: dotted and qualified names, and a manager as a bare id', async () => {
  const { patch, read, path, user } = await withUser();
  const boss = await user({ userName: 'boss', [ENTERPRISE]: { employeeNumber: '7' } });
  assert.deepEqual(boss['schemas'], [USER, ENTERPRISE], 'no. 13');
  const verbose = await patch(path, {
    op: 'replace',
    value: { 'name.givenName': 'Ada', [`${ENTERPRISE}:department`]: 'IT', [`${USER}:title`]: 'Clerk' },
  });
  assert.equal(verbose.status, 200, verbose.text);
  await patch(path, { op: 'Add', path: `${ENTERPRISE}:manager`, value: boss.id });
  const held = (await read(path))[ENTERPRISE] as Json;
  assert.deepEqual([held['department'], (held['manager'] as Json)['value']], ['IT', boss.id]);
  await patch(
    path,
    { op: 'Replace', path: `${ENTERPRISE}:manager`, value: '' },
    { op: 'Replace', path: `${USER}:userName`, value: 'ada2@example.com' },
  );
  const now = await read(path);
  assert.deepEqual(
    [now[ENTERPRISE], now['title'], now['userName'], now['name']],
    [{ department: 'IT' }, 'Clerk', 'ada2@example.com', { givenName: 'Ada' }],
  );
});

test('Entra 3.3 no. 12: app roles as objects, as JSON in a string, and none', async () => {
  const { user, patch, read } = await newService(provost.url);
  assert.equal((await user({ userName: 'none', roles: [] }))['roles'], undefined);
  const { id } = await user({
    userName: 'ada',
    roles: [{ primary: 'False', type: 'WindowsAzureActiveDirectoryRole', value: 'r1' }],
  });
  const value = JSON.stringify({ id: randomUUID(), value: 'r2', displayName: 'Role 2' });
  const answer = await patch(`/Users/${id}`, { op: 'Add', path: 'roles', value: [{ value }] });
  assert.equal(answer.status, 200, answer.text);
  const values = ((await read(`/Users/${id}`))['roles'] as Json[]).map((role) => [role['value'], role['display']]);
  assert.deepEqual(values, [
    ['r1', undefined],
    ['r2', 'Role 2'],
  ]);
});

test('Entra 3.3 no. 14, 15, 16 and 20: a group with a foreign schema and meta, read without members', async () => {
  const { send, patch, read, made } = await withUser();
  const foreign = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';
  const { status, body } = await send('POST', '/Groups', {
    schemas: [GROUP, foreign],
    externalId: 'e',
    displayName: 'Staff',
    meta: { resourceType: 'Group' },
    id: 'mine',
    unknownToAll: 1,
  });
  assert.deepEqual([status, body['schemas']], [201, [GROUP]]);
  assert.notEqual(body['id'], 'mine');
  const path = `/Groups/${body['id']}`;
  const added = await patch(path, { op: 'Add', path: 'members', value: [{ value: made.id }] });
  assert.deepEqual([added.status, added.text], [204, '']);
  assert.equal((await read(`${path}?excludedAttributes=members`))['members'], undefined);
  const asks = `/Groups?excludedAttributes=members&filter=${encodeURIComponent(`id eq "${body['id']}" and members eq "${made.id}"`)}`;
  assert.equal((await read(asks))['totalResults'], 1);
});

test('Entra 3.3 no. 21: a group’s name is unique in any letter case', async () => {
  const { send, group } = await newService(provost.url);
  await group({ displayName: 'Staff' });
  assertError(await send('POST', '/Groups', { schemas: [GROUP], displayName: 'STAFF' }), 409, 'uniqueness');
});

test('Entra 3.3 no. 22: disabled, enabled again, deleted; a membership survives what is no deletion', async () => {
  const { group, made, patch, read, send, path, found } = await withUser();
  const { id } = await group({ displayName: 'Staff', members: [{ value: made.id }] });
  await patch(path, { op: 'Replace', path: 'active', value: 'False' });
  assert.deepEqual(await found('/Users', 'userName eq "ada@example.com"'), [made.id]);
  assert.deepEqual(membersOf(await read(`/Groups/${id}`)), [made.id]);
  await patch(path, { op: 'Replace', path: 'active', value: 'True' });
  assert.deepEqual(membersOf(await read(`/Groups/${id}`)), [made.id]);
  assert.equal((await send('DELETE', path)).status, 204);
  assertError(await send('GET', path), 404);
  assert.deepEqual(membersOf(await read(`/Groups/${id}`)), []);
});

test('Entra 3.3 no. 24: a type that is addressed again stays one element', async () => {
  const { patch, read, path } = await withUser({ emails: [{ type: 'work', value: 'a@example.com', primary: true }] });
  for (const op of ['Add', 'Replace', 'Add'])
    await patch(path, { op, path: 'emails[type eq "work"].value', value: `${op}@example.com` });
  assert.deepEqual((await read(path))['emails'], [{ type: 'work', value: 'Add@example.com', primary: true }]);
});

test('Entra 3.3 no. 28: 25 requests a second from one tenant are answered, each as application/scim+json', async () => {
  const { send, user } = await newService(provost.url);
  await user({ userName: 'ada' });
  const started = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      n % 5 === 0
        ? send('POST', '/Users', { schemas: [USER], userName: `burst-${n}` })
        : send('GET', '/Users?filter=userName%20eq%20%22ada%22'),
    ),
  );
  assert.ok(performance.now() - started < 20_000);
  for (const { status, headers } of answers) {
    assert.ok(status === 200 || status === 201);
    assert.equal(headers.get('content-type'), 'application/scim+json');
  }
});

test('Entra 3.3 no. 29: one long-lived secret as a bearer token, until it is rotated or deleted', async () => {
  const { admin, serviceProvider } = await newService(provost.url);
  const place = `/service-providers/${serviceProvider}/credentials`;
  const made = await admin('POST', place, { kind: 'token', scopes: ['scim'] });
  assert.equal(made.status, 201, made.text);
  const by = (token: unknown) => sender(`${provost.url}/scim/v2`, { authorization: `Bearer ${token}` });
  const secret = String(made.body['secret']);
  assert.equal((await by(secret)('POST', '/Users', { userName: 'ada' })).status, 201);
  // Few that name the credential: after some failures its name is slowed down.
  for (const wrong of [`${secret}x`, `${made.body['id']}.`, '.', 'a.b', secret.split('.').reverse().join('.')])
    assert.equal((await by(wrong)('GET', '/Users')).status, 401, wrong);
  const basic = `Basic ${Buffer.from(secret.replace('.', ':')).toString('base64')}`;
  assert.equal((await sender(`${provost.url}/scim/v2`, { authorization: basic })('GET', '/Users')).status, 401);
  const rotated = await admin('POST', `${place}/${made.body['id']}/rotate`);
  assert.equal((await by(secret)('GET', '/Users')).status, 401);
  assert.equal((await by(rotated.body['secret'])('GET', '/Users')).status, 200);
  assert.equal((await admin('DELETE', `${place}/${made.body['id']}`)).status, 204);
  assert.equal((await by(rotated.body['secret'])('GET', '/Users')).status, 401);
});

test('Entra 3.3 no. 30: userName, displayName and externalId change by PATCH, and the id does not', async () => {
  const { patch, read, path, made, found } = await withUser({ externalId: 'e1' });
  const answer = await patch(
    path,
    { op: 'Replace', path: 'userName', value: 'new@example.com' },
    { op: 'Replace', path: 'displayName', value: 'New' },
    { op: 'Replace', path: 'externalId', value: 'e2' },
  );
  assert.equal(answer.body['id'], made.id);
  assert.deepEqual(await found('/Users', 'externalId eq "e2"'), [made.id]);
  assert.equal((await read(path))['userName'], 'new@example.com');
});

test('Entra 3.3 no. 31: odd time zones are understood, and what is required is not removed', async () => {
  const { patch, send, path, found, made } = await withUser();
  for (const zone of [
    '2020-01-01T00:00:00Z',
    '2020-01-01T00:00:00+01:00',
    '2020-01-01T00:00:00.123-0500',
    '2020-01-01 00:00:00Z',
  ])
    assert.deepEqual(await found('/Users', `meta.created gt "${zone}"`), [made.id], zone);
  assertError(await patch(path, { op: 'Remove', path: 'userName' }), 400, 'mutability');
  assert.equal((await send('GET', path)).status, 200);
});
