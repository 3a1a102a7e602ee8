import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../end-to-end/installation.ts';
import {
  assertError,
  ENTERPRISE,
  GROUP,
  type Json,
  LIST,
  membersOf,
  newService,
  type Service,
  USER,
} from './scim-client.ts';

// The scenarios of Microsoft's SCIM validator, by what its documentation and its reports say of them.

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(async () => {
  await provost.stop();
});

const person = (name: string): Json => ({
  schemas: [USER, ENTERPRISE],
  externalId: `ext-${name}`,
  userName: `${name}@romaguera.uk`,
  active: true,
  displayName: 'XKWLCONOGMVT',
  title: 'DVFHQNDRMZSD',
  emails: [
    { type: 'work', value: `${name}@prohaska.biz`, primary: true },
    { type: 'home', value: `${name}@home.biz` },
  ],
  preferredLanguage: 'fr-CH',
  name: { givenName: 'Sandy', familyName: 'Nia', formatted: 'Aric' },
  addresses: [
    {
      type: 'work',
      formatted: 'EZ',
      streetAddress: '1 Way',
      locality: 'Bern',
      region: 'BE',
      postalCode: '3000',
      country: 'CH',
    },
    { type: 'other', formatted: 'OTHER' },
  ],
  phoneNumbers: [
    { type: 'work', value: '65-750-3441', primary: true },
    { type: 'mobile', value: '65-750-3442' },
    { type: 'fax', value: '65-750-3443' },
  ],
  roles: [{ primary: 'true', type: 'ENMZWHTRPWAW', value: 'JSSNRWCSKQXW', display: 'UKBAKUZPXGRB' }],
  [ENTERPRISE]: { employeeNumber: '7', department: 'EARLKWLRTCLP', costCenter: '12', organization: 'O', division: 'D' },
});

/** Everything that was sent is there, whatever is there besides. */
const assertHolds = (held: unknown, sent: unknown, path = ''): void => {
  if (typeof sent !== 'object' || sent === null) {
    assert.equal(String(held), String(sent), path);
    return;
  }
  for (const [name, value] of Object.entries(sent))
    assertHolds((held as Json | undefined)?.[name], value, `${path}.${name}`);
};

const filterOf = (filter: string): string => `filter=${encodeURIComponent(filter)}`;

async function withUser() {
  const service = await newService(provost.url);
  const user = await service.user(person('dale'));
  return { ...service, another: service.user, user, path: `/Users/${user.id}` };
}

test('POST /Users: create a new user', async () => {
  const { send } = await newService(provost.url);
  const answer = await send('POST', '/Users', person('dale'));
  assert.equal(answer.status, 201, answer.text);
  assertHolds(answer.body, person('dale'));
  assert.ok(typeof answer.body['id'] === 'string' && answer.headers.get('location')?.endsWith(answer.body['id']));
  assert.match(answer.headers.get('content-type') ?? '', /^application\/scim\+json/);
  assertHolds((await send('GET', `/Users/${answer.body['id']}`)).body, person('dale'));
});

test('POST /Users: create a duplicate user', async () => {
  const { send } = await withUser();
  assertError(await send('POST', '/Users', person('dale')), 409, 'uniqueness');
});

test('GET /Users?filter: an existing user, in another letter case too, and one that is not there', async () => {
  const { send, user } = await withUser();
  for (const name of ['dale@romaguera.uk', 'DALE@Romaguera.UK']) {
    const { status, body } = await send('GET', `/Users?${filterOf(`userName eq "${name}"`)}`);
    assert.deepEqual([status, body['schemas'], body['totalResults']], [200, [LIST], 1]);
    assertHolds((body['Resources'] as Json[])[0], { ...person('dale'), id: user.id });
  }
  const none = await send('GET', `/Users?${filterOf('userName eq "non-existing-user"')}`);
  assert.deepEqual([none.status, none.body['totalResults'], none.body['Resources']], [200, 0, []]);
});

test('GET /Users/{id}: a user that is not there', async () => {
  const { send } = await newService(provost.url);
  assertError(await send('GET', '/Users/5171a35d82074e068ce2'), 404);
});

