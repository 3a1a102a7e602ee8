import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../end-to-end/installation.ts';
import { assertError, ENTERPRISE, GROUP, type Json, newService, USER } from './scim-client.ts';

// Corners of RFC 7643, RFC 7644 and RFC 9110 that independent suites look into.

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(async () => {
  await provost.stop();
});

async function withUser(more: Json = {}) {
  const service = await newService(provost.url);
  const made = await service.user({ userName: 'ada', ...more });
  return { ...service, made, path: `/Users/${made.id}` };
}

test('a method that a path does not have is 405 with Allow, and OPTIONS tells what it has', async () => {
  const { send, path } = await withUser();
  const collection = 'GET, HEAD, POST, OPTIONS';
  const resource = 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS';
  const document = 'GET, HEAD, OPTIONS';
  for (const [method, where, allow] of [
    ['PUT', '/Users', collection],
    ['PATCH', '/Groups', collection],
    ['DELETE', '/Users', collection],
    ['POST', path, resource],
    ['POST', '/Schemas', document],
    ['DELETE', '/ResourceTypes', document],
    ['PATCH', '/ServiceProviderConfig', document],
    ['PUT', `/Schemas/${USER}`, document],
    ['POST', '/', document],
    ['POST', '/Roles', document],
    ['GET', '/.search', 'POST, OPTIONS'],
    ['PUT', '/Users/.search', 'POST, OPTIONS'],
    ['GET', '/Bulk', 'POST, OPTIONS'],
  ] as const) {
    const refused = await send(method, where, method === 'GET' || method === 'DELETE' ? undefined : {});
    assertError(refused, 405);
    assert.equal(refused.headers.get('allow'), allow, `${method} ${where}`);
    const options = await send('OPTIONS', where);
    assert.deepEqual([options.status, options.headers.get('allow')], [204, allow], `OPTIONS ${where}`);
  }
  assertError(await send('PUT', '/Nothing', {}), 404);
  assert.equal((await send('GET', path)).status, 200);
});

test('HEAD is GET without a body, a trailing slash means nothing, and unknown parameters mean nothing', async () => {
  const { send, path } = await withUser();
  for (const where of [path, '/Users', '/Groups', '/Schemas', '/ResourceTypes', '/ServiceProviderConfig']) {
    const [got, head, slashed] = [await send('GET', where), await send('HEAD', where), await send('GET', `${where}/`)];
    assert.deepEqual([head.status, head.text, head.headers.get('etag')], [200, '', got.headers.get('etag')], where);
    assert.deepEqual([slashed.status, slashed.text], [200, got.text], where);
    assert.equal((await send('GET', `${where}?colour=red&x[]=1`)).status, 200, where);
  }
  assert.equal((await send('HEAD', '/Users/none')).status, 404);
});

test('names are understood in any letter case, in bodies, paths, filters and parameters', async () => {
  const { send, patch, found } = await newService(provost.url);
  const { status, body } = await send('POST', '/users', {
    SCHEMAS: [USER.toUpperCase(), ENTERPRISE.toLowerCase()],
    USERNAME: 'Ada',
    Name: { GIVENNAME: 'Ada' },
    EMails: [{ VALUE: 'a@example.com', TYPE: 'Work' }],
    [ENTERPRISE.toUpperCase()]: { DEPARTMENT: 'IT' },
  });
  assert.equal(status, 201);
  assert.deepEqual(
    [body['schemas'], body['userName'], body['name'], body['emails'], body[ENTERPRISE]],
    [[USER, ENTERPRISE], 'Ada', { givenName: 'Ada' }, [{ value: 'a@example.com', type: 'Work' }], { department: 'IT' }],
  );
  const path = `/USERS/${body['id']}`;
  assert.equal((await patch(path, { op: 'replace', path: 'NICKNAME', value: 'x' })).body['nickName'], 'x');
  for (const filter of [
    'USERNAME EQ "ada"',
    'emails[TYPE eq "work" AND Value SW "A@"]',
    `${ENTERPRISE.toUpperCase()}:Department pr`,
  ])
    assert.deepEqual(await found('/Users', filter), [body['id']], filter);
  assert.deepEqual(Object.keys((await send('GET', `${path}?ATTRIBUTES=x&attributes=NICKName`)).body).sort(), [
    'id',
    'nickName',
    'schemas',
  ]);
});

test('what the server knows is not taken from a body: id, meta, groups, schemas', async () => {
  const { send, group, made, path } = await withUser();
  const { id } = await group({ displayName: 'Staff' });
  const meta = {
    created: '1999-01-01T00:00:00Z',
    location: 'https://elsewhere.example',
    version: 'W/"9"',
    resourceType: 'X',
  };
  const claims = { id: 'mine', meta, groups: [{ value: id }], schemas: [USER] };
  const created = await send('POST', '/Users', { ...claims, userName: 'bob' });
  assert.equal(created.status, 201, created.text);
  assert.notEqual(created.body['id'], 'mine');
  const put = await send('PUT', path, { ...claims, userName: 'ada', title: 'x' });
  assert.deepEqual([put.status, put.body['id'], put.body['groups']], [200, made.id, undefined]);
  assert.equal((put.body['meta'] as Json)['created'], (made['meta'] as Json)['created']);
});

