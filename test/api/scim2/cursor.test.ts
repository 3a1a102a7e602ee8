import assert from 'node:assert/strict';
import { test } from 'node:test';
import { USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { namesIn, type ReadApi, type ScimBody, startReads } from './read-fixture.ts';

const users = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    userName: `user${String(n).padStart(4, '0')}`,
    ...(n % 3 === 0 ? {} : { title: `Title ${n % 7}` }),
  }));

async function pages({ list }: ReadApi, parameters: Readonly<Record<string, string>>): Promise<ScimBody[]> {
  const all: ScimBody[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; cursor = all.at(-1)?.nextCursor) {
    all.push(await list('/Users', { ...parameters, cursor }));
    assert.ok(all.length < 1_000, 'the walk does not end');
  }
  return all;
}

async function firstCursor({ list }: ReadApi, parameters: Readonly<Record<string, string>> = {}): Promise<string> {
  const { nextCursor } = await list('/Users', { ...parameters, cursor: '', count: '2' });
  assert.ok(nextCursor);
  return nextCursor;
}

test('an empty cursor begins a walk, each page leads to the next, and the last one to none', async (context) => {
  const api = await startReads(context);
  await api.addAll(USER_TYPE, users(25));
  const all = await pages(api, { count: '10' });
  assert.deepEqual(
    all.map(({ itemsPerPage, totalResults }) => [itemsPerPage, totalResults]),
    [
      [10, 25],
      [10, 25],
      [5, 25],
    ],
  );
  assert.deepEqual(
    all.flatMap(namesIn).sort(),
    users(25).map(({ userName }) => userName),
  );
  assert.deepEqual(
    all.map(({ previousCursor }) => previousCursor !== undefined),
    [false, true, true],
  );
  assert.ok(all.every((page) => page['startIndex'] === undefined));
});

test('a walk whose last page is full ends there', async (context) => {
  const api = await startReads(context);
  await api.addAll(USER_TYPE, users(20));
  assert.equal((await pages(api, { count: '10' })).length, 2);
});

test('cursor without a value is an empty cursor', async (context) => {
  const { get, addAll } = await startReads(context);
  await addAll(USER_TYPE, users(3));
  const { body } = await get('/Users?cursor&count=2');
  assert.match(String(body.nextCursor), /^[\w.~-]+$/, 'unreserved characters only');
});

for (const sortOrder of ['ascending', 'descending']) {
  test(`a walk sorted ${sortOrder} by an attribute that some lack is the sorted list`, async (context) => {
    const api = await startReads(context);
    await api.addAll(USER_TYPE, users(40));
    const sorting = { sortBy: 'title', sortOrder };
    const whole = namesIn(await api.list('/Users', { ...sorting, count: '100' }));
    assert.deepEqual((await pages(api, { ...sorting, count: '7' })).flatMap(namesIn), whole);
  });
}

test('previousCursor leads back to the page before', async (context) => {
  const api = await startReads(context);
  await api.addAll(USER_TYPE, users(25));
  const parameters = { sortBy: 'userName', count: '10' };
  const [first, second, third] = await pages(api, parameters);
  const back = await api.list('/Users', { ...parameters, cursor: String(third?.previousCursor) });
  assert.deepEqual(namesIn(back), namesIn(second as ScimBody));
  const start = await api.list('/Users', { ...parameters, cursor: String(back.previousCursor) });
  assert.deepEqual(namesIn(start), namesIn(first as ScimBody));
  assert.equal(start.previousCursor, undefined, 'there is nothing before the first page');
  const forth = await api.list('/Users', { ...parameters, cursor: String(start.nextCursor) });
  assert.deepEqual(namesIn(forth), namesIn(second as ScimBody));
});

