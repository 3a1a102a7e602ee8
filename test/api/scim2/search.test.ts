import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { namesIn, startReads } from './read-fixture.ts';

const SEARCH = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];

test('a search by POST answers as a query does, with 200', async (context) => {
  const { add, send } = await startReads(context);
  await add(USER_TYPE, { userName: 'anna', title: 'A' });
  await add(USER_TYPE, { userName: 'bert', title: 'B' });
  await add(USER_TYPE, { userName: 'carl', title: 'C' });
  const body = {
    schemas: SEARCH,
    filter: 'title ge "B"',
    attributes: ['userName'],
    sortBy: 'userName',
    sortOrder: 'descending',
    startIndex: 1,
    count: 10,
  };
  const reply = await send('POST', '/Users/.search', { body });
  assert.equal(reply.status, 200);
  assert.deepEqual(namesIn(reply.body), ['carl', 'bert']);
  assert.deepEqual(Object.keys(reply.body.Resources[0] ?? {}).sort(), ['id', 'schemas', 'userName']);
});

test('a search at the root is over all types (RFC 7644 §3.4.3)', async (context) => {
  const { add, send } = await startReads(context);
  await add(USER_TYPE, { userName: 'anna', displayName: 'Smith' });
  await add(GROUP_TYPE, { displayName: 'Smithers' });
  await add(GROUP_TYPE, { displayName: 'Jones' });
  const body = {
    schemas: SEARCH,
    attributes: ['displayName', 'userName'],
    filter: 'displayName sw "smith"',
    count: 10,
  };
  const reply = await send('POST', '/.search', { body });
  assert.deepEqual(reply.body.Resources.map((resource) => resource['displayName']).sort(), ['Smith', 'Smithers']);
});

test('a search pages by cursor as a query does', async (context) => {
  const { addAll, send } = await startReads(context);
  await addAll(
    USER_TYPE,
    ['a', 'b', 'c'].map((userName) => ({ userName })),
  );
  const first = await send('POST', '/Users/.search', { body: { schemas: SEARCH, cursor: '', count: 2 } });
  const body = { schemas: SEARCH, cursor: first.body.nextCursor, count: 2 };
  const second = await send('POST', '/Users/.search', { body });
  assert.deepEqual([...namesIn(first.body), ...namesIn(second.body)].sort(), ['a', 'b', 'c']);
  assert.equal(second.body.nextCursor, undefined);
});

for (const [what, body] of [
  ['no schemas', { filter: 'userName pr' }],
  ['another schema', { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'] }],
  ['a filter that is no text', { schemas: SEARCH, filter: 7 }],
  ['a list as body', [1]],
  ['attributes that are numbers', { schemas: SEARCH, attributes: [1] }],
] as const) {
  test(`a search request with ${what} is 400 invalidSyntax`, async (context) => {
    const { send } = await startReads(context);
    const reply = await send('POST', '/Users/.search', { body });
    assert.deepEqual([reply.status, reply.body.scimType], [400, 'invalidSyntax']);
  });
}

test('a search request without a body is 400, with a wrong filter 400 invalidFilter', async (context) => {
  const { send } = await startReads(context);
  assert.equal((await send('POST', '/Users/.search')).status, 400);
  const reply = await send('POST', '/Users/.search', { body: { schemas: SEARCH, filter: 'shoeSize eq 1' } });
  assert.deepEqual([reply.status, reply.body.scimType], [400, 'invalidFilter']);
});
