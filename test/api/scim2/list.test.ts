import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { namesIn, startReads } from './read-fixture.ts';

const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const users = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ userName: `user${String(n).padStart(4, '0')}` }));

test('an empty list is 200 with Resources that are empty', async (context) => {
  const { get } = await startReads(context);
  const reply = await get('/Users');
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get('content-type'), 'application/scim+json');
  assert.deepEqual(reply.body, { schemas: [LIST], totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] });
});

test('each resource of a list has its id, meta and location', async (context) => {
  const { add, list } = await startReads(context);
  const { id, lastModified } = await add(USER_TYPE, { userName: 'anna' });
  const [anna] = (await list('/Users')).Resources;
  assert.equal(anna?.['id'], id);
  assert.deepEqual(anna?.['meta'], {
    resourceType: 'User',
    created: lastModified,
    lastModified,
    location: `https://scim.example.test/scim/v2/Users/${id}`,
    version: 'W/"1"',
  });
});

test('startIndex below 1 means 1, a negative count means 0, and no more than 1,000 come', async (context) => {
  const { addAll, list } = await startReads(context);
  await addAll(USER_TYPE, users(1_005));
  const page = async (startIndex: string, count: string) => {
    const { totalResults, itemsPerPage, ...rest } = await list('/Users', { startIndex, count });
    return [totalResults, rest['startIndex'], itemsPerPage];
  };
  assert.deepEqual(await page('0', '10'), [1_005, 1, 10]);
  assert.deepEqual(await page('-7', '10'), [1_005, 1, 10]);
  assert.deepEqual(await page('1', '-3'), [1_005, 1, 0]);
  assert.deepEqual(await page('1', '0'), [1_005, 1, 0]);
  assert.deepEqual(await page('1', '5000'), [1_005, 1, 1_000]);
  assert.deepEqual(await page('1001', '100'), [1_005, 1_001, 5]);
  assert.deepEqual(await page('2000', '100'), [1_005, 2_000, 0]);
  assert.deepEqual(await page('99999999999999999999', '100'), [1_005, 2_147_483_647, 0]);
});

test('pages by index are the whole list, once each', async (context) => {
  const { addAll, list } = await startReads(context);
  await addAll(USER_TYPE, users(25));
  const seen: unknown[] = [];
  for (let startIndex = 1; startIndex <= 25; startIndex += 10)
    seen.push(...namesIn(await list('/Users', { startIndex: String(startIndex), count: '10' })));
  assert.deepEqual(
    seen.sort(),
    users(25).map(({ userName }) => userName),
  );
});

test('a walk by index misses nobody who stayed while others are deleted', async (context) => {
  const { addAll, list, resources, tenant } = await startReads(context);
  const stored = await addAll(USER_TYPE, users(600));
  const byName = new Map(stored.map((write) => [write.resource['userName'], write]));
  const seen = new Set<unknown>();
  const deleted = new Set<unknown>();
  for (let startIndex = 1; ; startIndex += 50) {
    const page = await list('/Users', { startIndex: String(startIndex), count: '50' });
    if (page.itemsPerPage === 0) break;
    for (const name of namesIn(page)) seen.add(name);
    for (const name of namesIn(page).slice(0, 5)) {
      const write = byName.get(name as string);
      assert.ok(write);
      await resources.remove(tenant, 'User', write.id, write.change, write.lastModified);
      deleted.add(name);
    }
  }
  assert.equal(deleted.size, 60);
  assert.deepEqual(
    users(600).filter(({ userName }) => !seen.has(userName)),
    [],
  );
});

test('a filter selects; a filter that matches nothing is 200 with an empty list', async (context) => {
  const { add, list } = await startReads(context);
  await add(USER_TYPE, { userName: 'Anna', title: 'Engineer', emails: [{ value: 'anna@example.com', type: 'work' }] });
  await add(USER_TYPE, { userName: 'bert', title: 'Baker', emails: [{ value: 'bert@example.com', type: 'home' }] });
  assert.deepEqual(namesIn(await list('/Users', { filter: 'emails[type eq "work" and value co "@EXAMPLE"]' })), [
    'Anna',
  ]);
  assert.deepEqual(namesIn(await list('/Users', { filter: 'title sw "B" and not (userName eq "anna")' })), ['bert']);
  const none = await list('/Users', { filter: 'userName eq "nobody"' });
  assert.deepEqual([none.totalResults, none.Resources], [0, []]);
});

for (const [filter, why] of [
  ['shoeSize eq "44"', 'an unknown attribute'],
  ['userName eq', 'no value'],
  ['userName like "a"', 'no such operator'],
  ['(userName eq "a"', 'an open parenthesis'],
  ['active gt true', 'an operator that does not suit'],
  ['password sw "a"', 'a secret'],
] as const) {
  test(`a filter with ${why} is 400 invalidFilter`, async (context) => {
    const { get } = await startReads(context);
    const { status, body } = await get(`/Users?${new URLSearchParams({ filter })}`);
    assert.deepEqual([status, body['status'], body.scimType], [400, '400', 'invalidFilter']);
    assert.notEqual(body.detail, '');
  });
}

