import assert from 'node:assert/strict';
import { test } from 'node:test';
import { USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { indexHint } from '../../../stores/list/index-hint.ts';
import { openFreshStore } from '../fresh-store.ts';

const of = (query: Readonly<Record<string, unknown>>) => indexHint([{ type: 'User', query }]);

test('a value that an index finds names the index, also beside other conditions', () => {
  assert.equal(of({ 'k.userName': 'ada' }), 'tenant_1_type_1_k.userName_1__id_1');
  assert.equal(of({ 'k.emails.value': { $in: ['a@x', 'b@x'] } }), 'tenant_1_type_1_k.emails.value_1');
  assert.equal(
    of({ $and: [{ 'k.displayName': 'Ada' }, { 'k.externalId': '7' }, { 'k.active': true }] }),
    'tenant_1_type_1_k.externalId_1',
  );
});

test('what has changed since is found by when it changed, unless a value is asked for too', () => {
  const since = { 'k.meta.lastModified': { $gt: '2026-01-01T00:00:00.000Z' } };
  assert.equal(of(since), 'tenant_1_type_1_k.meta.lastModified_1__id_1');
  assert.equal(of({ ...since, 'k.externalId': '7' }), 'tenant_1_type_1_k.externalId_1');
});

test('nothing is named where a value is not required, or several types are asked for', () => {
  assert.equal(of({}), undefined);
  assert.equal(of({ $or: [{ 'k.userName': 'ada' }, { 'k.active': true }] }), undefined);
  assert.equal(of({ 'k.userName': { $ne: 'ada' } }), undefined);
  const query = { 'k.displayName': 'ada' };
  const both = [
    { type: 'User', query },
    { type: 'Group', query },
  ];
  assert.equal(indexHint(both), undefined);
});

test('every index that may be named is one that the store has', async (context) => {
  const { resources, documents, tenant, add } = await openFreshStore(context);
  await add(USER_TYPE, {
    userName: 'ada',
    externalId: '7',
    displayName: 'Ada',
    emails: [{ value: 'ada@example.com' }],
  });
  const has = new Set((await documents.indexes()).map(({ name }) => name));
  for (const [field, value] of [
    ['k.userName', 'ada'],
    ['k.externalId', '7'],
    ['k.emails.value', 'ada@example.com'],
    ['k.displayName', 'ada'],
    ['k.meta.lastModified', { $gt: '2000-01-01T00:00:00.000Z' }],
  ] as const) {
    const types = [{ type: 'User', query: { [field]: value } }];
    assert.ok(has.has(indexHint(types)), `${field}: ${indexHint(types)}`);
    assert.equal((await resources.list(tenant, types, { order: { direction: 1 }, limit: 10 })).length, 1, field);
    assert.equal(await resources.count(tenant, types), 1, field);
  }
});
