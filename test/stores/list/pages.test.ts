import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { bindPath, splitAttributePath } from '../../../domain/scim/attribute-path.ts';
import type { ScimObject } from '../../../domain/scim/resource.ts';
import { defineAttribute, type ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { BY_ID, type Direction, type ListOrder, orderBy, reversed } from '../../../stores/list/order.ts';
import type { Position } from '../../../stores/list/position.ts';
import type { ListedResource } from '../../../stores/resources.ts';
import { type FreshStore, openFreshStore } from '../fresh-store.ts';

const EXTENSION = 'urn:example:params:scim:schemas:extension:badge:2.0:User';
const TYPE: ResourceTypeDefinition = {
  ...USER_TYPE,
  extensions: [
    {
      required: false,
      schema: {
        id: EXTENSION,
        name: 'Badge',
        description: 'Badge',
        attributes: [defineAttribute('number', 'Number.', { type: 'integer', required: true })],
      },
    },
  ],
};

const order = (path: string, direction: Direction): ListOrder => {
  const split = splitAttributePath(path);
  const bound = split && bindPath(split, TYPE);
  assert.ok(bound, path);
  return orderBy(bound, direction);
};

/** Reads everything, two at a time, each page behind the last resource of the one before. */
async function walk({ resources, tenant }: FreshStore, by: ListOrder): Promise<ListedResource[]> {
  const all: ListedResource[] = [];
  let after: Position | undefined;
  for (let page = 0; page < 100; page += 1) {
    const rows = await resources.list(tenant, [{ type: 'User', query: {} }], {
      order: by,
      limit: 2,
      ...(after === undefined ? {} : { after }),
    });
    all.push(...rows);
    if (rows.length < 2) return all;
    after = rows.at(-1)?.position;
  }
  throw new Error('the walk does not end');
}

const PEOPLE: readonly ScimObject[] = [
  { userName: 'dora', active: true, name: { familyName: 'B' }, [EXTENSION]: { number: 10 } },
  { userName: 'Anna', name: { familyName: 'a' }, emails: [{ value: 'z@x' }, { value: 'c@x', primary: true }] },
  { userName: 'bert', active: false, emails: [{ value: 'b@x' }, { value: 'a@x' }], [EXTENSION]: { number: 9 } },
  { userName: 'carl', active: true, name: { givenName: 'x' }, emails: [{ type: 'work' }] },
  { userName: 'emil', name: { familyName: 'b' }, emails: [{ value: 'D@x' }] },
];

async function people(context: TestContext): Promise<FreshStore> {
  const store = await openFreshStore(context);
  for (const [index, person] of PEOPLE.entries())
    await store.add(TYPE, person, { id: `id-${index}`, at: `2026-01-0${9 - index}T00:00:00.000Z` });
  return store;
}

const ASCENDING = {
  userName: 'Anna bert carl dora emil',
  'name.familyName': 'Anna dora emil bert carl',
  'emails.value': 'bert Anna emil dora carl',
  'emails.primary': 'Anna dora bert carl emil',
  active: 'bert dora carl Anna emil',
  'meta.lastModified': 'emil carl bert Anna dora',
  [`${EXTENSION}:number`]: 'bert dora Anna carl emil',
  id: 'dora Anna bert carl emil',
};

for (const [path, expected] of Object.entries(ASCENDING)) {
  test(`sorted by ${path}: ignoring letter case, a primary value before others, those without one last`, async (context) => {
    const store = await people(context);
    const namesBy = async (by: ListOrder) => (await walk(store, by)).map(({ resource }) => resource['userName']);
    assert.deepEqual(await namesBy(order(path, 1)), expected.split(' '));
    assert.deepEqual(await namesBy(order(path, -1)), expected.split(' ').reverse(), 'descending, first');
  });
}

test('a page read backwards from a position is the page before it', async (context) => {
  const store = await people(context);
  const by = order('emails.value', 1);
  const all = await walk(store, by);
  for (const [index, row] of all.entries()) {
    const before = await store.resources.list(store.tenant, [{ type: 'User', query: {} }], {
      order: reversed(by),
      limit: 10,
      after: row.position,
    });
    assert.deepEqual(
      before.map(({ id }) => id).reverse(),
      all.slice(0, index).map(({ id }) => id),
    );
  }
});

test('nothing of another tenant and nothing deleted is listed or counted', async (context) => {
  const store = await people(context);
  const { resources, tenant } = store;
  const doomed = await store.add(TYPE, { userName: 'gone' });
  await resources.remove(tenant, 'User', doomed.id, doomed.change, '2026-02-01T00:00:00.000Z');
  await store.documents.insertOne({ _id: 'foreign', tenant: 'other', type: 'User', r: {}, k: {} } as never);
  assert.equal((await walk(store, BY_ID)).length, 5);
  assert.equal(await resources.count(tenant, [{ type: 'User', query: {} }]), 5);
});

test('several types are one list, each with a query of its own', async (context) => {
  const store = await people(context);
  const { resources, tenant } = store;
  await store.add(GROUP_TYPE, { displayName: 'Staff' }, { id: 'id-00' });
  await store.add(GROUP_TYPE, { displayName: 'Others' }, { id: 'id-9' });
  const both = [
    { type: 'User', query: { 'k.userName': { $in: ['anna', 'emil'] } } },
    { type: 'Group', query: { 'k.displayName': 'staff' } },
  ];
  const rows = await resources.list(tenant, both, { order: BY_ID, limit: 10 });
  assert.deepEqual(
    rows.map(({ id, type }) => `${type} ${id}`),
    ['Group id-00', 'User id-1', 'User id-4'],
  );
  assert.equal(await resources.count(tenant, both), 3);
});

test('a list carries no password hash', async (context) => {
  const store = await openFreshStore(context);
  const write = await store.add(USER_TYPE, { userName: 'a' });
  await store.documents.updateOne({ _id: write.id as never }, { $set: { password: '$argon2id$secret' } });
  const [row] = await store.resources.list(store.tenant, [{ type: 'User', query: {} }], { order: BY_ID, limit: 1 });
  assert.ok(row);
  assert.doesNotMatch(JSON.stringify(row), /argon2id/);
});
