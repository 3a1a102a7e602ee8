import assert from 'node:assert/strict';
import { test } from 'node:test';
import { USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { namesIn, startReads } from './read-fixture.ts';

// Numbers are those of the reference's list of Okta's habits, section 3.4.

test('Okta 3.4 no. 9: it asks whether a user exists by userName, startIndex and count, in any letter case', async (context) => {
  const { add, list } = await startReads(context);
  await add(USER_TYPE, { userName: 'anna@example.com' });
  const filter = 'userName eq "ANNA@EXAMPLE.COM"';
  const found = await list('/Users', { filter, startIndex: '1', count: '100' });
  assert.deepEqual([found.totalResults, namesIn(found)], [1, ['anna@example.com']]);
  const absent = await list('/Users', { filter: 'userName eq "x@example.com"', startIndex: '1', count: '100' });
  assert.deepEqual([absent.totalResults, absent.Resources], [0, []]);
});

test('Okta 3.4 no. 9: its connection test asks for two users', async (context) => {
  const { addAll, list } = await startReads(context);
  await addAll(
    USER_TYPE,
    ['a', 'b', 'c'].map((userName) => ({ userName })),
  );
  const { totalResults, itemsPerPage } = await list('/Users', { startIndex: '1', count: '2' });
  assert.deepEqual([totalResults, itemsPerPage], [3, 2]);
});

test('Okta 3.4 no. 10: pages of 100 have numbers that are JSON numbers, and an order that stays', async (context) => {
  const { addAll, list, get } = await startReads(context);
  await addAll(
    USER_TYPE,
    Array.from({ length: 250 }, (_, n) => ({ userName: `u${n}` })),
  );
  const walk = async () => {
    const names: unknown[] = [];
    for (const startIndex of ['1', '101', '201'])
      names.push(...namesIn(await list('/Users', { startIndex, count: '100' })));
    return names;
  };
  const first = await walk();
  assert.equal(new Set(first).size, 250);
  assert.deepEqual(await walk(), first);
  const { text } = await get('/Users?startIndex=101&count=100&attributes=id');
  assert.match(text, /"totalResults":250,"startIndex":101,"itemsPerPage":100,/);
});

test('Okta 3.4 no. 13: 401 and 404 have schemas, a status that is text, and a detail', async (context) => {
  const { get } = await startReads(context);
  for (const [path, as, status] of [
    ['/Users', 'nobody', 401],
    ['/Users/none', 'usual', 404],
  ] as const) {
    const reply = await get(path, { as });
    assert.equal(reply.status, status);
    assert.deepEqual(reply.body.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error']);
    assert.equal(reply.body['status'], String(status));
    assert.ok(reply.body.detail.length > 0);
  }
});

test('Okta 3.4 no. 14: ids do not contain bulkId, and groups of nobody match nothing', async (context) => {
  const { add, get } = await startReads(context);
  const { id } = await add(USER_TYPE, { userName: 'anna' });
  assert.doesNotMatch(id, /bulkId/);
  assert.equal((await get('/Users?filter=groups+eq+%22g1%22')).body.totalResults, 0);
});

test('Okta 3.4 no. 15: it calls the endpoint that a resource type names', async (context) => {
  const { list } = await startReads(context);
  for (const type of (await list('/ResourceTypes')).Resources) await list(String(type['endpoint']));
});

test('Okta 3.4 no. 17: inactive users are in lists', async (context) => {
  const { add, list } = await startReads(context);
  await add(USER_TYPE, { userName: 'anna', active: false });
  assert.deepEqual(namesIn(await list('/Users', { startIndex: '1', count: '100' })), ['anna']);
});
