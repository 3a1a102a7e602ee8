import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { namesIn, startReads } from './read-fixture.ts';

// Numbers are those of the reference's list of Entra ID's habits, section 3.3.

const anna = {
  userName: 'Anna@example.com',
  externalId: 'jyoung',
  active: true,
  emails: [
    { value: 'anna@home.example', type: 'home' },
    { value: 'Anna@Example.com', type: 'work' },
  ],
};

test('Entra 3.3 no. 2: a boolean in a filter may be a string', async (context) => {
  const { add, list } = await startReads(context);
  await add(USER_TYPE, { ...anna, roles: [{ value: 'admin', primary: true }] });
  assert.deepEqual(namesIn(await list('/Users', { filter: 'roles[primary eq "True"].value eq "admin"' })), [
    anna.userName,
  ]);
  assert.deepEqual(namesIn(await list('/Users', { filter: 'active eq "False"' })), []);
});

for (const filter of [
  'userName eq "Anna@example.com"',
  'externalId eq "jyoung"',
  'externalId eq jyoung',
  'emails[type eq "work"].value eq "anna@example.com"',
  'emails[type eq "work" and value eq "anna@example.com"]',
  'userName eq "anna@example.com" and active eq true',
  'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "anna@example.com"',
]) {
  test(`Entra 3.3 no. 17: it finds a user by ${filter}`, async (context) => {
    const { add, list } = await startReads(context);
    await add(USER_TYPE, anna);
    await add(USER_TYPE, { userName: 'other', emails: [{ value: 'anna@example.com', type: 'home' }] });
    assert.deepEqual(namesIn(await list('/Users', { filter })), [anna.userName]);
  });
}

test('Entra 3.3 no. 17: it finds a group by displayName', async (context) => {
  const { add, list } = await startReads(context);
  await add(GROUP_TYPE, { displayName: 'Staff' });
  await add(GROUP_TYPE, { displayName: 'Guests' });
  assert.deepEqual(namesIn(await list('/Groups', { filter: 'displayName eq "Staff"' })), ['Staff']);
});

test('Entra 3.3 no. 17: a value without quotes is refused where its service provider is strict', async (context) => {
  const { get } = await startReads(context, { conformance: 'strict' });
  const { status, body } = await get('/Users?filter=externalId%20eq%20jyoung');
  assert.deepEqual([status, body.scimType], [400, 'invalidFilter']);
});

test('Entra 3.3 no. 18: a filter without match is 200 with an empty list, never 404', async (context) => {
  const { get } = await startReads(context);
  for (const path of ['/Users?filter=userName+eq+%22nobody%22', '/Groups?filter=displayName+eq+%22nobody%22']) {
    const { status, body } = await get(path);
    assert.deepEqual([status, body.totalResults, body.Resources], [200, 0, []], path);
  }
});

test('Entra 3.3 no. 19: its connection test filters by a random id', async (context) => {
  const { add, get } = await startReads(context);
  await add(USER_TYPE, anna);
  const { status, body } = await get(`/Users?filter=userName+eq+%22${randomUUID()}%22`);
  assert.deepEqual([status, body.totalResults], [200, 0]);
  assert.equal((await get(`/Users/${randomUUID()}`)).status, 404);
});

test('Entra 3.3 no. 20: a group is read and listed without its members', async (context) => {
  const { add, get, list } = await startReads(context);
  const { id } = await add(GROUP_TYPE, { displayName: 'Staff', members: [{ value: 'u1' }] });
  await add(GROUP_TYPE, { displayName: 'Guests', members: [{ value: 'u2' }] });
  const group = (await get(`/Groups/${id}?excludedAttributes=members`)).body;
  assert.deepEqual([group['displayName'], 'members' in group], ['Staff', false]);
  const listed = await list('/Groups', { filter: 'displayName eq "Staff"', excludedAttributes: 'members' });
  assert.equal('members' in (listed.Resources[0] ?? {}), false);
});