test('a PATCH of what is read-only is refused, one of what is unknown where nothing else is beside it', async () => {
  const { patch, read, path } = await withUser();
  for (const name of ['id', 'meta.created', 'meta', 'groups', 'schemas'])
    assertError(await patch(path, { op: 'replace', path: name, value: 'x' }), 400, 'mutability');
  for (const name of ['shoeSize', 'name.shoeSize', 'urn:example:none:2.0:User:x', `${ENTERPRISE}:none`])
    assertError(await patch(path, { op: 'add', path: name, value: 'x' }), 400, 'invalidPath');
  const mixed = await patch(
    path,
    { op: 'replace', path: 'shoeSize', value: 'x' },
    { op: 'replace', path: 'title', value: 'Clerk' },
  );
  assert.deepEqual([mixed.status, mixed.body['title']], [200, 'Clerk']);
  const noPath = await patch(path, { op: 'replace', value: { id: 'x', shoeSize: 44 } });
  assert.equal(noPath.status, 200, noPath.text);
  assert.equal((await read(path))['title'], 'Clerk');
});

test('a PATCH without operations is a bad request, and all of its operations are done or none', async () => {
  const { send, patch, read, path } = await withUser({ title: 'Clerk' });
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
  for (const body of [{ schemas }, { schemas, Operations: [] }, { schemas, Operations: {} }, [], 'x'])
    assertError(await send('PATCH', path, JSON.stringify(body)), 400, 'invalidSyntax');
  assertError(await patch(path, { op: 'move', path: 'title', value: 'x' }), 400, 'invalidSyntax');
  const half = await patch(path, { op: 'replace', path: 'title', value: 'Head' }, { op: 'remove', path: 'userName' });
  assertError(half, 400, 'mutability');
  assert.equal((await read(path))['title'], 'Clerk');
  assertError(await patch('/Users/none', { op: 'replace', path: 'title', value: 'x' }), 404);
});

test('schemas that are missing or wrong are refused where a client is taken by the letter', async () => {
  const strict = await newService(provost.url, { conformance: 'strict' });
  for (const schemas of [undefined, [], ['urn:x:y'], [GROUP], [USER, 'urn:x:y'], USER, null])
    assertError(await strict.send('POST', '/Users', { userName: 'x', schemas }), 400, 'invalidSyntax');
  const tolerant = await newService(provost.url);
  const { status, body } = await tolerant.send('POST', '/Users', { userName: 'x' });
  assert.deepEqual([status, body['schemas']], [201, [USER]]);
  assertError(await tolerant.send('POST', '/Users', {}), 400, 'invalidValue');
  assertError(await tolerant.send('POST', '/Users', { schemas: [USER], userName: '' }), 400, 'invalidValue');
  assertError(await tolerant.send('POST', '/Users', { schemas: [USER], userName: null }), 400, 'invalidValue');
  assertError(await tolerant.send('POST', '/Groups', { schemas: [GROUP] }), 400, 'invalidValue');
});

test('bodies are JSON by any of its names, others are 415; whatever is accepted, the answer is application/scim+json', async () => {
  const { send } = await newService(provost.url);
  const post = (type: string) =>
    send(
      'POST',
      '/Users',
      { schemas: [USER], userName: `by ${type} ${type === type.toUpperCase()}` },
      { 'content-type': type },
    );
  for (const type of [
    'application/scim+json',
    'application/json',
    'application/scim+json; charset=utf-8',
    'application/json;charset=UTF-8',
    'APPLICATION/SCIM+JSON',
  ])
    assert.equal((await post(type)).status, 201, type);
  for (const type of [
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/scim+json; charset=iso-8859-1',
  ])
    assertError(await post(type), 415);
  for (const accept of [
    'application/scim+json',
    'application/json',
    '*/*',
    'application/*',
    'text/html, application/json;q=0.5',
    'text/html',
  ]) {
    const answer = await send('GET', '/Users', undefined, { accept });
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'application/scim+json'], accept);
  }
});

