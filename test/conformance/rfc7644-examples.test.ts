import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../end-to-end/installation.ts';
import { assertError, ENTERPRISE, GROUP, type Json, LIST, membersOf, newService, SEARCH, USER } from './scim-client.ts';

// The examples of RFC 7644 §3.3 to §3.12, over HTTP. Those of §3.7 (Bulk) are in test/end-to-end/bulk.test.ts.

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(async () => {
  await provost.stop();
});

const barbara = {
  schemas: [USER],
  userName: 'bjensen',
  externalId: 'bjensen',
  name: { formatted: 'Ms. Barbara J Jensen III', familyName: 'Jensen', givenName: 'Barbara' },
};

async function withBarbara(more: Json = {}) {
  const service = await newService(provost.url);
  const made = await service.user({ ...barbara, ...more });
  return { ...service, made, path: `/Users/${made.id}` };
}

test('RFC 7644 §3.3: a user is created, with its location, version and meta', async () => {
  const { send } = await newService(provost.url);
  const { status, headers, body } = await send('POST', '/Users', barbara);
  assert.equal(status, 201);
  const meta = body['meta'] as Json;
  const location = headers.get('location') ?? '';
  assert.match(location, /^https?:\/\/[^/]+\/scim\/v2\/Users\/[\w-]+$/, 'absolute');
  assert.deepEqual([meta['location'], meta['resourceType'], meta['version']], [location, 'User', headers.get('etag')]);
  assert.match(String(headers.get('etag')), /^W\/".+"$/);
  assert.match(String(meta['created']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  assert.equal(meta['created'], meta['lastModified']);
  const { id: _id, meta: _meta, ...own } = body;
  // A user is active unless the request says otherwise (RFC 7643 §4.1.1 leaves it to the server).
  assert.deepEqual(own, { ...barbara, active: true });
});

test('RFC 7644 §3.4.1: a known user is read', async () => {
  const { send, path, made } = await withBarbara({
    phoneNumbers: [{ value: '555-555-8377', type: 'work' }],
    emails: [{ value: 'bjensen@example.com', type: 'work' }],
  });
  const { status, headers, body } = await send('GET', path);
  assert.equal(status, 200);
  assert.deepEqual(body, made);
  assert.equal(headers.get('etag'), (body['meta'] as Json)['version']);
});

test('RFC 7644 §3.4.2: a list with one attribute has id and schemas besides', async () => {
  const { read, user } = await withBarbara();
  await user({ userName: 'jsmith' });
  const body = await read('/Users?attributes=userName');
  assert.deepEqual([body['schemas'], body['totalResults']], [[LIST], 2]);
  for (const resource of body['Resources'] as Json[])
    assert.deepEqual(Object.keys(resource).sort(), ['id', 'schemas', 'userName']);
});

test('RFC 7644 §3.4.2.1: a filter at the root goes over resource types', async () => {
  const { found, made, group } = await withBarbara({ meta: { resourceType: 'x' } });
  const { id } = await group({ displayName: 'Tour Guides' });
  assert.deepEqual(
    await found('/', '(meta.resourceType eq "User") or (meta.resourceType eq "Group")').then((ids) => ids.sort()),
    [id, made.id].sort(),
  );
  assert.deepEqual(await found('/', 'userName eq "bjensen"'), [made.id]);
});

test('RFC 7644 §3.4.2.2: every example of a filter', async () => {
  const { found, user } = await newService(provost.url);
  const { id } = await user({
    schemas: [USER, ENTERPRISE],
    userName: 'bjensen',
    name: { familyName: "O'Malley" },
    title: 'Vice President',
    userType: 'Employee',
    emails: [
      { type: 'work', value: 'bjensen@example.com' },
      { type: 'home', value: 'babs@jensen.org' },
    ],
    ims: [{ type: 'xmpp', value: 'babs@foo.com' }],
    [ENTERPRISE]: { department: 'Tours' },
  });
  await user({ userName: 'other', userType: 'Intern' });
  for (const [filter, holds] of [
    ['userName eq "bjensen"', true],
    ['name.familyName co "O\'Malley"', true],
    ['userName sw "J"', false],
    [`${USER}:userName sw "J"`, false],
    [`${USER}:userName sw "B"`, true],
    ['title pr', true],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"', true],
    ['meta.lastModified ge "2011-05-13T04:42:34Z"', true],
    ['meta.lastModified lt "2011-05-13T04:42:34Z"', false],
    ['meta.lastModified le "2011-05-13T04:42:34Z"', false],
    ['title pr and userType eq "Employee"', true],
    ['title pr or userType eq "Intern"', true],
    [`schemas eq "${ENTERPRISE}"`, true],
    ['userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")', true],
    ['userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")', false],
    ['userType eq "Employee" and (emails.type eq "work")', true],
    ['userType eq "Employee" and emails[type eq "work" and value co "@example.com"]', true],
    ['emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]', true],
    ['emails[type eq "home" and value co "@example.com"]', false],
  ] as const)
    assert.equal((await found('/Users', filter)).includes(id), holds, filter);
});

test('RFC 7644 §3.4.2.3 and §3.4.2.4: lists are sorted and paged', async () => {
  const { read, user } = await newService(provost.url);
  for (const [userName, familyName] of [
    ['c', 'Alpha'],
    ['a', 'gamma'],
    ['b', 'Beta'],
  ] as const)
    await user({ userName, name: { familyName } });
  const names = async (query: string) =>
    ((await read(`/Users?${query}`))['Resources'] as Json[]).map(({ userName }) => userName);
  assert.deepEqual(await names('sortBy=userName&sortOrder=ascending'), ['a', 'b', 'c']);
  assert.deepEqual(await names('sortBy=name.familyName&sortOrder=descending'), ['a', 'b', 'c']);
  const page = await read('/Users?startIndex=2&count=1&sortBy=userName');
  assert.deepEqual([page['totalResults'], page['itemsPerPage'], page['startIndex']], [3, 1, 2]);
  assert.deepEqual(
    (page['Resources'] as Json[]).map(({ userName }) => userName),
    ['b'],
  );
  assert.equal((await read('/Users?count=0'))['totalResults'], 3);
});

test('RFC 7644 §3.4.3: a query by POST', async () => {
  const { send, user, group } = await newService(provost.url);
  const { id } = await user({ userName: 'smith', displayName: 'Smith, James' });
  await group({ displayName: 'Smith Family' });
  const { status, body } = await send('POST', '/.search', {
    schemas: [SEARCH],
    attributes: ['displayName', 'userName'],
    filter: 'displayName sw "smith"',
    startIndex: 1,
    count: 10,
  });
  assert.deepEqual([status, body['schemas'], body['totalResults'], body['itemsPerPage']], [200, [LIST], 2, 2]);
  const found = (body['Resources'] as Json[]).find((resource) => resource['id'] === id);
  assert.deepEqual(found, { schemas: [USER], id, displayName: 'Smith, James', userName: 'smith' });
});

test('RFC 7644 §3.5.1: a user is replaced; what is not sent goes, what is read-only stays', async () => {
  const { send, path, made } = await withBarbara({ title: 'Tour Guide' });
  const { status, body } = await send('PUT', path, {
    ...barbara,
    id: made.id,
    name: { ...barbara.name, middleName: 'Jane' },
    roles: [],
    emails: [{ value: 'bjensen@example.com' }, { value: 'babs@jensen.org' }],
  });
  assert.equal(status, 200);
  assert.deepEqual([body['id'], body['title'], (body['emails'] as Json[]).length], [made.id, undefined, 2]);
  assert.equal((body['name'] as Json)['middleName'], 'Jane');
  assert.equal((body['meta'] as Json)['created'], (made['meta'] as Json)['created']);
  assert.notEqual((body['meta'] as Json)['version'], (made['meta'] as Json)['version']);
  assertError(await send('PUT', '/Users/none', barbara), 404);
});

test('RFC 7644 §3.5.2.1: members and attributes are added; adding what is there changes nothing', async () => {
  const { patch, read, group, made, path } = await withBarbara();
  const staff = await group({ displayName: 'Staff' });
  const added = { op: 'add', path: 'members', value: [{ display: 'Babs Jensen', value: made.id }] };
  assert.equal((await patch(`/Groups/${staff.id}`, added)).status, 204);
  const first = await read(`/Groups/${staff.id}`);
  assert.deepEqual(membersOf(first), [made.id]);
  assert.equal((await patch(`/Groups/${staff.id}`, added)).status, 204);
  assert.deepEqual((await read(`/Groups/${staff.id}`))['meta'], first['meta'], 'no new version');
  const both = await patch(path, {
    op: 'add',
    value: { emails: [{ value: 'babs@jensen.org', type: 'home' }], nickname: 'Babs' },
  });
  assert.deepEqual([both.status, both.body['nickName']], [200, 'Babs']);
});

test('RFC 7644 §3.5.2.2: members are removed by filter, all, and in one request with an addition', async () => {
  const { patch, read, group, user, made } = await withBarbara({ emails: [{ type: 'work', value: 'b@example.com' }] });
  const james = await user({ userName: 'james' });
  const { id } = await group({ displayName: 'Staff', members: [{ value: made.id }, { value: james.id }] });
  const path = `/Groups/${id}`;
  assert.equal((await patch(path, { op: 'remove', path: `members[value eq "${made.id}"]` })).status, 204);
  assert.deepEqual(membersOf(await read(path)), [james.id]);
  const swapped = await patch(
    path,
    { op: 'remove', path: `members[value eq "${james.id}"]` },
    { op: 'add', path: 'members', value: [{ value: made.id }] },
  );
  assert.equal(swapped.status, 204);
  assert.deepEqual(membersOf(await read(path)), [made.id]);
  assert.equal((await patch(path, { op: 'remove', path: 'members' })).status, 204);
  assert.equal((await read(path))['members'], undefined);
  const email = await patch(`/Users/${made.id}`, {
    op: 'remove',
    path: 'emails[type eq "work" and value ew "example.com"]',
  });
  assert.deepEqual([email.status, email.body['emails']], [200, undefined]);
  assertError(await patch(`/Users/${made.id}`, { op: 'remove' }), 400, 'noTarget');
});

test('RFC 7644 §3.5.2.3: members, an address, a part of it and several attributes are replaced', async () => {
  const { patch, read, group, user, made, path } = await withBarbara({
    addresses: [{ type: 'work', streetAddress: '1 Old Way', locality: 'LA', primary: true }],
  });
  const james = await user({ userName: 'james' });
  const { id } = await group({ displayName: 'Staff', members: [{ value: james.id }] });
  const members = [{ value: made.id }];
  assert.equal((await patch(`/Groups/${id}`, { op: 'replace', path: 'members', value: members })).status, 204);
  assert.deepEqual(membersOf(await read(`/Groups/${id}`)), [made.id]);
  const address = { type: 'work', streetAddress: '911 Universal City Plaza', locality: 'Hollywood', primary: true };
  const whole = await patch(path, { op: 'replace', path: 'addresses[type eq "work"]', value: address });
  assert.deepEqual(whole.body['addresses'], [address]);
  const street = await patch(path, {
    op: 'replace',
    path: 'addresses[type eq "work"].streetAddress',
    value: '1010 Broadway Ave',
  });
  assert.deepEqual(street.body['addresses'], [{ ...address, streetAddress: '1010 Broadway Ave' }]);
  const several = await patch(path, {
    op: 'replace',
    value: { emails: [{ value: 'bjensen@example.com', type: 'work', primary: true }], nickname: 'Babs' },
  });
  assert.deepEqual([several.body['nickName'], (several.body['emails'] as Json[]).length], ['Babs', 1]);
});

test('RFC 7644 §3.6: a deleted user is gone and conflicts with nobody', async () => {
  const { send, found, path } = await withBarbara();
  const deleted = await send('DELETE', path);
  assert.deepEqual([deleted.status, deleted.text], [204, '']);
  assertError(await send('GET', path), 404);
  assert.deepEqual(await found('/Users', 'userName eq "bjensen"'), []);
  assert.equal((await send('POST', '/Users', barbara)).status, 201);
});

test('RFC 7644 §3.9: attributes and excludedAttributes on each verb', async () => {
  const { send, patch, path } = await withBarbara({ title: 'Guide' });
  const keysOf = (body: Json) => Object.keys(body).sort();
  const minimal = ['id', 'schemas', 'userName'];
  assert.deepEqual(keysOf((await send('GET', `${path}?attributes=userName`)).body), minimal);
  assert.deepEqual(
    keysOf((await send('POST', '/Users?attributes=userName', { ...barbara, userName: 'b2' })).body),
    minimal,
  );
  assert.deepEqual(
    keysOf((await send('PUT', `${path}?attributes=USERNAME`, { ...barbara, title: 'T' })).body),
    minimal,
  );
  const patched = await send('PATCH', `${path}?excludedAttributes=name,externalId,active,meta,id`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'title', value: 'x' }],
  });
  assert.deepEqual(keysOf(patched.body), ['id', 'schemas', 'title', 'userName'], 'what is returned always stays');
  assert.equal((await patch(`${path}`, { op: 'remove', path: 'title' })).status, 200);
  const part = (await send('GET', `${path}?attributes=name.givenName`)).body;
  assert.deepEqual(part['name'], { givenName: 'Barbara' });
});