test('PATCH /Users/{id}: add, replace and remove attributes, all in one request', async () => {
  for (const op of ['add', 'replace', 'Add', 'Replace']) {
    const { patch, read, path } = await withUser();
    const changed = await patch(
      path,
      { op, path: 'active', value: false },
      { op, path: 'displayName', value: 'NEW' },
      { op, path: 'emails[type eq "work"].value', value: 'new@prohaska.biz' },
      { op, path: 'name.givenName', value: 'New' },
      { op, path: 'addresses[type eq "work"].locality', value: 'Basel' },
      { op, path: 'addresses[type eq "other"].formatted', value: 'OTHER 2' },
      { op, path: 'phoneNumbers[type eq "mobile"].value', value: '1' },
      { op, path: 'roles[primary eq "True"].value', value: 'NEWROLE' },
      { op, path: `${ENTERPRISE}:department`, value: 'NEWDEP' },
      { op, path: 'externalId', value: 'ext-new' },
      { op, path: 'userName', value: 'new@romaguera.uk' },
    );
    assert.ok(changed.status === 200 || changed.status === 204, changed.text);
    assertHolds(await read(path), {
      active: false,
      displayName: 'NEW',
      name: { givenName: 'New', familyName: 'Nia' },
      emails: [
        { type: 'work', value: 'new@prohaska.biz' },
        { type: 'home', value: 'dale@home.biz' },
      ],
      addresses: [{ type: 'work', locality: 'Basel', country: 'CH' }, { formatted: 'OTHER 2' }],
      phoneNumbers: [{ value: '65-750-3441' }, { value: '1' }, { value: '65-750-3443' }],
      roles: [{ value: 'NEWROLE', display: 'UKBAKUZPXGRB' }],
      externalId: 'ext-new',
      userName: 'new@romaguera.uk',
      [ENTERPRISE]: { department: 'NEWDEP', costCenter: '12' },
    });
  }
  const { patch, read, path } = await withUser();
  const removed = await patch(
    path,
    { op: 'remove', path: 'title' },
    { op: 'Remove', path: 'emails[type eq "home"].value' },
    { op: 'remove', path: 'phoneNumbers[type eq "fax"]' },
    { op: 'remove', path: `${ENTERPRISE}:division` },
    { op: 'remove', path: 'name.formatted' },
  );
  assert.equal(removed.status, 200, removed.text);
  const left = await read(path);
  assert.equal(left['title'], undefined);
  assert.deepEqual(
    (left['emails'] as Json[]).map(({ type }) => type),
    ['work'],
  );
  assert.equal((left['phoneNumbers'] as Json[]).length, 2);
  assert.equal((left[ENTERPRISE] as Json)['division'], undefined);
  assert.deepEqual(left['name'], { givenName: 'Sandy', familyName: 'Nia' });
});

test('PATCH /Users/{id}: replace attributes verbosely, without paths', async () => {
  const { patch, read, path } = await withUser();
  const changed = await patch(path, {
    op: 'replace',
    value: {
      displayName: 'VERBOSE',
      'name.givenName': 'Verbose',
      'emails[type eq "work"].value': 'verbose@prohaska.biz',
      [`${ENTERPRISE}:department`]: 'VERBOSEDEP',
      active: false,
    },
  });
  assert.equal(changed.status, 200, changed.text);
  assertHolds(await read(path), {
    displayName: 'VERBOSE',
    active: false,
    name: { givenName: 'Verbose', familyName: 'Nia' },
    emails: [{ value: 'verbose@prohaska.biz' }],
    [ENTERPRISE]: { department: 'VERBOSEDEP' },
  });
});

test('PATCH /Users/{id}: update the user name', async () => {
  const { patch, found, user, path } = await withUser();
  const changed = await patch(path, { op: 'replace', path: 'userName', value: '5b50642d@romaguera.uk' });
  assert.deepEqual([changed.status, changed.body['id']], [200, user.id]);
  assert.deepEqual(await found('/Users', 'userName eq "5b50642d@romaguera.uk"'), [user.id]);
  assert.deepEqual(await found('/Users', 'userName eq "dale@romaguera.uk"'), []);
});

test('PATCH /Users/{id}: disable a user, who is still read and found as not active', async () => {
  const { patch, send, path } = await withUser();
  for (const value of [false, 'False']) {
    assert.equal((await patch(path, { op: 'Replace', path: 'active', value })).status, 200);
    assert.equal((await send('GET', path)).body['active'], false);
    const listed = await send('GET', `/Users?${filterOf('userName eq "dale@romaguera.uk"')}`);
    assert.equal((listed.body['Resources'] as Json[])[0]?.['active'], false);
    assert.equal((await patch(path, { op: 'Replace', path: 'active', value: 'True' })).body['active'], true);
  }
});

test('PATCH /Users/{id}: add, replace and remove a manager', async () => {
  const { patch, user, another, read, path } = await withUser();
  const boss = await another(person('boss'));
  const manager = async () => ((await read(path))[ENTERPRISE] as Json)['manager'] as Json | undefined;
  assert.equal((await patch(path, { op: 'Add', path: `${ENTERPRISE}:manager`, value: boss.id })).status, 200);
  assert.equal((await manager())?.['value'], boss.id);
  assert.equal((await patch(path, { op: 'Replace', path: `${ENTERPRISE}:manager`, value: user.id })).status, 200);
  assert.equal((await manager())?.['value'], user.id);
  assert.equal((await patch(path, { op: 'Remove', path: `${ENTERPRISE}:manager` })).status, 200);
  assert.equal(await manager(), undefined);
});