test('Entra 3.3 no. 20: it asks for a membership by the ids of group and member', async (context) => {
  const memberships = new Map([['u1', ['g1']]]);
  const { add, list } = await startReads(context, {
    dependencies: {
      virtual: () => ({
        isVirtual: ({ keys }) => keys[0] === 'members',
        query: async (term) => ({
          _id: { $in: term.kind === 'compare' ? (memberships.get(String(term.raw)) ?? []) : [] },
        }),
      }),
    },
  });
  await add(GROUP_TYPE, { displayName: 'Staff' }, { id: 'g1' });
  await add(GROUP_TYPE, { displayName: 'Guests' }, { id: 'g2' });
  const found = (group: string, member: string) =>
    list('/Groups', { filter: `id eq "${group}" and members eq "${member}"`, excludedAttributes: 'members' });
  assert.deepEqual(namesIn(await found('g1', 'u1')), ['Staff']);
  assert.deepEqual(namesIn(await found('g2', 'u1')), []);
  assert.deepEqual(namesIn(await found('g1', 'u2')), []);
});

test('Entra 3.3 no. 21: a group is found in another letter case', async (context) => {
  const { add, list } = await startReads(context);
  await add(GROUP_TYPE, { displayName: 'Staff of Zürich' });
  assert.deepEqual(namesIn(await list('/Groups', { filter: 'displayName eq "STAFF OF ZÜRICH"' })), ['Staff of Zürich']);
});

test('Entra 3.3 no. 22: a disabled user is still returned, by id and in lists', async (context) => {
  const { add, get, list } = await startReads(context);
  const { id } = await add(USER_TYPE, { ...anna, active: false });
  assert.equal((await get(`/Users/${id}`)).body['active'], false);
  assert.deepEqual(namesIn(await list('/Users', { filter: 'userName eq "anna@example.com"' })), [anna.userName]);
});

test('Entra 3.3 no. 23: values come back byte for byte', async (context) => {
  const { add, get } = await startReads(context);
  const phoneNumbers = [{ value: '+41 (0)44 123-45 67 ', type: 'work' }];
  const { id } = await add(USER_TYPE, { ...anna, phoneNumbers });
  const { body } = await get(`/Users/${id}`);
  assert.deepEqual([body['phoneNumbers'], body['emails']], [phoneNumbers, anna.emails]);
});

test('Entra 3.3 no. 25: Schemas is a list response in camelCase and without nulls', async (context) => {
  const { get } = await startReads(context);
  const { body, text } = await get('/Schemas');
  assert.deepEqual(body.schemas, ['urn:ietf:params:scim:api:messages:2.0:ListResponse']);
  assert.doesNotMatch(text, /:null[,}]/);
  const keys = [...text.matchAll(/"(\w+)":/g)].map(([, key]) => String(key));
  assert.deepEqual(
    [...new Set(keys)].filter((key) => !/^[a-z][A-Za-z]*$/.test(key)),
    ['Resources'],
  );
});

test('Entra 3.3 no. 27: the flags that its tenant URL may carry are let pass', async (context) => {
  const { add, get } = await startReads(context);
  await add(USER_TYPE, anna);
  for (const flag of ['aadOptscim062020', 'aadOptscim062020=', 'AzureAdScimPatch062017', 'AzureAdScimPatch2017=true']) {
    const { status, body } = await get(`/Users?${flag}&filter=externalId+eq+%22jyoung%22`);
    assert.deepEqual([status, body.totalResults], [200, 1], flag);
  }
});

test('Entra 3.3 no. 28: every answer is application/scim+json', async (context) => {
  const { get } = await startReads(context);
  for (const path of ['/Users', '/Users/none', '/Users?filter=x', '/Schemas', '/ServiceProviderConfig']) {
    const type = (await get(path)).headers.get('content-type');
    assert.match(String(type), /^application\/scim\+json/, path);
  }
});