test('RFC 7644 §3.11: /Me without a person behind it', async () => {
  const { send } = await newService(provost.url);
  assertError(await send('GET', '/Me'), 404);
});

test('RFC 7644 §3.12: errors in their form', async () => {
  const { send, patch, path, made } = await withBarbara();
  assertError(await send('GET', '/Users/2819c223-7f76-453a-919d-413861904646'), 404);
  assertError(await send('GET', '/Users?filter=userName%20like%20%22x%22'), 400, 'invalidFilter');
  assertError(await send('POST', '/Users', '{"schemas":'), 400, 'invalidSyntax');
  assertError(await send('POST', '/Users', { schemas: [USER] }), 400, 'invalidValue');
  assertError(await patch(path, { op: 'replace', path: 'emails[', value: 'x' }), 400, 'invalidPath');
  assertError(await send('POST', '/Users', barbara), 409, 'uniqueness');
  const stale = { 'if-match': 'W/"0"' };
  assertError(await send('DELETE', path, undefined, stale), 412);
  const group = await send('POST', '/Groups', { schemas: [GROUP], displayName: 'x', members: [{ value: made.id }] });
  assert.equal(group.status, 201);
});

test('RFC 7644 §3.14: versions', async () => {
  const { send, patch, path } = await withBarbara();
  const read = await send('GET', path);
  const tag = read.headers.get('etag') ?? '';
  const unchanged = await send('GET', path, undefined, { 'if-none-match': tag });
  assert.deepEqual([unchanged.status, unchanged.text, unchanged.headers.get('etag')], [304, '', tag]);
  const written = await send('PUT', path, { ...barbara, title: 'x' }, { 'if-match': tag });
  assert.equal(written.status, 200);
  assert.notEqual(written.headers.get('etag'), tag);
  assertError(await send('PUT', path, barbara, { 'if-match': tag }), 412);
  assert.equal(
    (await patch(path, { op: 'replace', path: 'title', value: 'y' })).status,
    200,
    'without one, whatever stands',
  );
});

test('RFC 7644 §4: what the service is', async () => {
  const { read } = await newService(provost.url);
  const config = await read('/ServiceProviderConfig');
  for (const feature of ['patch', 'bulk', 'filter', 'changePassword', 'sort', 'etag'])
    assert.equal((config[feature] as Json)['supported'], true, feature);
  assert.ok((config['authenticationSchemes'] as Json[]).length > 0);
  for (const path of ['/ResourceTypes', '/Schemas'])
    for (const document of (await read(path))['Resources'] as Json[])
      assert.deepEqual(await read(`${path}/${document['id']}`), document);
});