test('PUT /Users/{id}: replace a user, and the id stays', async () => {
  const { send, user, path } = await withUser();
  const replaced = await send('PUT', path, { ...person('other'), id: user.id });
  assert.equal(replaced.status, 200, replaced.text);
  assertHolds(replaced.body, { ...person('other'), id: user.id });
});

test('DELETE /Users/{id}: delete a user, delete him again, and delete one that is not there', async () => {
  const { send, found, path } = await withUser();
  assert.deepEqual(await send('DELETE', path).then(({ status, text }) => [status, text]), [204, '']);
  assertError(await send('GET', path), 404);
  assertError(await send('DELETE', path), 404);
  assertError(await send('DELETE', '/Users/5171a35d82074e068ce2'), 404);
  assert.deepEqual(await found('/Users', 'userName eq "dale@romaguera.uk"'), []);
  assert.equal((await send('POST', '/Users', person('dale'))).status, 201, 'the name is free again');
});

const staff = (displayName: string): Json => ({
  schemas: [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
  externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
  displayName,
  meta: { resourceType: 'Group' },
});

test('POST /Groups: create a group, without members, and a duplicate of it', async () => {
  const { send, group, read } = await newService(provost.url);
  const created = await group(staff('Staff'));
  assertHolds(created, { displayName: 'Staff', externalId: staff('x')['externalId'] });
  assert.deepEqual(created['schemas'], [GROUP]);
  assertHolds(await read(`/Groups/${created.id}`), { id: created.id, displayName: 'Staff' });
  assertError(await send('POST', '/Groups', staff('STAFF')), 409, 'uniqueness');
});

test('GET /Groups: by displayName in any letter case, without members, by id, and one that is not there', async () => {
  const { send, found, group, user } = await newService(provost.url);
  const member = await user(person('dale'));
  const { id } = await group({ ...staff('Staff'), members: [{ value: member.id }] });
  for (const name of ['Staff', 'STAFF']) assert.deepEqual(await found('/Groups', `displayName eq "${name}"`), [id]);
  assert.deepEqual(await found('/Groups', 'displayName eq "nothing"'), []);
  const one = await send('GET', `/Groups/${id}?excludedAttributes=members`);
  assert.deepEqual([one.status, one.body['displayName'], one.body['members']], [200, 'Staff', undefined]);
  assertError(await send('GET', '/Groups/5171a35d82074e068ce2'), 404);
});

test('PATCH /Groups/{id}: rename, add members, remove them, and replace externalId', async () => {
  const { patch, read, group, user }: Service = await newService(provost.url);
  const [dale, hope] = [await user(person('dale')), await user(person('hope'))];
  const { id } = await group(staff('Staff'));
  const path = `/Groups/${id}`;
  const done = async (...operations: object[]): Promise<void> => {
    const answer = await patch(path, ...operations);
    assert.deepEqual([answer.status, answer.text], [204, '']);
  };
  await done(
    { op: 'Replace', path: 'displayName', value: 'People' },
    { op: 'Replace', path: 'externalId', value: 'e' },
  );
  assertHolds(await read(path), { displayName: 'People', externalId: 'e' });
  await done({ op: 'Add', path: 'members', value: [{ $ref: null, value: dale.id }] });
  await done({ op: 'Add', path: 'members', value: [{ $ref: null, value: hope.id }] });
  assert.deepEqual(membersOf(await read(path)), [dale.id, hope.id].sort());
  await done({ op: 'Remove', path: 'members', value: [{ $ref: null, value: dale.id }] });
  assert.deepEqual(membersOf(await read(path)), [hope.id]);
  await done({ op: 'Remove', path: `members[value eq "${hope.id}"]` });
  assert.deepEqual(membersOf(await read(path)), []);
});

test('DELETE /Groups/{id}: delete a group, and delete it again', async () => {
  const { send, group } = await newService(provost.url);
  const { id } = await group(staff('Staff'));
  assert.equal((await send('DELETE', `/Groups/${id}`)).status, 204);
  assertError(await send('DELETE', `/Groups/${id}`), 404);
});

test('GET /Schemas and /ResourceTypes: what the validator discovers attributes by', async () => {
  const { read } = await newService(provost.url);
  const schemas = (await read('/Schemas'))['Resources'] as Json[];
  for (const urn of [USER, GROUP, ENTERPRISE])
    assert.ok(
      schemas.some(({ id }) => id === urn),
      urn,
    );
  const types = (await read('/ResourceTypes'))['Resources'] as Json[];
  assert.deepEqual(
    types.map(({ endpoint }) => endpoint),
    ['/Users', '/Groups'],
  );
});