test('If-Match and If-None-Match with tags, lists and *', async () => {
  const { send, path } = await withUser();
  const put = (headers: Record<string, string>, title: string) =>
    send('PUT', path, { schemas: [USER], userName: 'ada', title }, headers);
  const tag = async () => (await send('GET', path)).headers.get('etag') ?? '';
  const old = await tag();
  assert.equal((await put({ 'if-match': old }, '1')).status, 200);
  assertError(await put({ 'if-match': old }, '2'), 412);
  assertError(await put({ 'if-match': '"none"' }, '2'), 412);
  assert.equal((await put({ 'if-match': `"none", ${old}, ${await tag()}` }, '3')).status, 200);
  assert.equal((await put({ 'if-match': (await tag()).replace('W/', '') }, '4')).status, 200, 'weakly compared');
  assert.equal((await put({ 'if-match': '*' }, '5')).status, 200);
  assertError(await put({ 'if-none-match': '*' }, '6'), 412);
  assertError(await put({ 'if-none-match': await tag() }, '6'), 412);
  assert.equal((await put({ 'if-none-match': old }, '6')).status, 200);
  assertError(await send('DELETE', path, undefined, { 'if-match': old }), 412);
  assertError(await send('DELETE', path, undefined, { 'if-none-match': '*' }), 412);
  assertError(await send('PUT', '/Users/none', { schemas: [USER], userName: 'x' }, { 'if-match': '*' }), 404);
  const now = await tag();
  for (const value of [now, `"x", ${now}`, '*', now.replace('W/', '')])
    assert.equal((await send('GET', path, undefined, { 'if-none-match': value })).status, 304, value);
  assert.equal((await send('GET', path, undefined, { 'if-none-match': old })).status, 200);
  assertError(await send('GET', path, undefined, { 'if-match': old }), 412);
  assert.equal((await send('DELETE', path, undefined, { 'if-match': now })).status, 204);
});

test('a change that changes nothing leaves version and lastModified; one that does moves both', async () => {
  const { send, patch, read, path, made } = await withUser({ title: 'Clerk' });
  assert.equal((await patch(path, { op: 'replace', path: 'title', value: 'Clerk' })).status, 200);
  assert.equal((await send('PUT', path, { schemas: [USER], userName: 'ada', title: 'Clerk' })).status, 200);
  assert.deepEqual((await read(path))['meta'], made['meta']);
  await patch(path, { op: 'replace', path: 'title', value: 'Head' });
  const [before, after] = [made['meta'] as Json, (await read(path))['meta'] as Json];
  assert.equal(after['created'], before['created']);
  assert.ok(String(after['lastModified']) > String(before['lastModified']));
  assert.notEqual(after['version'], before['version']);
});

test('what is unassigned is absent: null, an empty array and an empty object', async () => {
  const { made, send, path } = await withUser({ title: null, emails: [], name: {}, [ENTERPRISE]: {} });
  assert.deepEqual(Object.keys(made).sort(), ['active', 'id', 'meta', 'schemas', 'userName']);
  await send('PUT', path, { schemas: [USER], userName: 'ada', title: 'x', emails: [{ value: 'a@x.example' }] });
  const cleared = await send('PUT', path, { schemas: [USER], userName: 'ada', title: null, emails: [] });
  assert.deepEqual([cleared.body['title'], cleared.body['emails']], [undefined, undefined]);
});

test('a password is taken, changed and never returned, searched or sorted by', async () => {
  const { send, patch, path } = await withUser({ password: 'first-password' });
  for (const answer of [
    await send('GET', path),
    await send('GET', `${path}?attributes=password`),
    await send('GET', '/Users?attributes=password,userName'),
    await patch(path, { op: 'replace', path: 'password', value: 'second-password' }),
    await send('PUT', `${path}?attributes=password`, { schemas: [USER], userName: 'ada', password: 'third-password' }),
  ]) {
    assert.equal(answer.status, 200, answer.text);
    assert.doesNotMatch(answer.text, /password/);
  }
  assertError(await send('GET', '/Users?filter=password%20eq%20%22x%22'), 400, 'invalidFilter');
  assertError(await send('GET', '/Users?sortBy=password'), 400, 'invalidValue');
});

test('an element of a path that is not well-formed, and an id that is none, are no failures of ours', async () => {
  const { send } = await newService(provost.url);
  for (const path of ['/%E0%A4%A', '/Users/%E0%A4%A']) assertError(await send('GET', path), 400, 'invalidSyntax');
  for (const id of ['%00', '..%2f..', '$ne', '%7B%22$gt%22:%22%22%7D', 'x'.repeat(2_000), '%F0%9F%92%A9'])
    assertError(await send('GET', `/Users/${id}`), 404);
});

test('a group’s members are known by id alone, and one that does not exist or is the group itself is refused', async () => {
  const { send, patch, group, made } = await withUser({ displayName: 'Ada' });
  const staff = await group({ displayName: 'Staff', members: [{ value: made.id, display: 'wrong', type: 'Group' }] });
  const [member] = staff['members'] as Json[];
  assert.deepEqual(
    [member?.['value'], member?.['type'], member?.['display'], String(member?.['$ref']).endsWith(`/Users/${made.id}`)],
    [made.id, 'User', 'Ada', true],
  );
  const path = `/Groups/${staff.id}`;
  for (const value of ['none', staff.id])
    assertError(await patch(path, { op: 'add', path: 'members', value: [{ value }] }), 400, 'invalidValue');
  const nested = await group({ displayName: 'Above', members: [{ value: staff.id }] });
  assert.equal((nested['members'] as Json[])[0]?.['type'], 'Group');
  const shown = (await send('GET', `/Users/${made.id}`)).body['groups'] as Json[];
  assert.deepEqual(
    shown.map(({ display, type }) => [display, type]),
    [
      ['Staff', 'direct'],
      ['Above', 'indirect'],
    ],
  );
});