test('lists are sorted by any attribute, either way', async (context) => {
  const { add, list } = await startReads(context);
  await add(USER_TYPE, { userName: 'anna', name: { familyName: 'Young' } });
  await add(USER_TYPE, { userName: 'bert', name: { familyName: 'adams' } });
  await add(USER_TYPE, { userName: 'carl' });
  assert.deepEqual(namesIn(await list('/Users', { sortBy: 'name.familyName' })), ['bert', 'anna', 'carl']);
  assert.deepEqual(namesIn(await list('/Users', { sortBy: 'NAME.familyname', sortOrder: 'descending' })), [
    'carl',
    'anna',
    'bert',
  ]);
  const urn = 'urn:ietf:params:scim:schemas:core:2.0:User:userName';
  assert.deepEqual(namesIn(await list('/Users', { sortBy: urn })), ['anna', 'bert', 'carl']);
});

for (const parameters of [
  { sortBy: 'shoeSize' },
  { sortBy: 'name' },
  { sortBy: 'password' },
  { sortBy: 'userName', sortOrder: 'sideways' },
  { attributes: 'userName', excludedAttributes: 'emails' },
]) {
  test(`${JSON.stringify(parameters)} is 400 invalidValue`, async (context) => {
    const { get } = await startReads(context);
    const { status, body } = await get(`/Users?${new URLSearchParams(parameters)}`);
    assert.deepEqual([status, body.scimType], [400, 'invalidValue']);
  });
}

test('attributes and excludedAttributes select what is shown, in lists and of one', async (context) => {
  const { add, list, get } = await startReads(context);
  const { id } = await add(USER_TYPE, { userName: 'anna', title: 'Engineer', nickName: 'A' });
  assert.deepEqual(Object.keys((await list('/Users', { attributes: 'title' })).Resources[0] ?? {}).sort(), [
    'id',
    'schemas',
    'title',
  ]);
  const shown = (await get(`/Users/${id}?excludedAttributes=title,meta`)).body;
  assert.deepEqual([shown['nickName'], shown['title'], shown['meta']], ['A', undefined, undefined]);
});

test('the root lists every type at once; an attribute that a type lacks has no value there', async (context) => {
  const { add, list, get } = await startReads(context);
  await add(USER_TYPE, { userName: 'anna', displayName: 'Staff' });
  await add(GROUP_TYPE, { displayName: 'Staff' });
  await add(GROUP_TYPE, { displayName: 'Guests' });
  const all = await list('/');
  assert.deepEqual([all.totalResults, all.Resources.length], [3, 3]);
  const staff = await list('/', {
    filter: 'displayName eq "staff" and (userName eq "anna" or meta.resourceType eq "Group")',
  });
  assert.equal(staff.totalResults, 2);
  assert.deepEqual(namesIn(await list('/', { filter: 'userName pr' })), ['anna']);
  assert.equal((await get('/?filter=shoeSize%20eq%20%221%22')).body.scimType, 'invalidFilter');
  assert.equal((await list('/', { sortBy: 'meta.lastModified' })).totalResults, 3);
  assert.equal((await get('/?sortBy=userName')).status, 400);
});

test('nothing of another tenant is in a list or readable by id', async (context) => {
  const { add, get } = await startReads(context);
  const { id } = await add(USER_TYPE, { userName: 'anna' });
  assert.equal((await get('/Users', { as: 'foreign' })).body.totalResults, 0);
  assert.equal((await get(`/Users/${id}`, { as: 'foreign' })).status, 404);
});

test('listing takes a scope that covers reading, for the root one of some type', async (context) => {
  const { get, send } = await startReads(context, { scopes: ['scim:write'] });
  assert.equal((await get('/Users')).status, 403);
  assert.equal((await get('/')).status, 403);
  const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'] };
  assert.equal((await send('POST', '/Users/.search', { body })).status, 403);
  assert.equal((await send('POST', '/.search', { body })).status, 403);
});

test('the root shows only the types that the caller may list', async (context) => {
  const { add, list } = await startReads(context, { scopes: ['internal_user_mgt_list'] });
  await add(USER_TYPE, { userName: 'anna' });
  await add(GROUP_TYPE, { displayName: 'Staff' });
  assert.deepEqual(namesIn(await list('/')), ['anna']);
});

test('whatever is sent as a filter, a sort or a cursor is answered or refused as a SCIM error', {
  timeout: 120_000,
}, async (context) => {
  const { add, get } = await startReads(context);
  await add(USER_TYPE, { userName: 'anna', emails: [{ value: 'anna@example.com' }] });
  const word = fc.constantFrom(
    'userName',
    'emails',
    '[',
    ']',
    '(',
    ')',
    'eq',
    'co',
    'and',
    'or',
    'not',
    'pr',
    '"a"',
    'null',
    '.',
    ':',
    '$',
    '"',
  );
  const text = fc.oneof(
    fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('filter', 'sortBy', 'cursor', 'count', 'startIndex'),
      text,
      async (name, value) => {
        const { status, body } = await get(`/Users?${new URLSearchParams({ [name]: value })}`);
        assert.ok(status === 200 || (status === 400 && body.detail !== ''), `${status} for ${name} ${value}`);
      },
    ),
    { numRuns: 500 },
  );
});