test('a walk over 2,000 users meets everyone who stayed once, while others are deleted and created', {
  timeout: 120_000,
}, async (context) => {
  const api = await startReads(context);
  const stored = await api.addAll(USER_TYPE, users(2_000));
  const byName = new Map(stored.map((write) => [write.resource['userName'], write]));
  const deleted = new Set<unknown>();
  const seen: unknown[] = [];
  let created = 0;
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page: ScimBody = await api.list('/Users', { cursor, count: '100' });
    const names = namesIn(page);
    seen.push(...names);
    // The resource that the cursor stands on goes, one before it, and some that are yet to come.
    const doomed = [
      names.at(-1),
      names[0],
      ...stored.slice(created * 3, created * 3 + 3).map((w) => w.resource['userName']),
    ];
    for (const name of doomed) {
      const write = byName.get(String(name));
      if (write === undefined || deleted.has(name)) continue;
      await api.resources.remove(api.tenant, 'User', write.id, write.change, write.lastModified);
      deleted.add(name);
    }
    created += 1;
    await api.add(USER_TYPE, { userName: `new${created}` });
    cursor = page.nextCursor;
  }
  assert.ok(deleted.size > 40, `${deleted.size} were deleted on the way`);
  assert.equal(new Set(seen).size, seen.length, 'nobody twice');
  assert.deepEqual(
    users(2_000)
      .map(({ userName }) => userName)
      .filter((name) => !deleted.has(name) && !seen.includes(name)),
    [],
    'nobody who stayed was missed',
  );
});

test('a cursor of another query is 400 invalidCursor', async (context) => {
  const api = await startReads(context);
  await api.addAll(USER_TYPE, users(5));
  const cursor = await firstCursor(api, { filter: 'userName sw "user"' });
  for (const parameters of [{}, { filter: 'userName sw "u"' }, { filter: 'userName sw "user"', sortBy: 'title' }]) {
    const { status, body } = await api.get(`/Users?${new URLSearchParams({ ...parameters, cursor })}`);
    assert.deepEqual([status, body.scimType], [400, 'invalidCursor']);
  }
  assert.equal((await api.get(`/Groups?${new URLSearchParams({ cursor })}`)).body.scimType, 'invalidCursor');
});

test('a cursor of another tenant, an altered one and an invented one are 400 invalidCursor', async (context) => {
  const api = await startReads(context);
  await api.addAll(USER_TYPE, users(5));
  const cursor = await firstCursor(api);
  const foreign = await api.get(`/Users?${new URLSearchParams({ cursor })}`, { as: 'foreign' });
  assert.deepEqual([foreign.status, foreign.body.scimType], [400, 'invalidCursor']);
  const altered = `${cursor.slice(0, -2)}${cursor.endsWith('AA') ? 'BB' : 'AA'}`;
  for (const text of [altered, 'x', 's1.test.', `${cursor}.x`]) {
    const { status, body } = await api.get(`/Users?${new URLSearchParams({ cursor: text })}`);
    assert.deepEqual([status, body.scimType], [400, 'invalidCursor'], text);
  }
});

test('a cursor tells nothing of what it stands on', async (context) => {
  const api = await startReads(context);
  await api.addAll(USER_TYPE, users(5));
  const cursor = await firstCursor(api, { sortBy: 'userName' });
  const parts = cursor.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
  assert.ok(![cursor, ...parts].some((part) => part.includes('user0')));
});

test('a cursor expires, and says so: 400 expiredCursor', async (context) => {
  const api = await startReads(context, { dependencies: { cursorLifetimeSeconds: 60 } });
  await api.addAll(USER_TYPE, users(5));
  const cursor = await firstCursor(api);
  api.clock.now += 59_000;
  assert.equal((await api.list('/Users', { cursor })).itemsPerPage, 3);
  api.clock.now += 3_000;
  const { status, body } = await api.get(`/Users?${new URLSearchParams({ cursor })}`);
  assert.deepEqual([status, body.scimType], [400, 'expiredCursor']);
});

test('with a cursor, a count that is no whole number from 1 is 400 invalidCount', async (context) => {
  const { get } = await startReads(context);
  for (const count of ['0', '-1', '1.5', 'ten']) {
    const { status, body } = await get(`/Users?cursor=&count=${count}`);
    assert.deepEqual([status, body.scimType], [400, 'invalidCount'], count);
  }
  assert.equal((await get('/Users?cursor=&count=100000')).status, 200);
});

test('without a key for cursors there is no paging by cursor, and the configuration says so', async (context) => {
  const { get } = await startReads(context, { cursors: false });
  assert.equal((await get('/Users?cursor=')).body.scimType, 'invalidCursor');
  const { pagination } = (await get('/ServiceProviderConfig')).body as { pagination?: { cursor: boolean } };
  assert.equal(pagination?.cursor, false);
});
