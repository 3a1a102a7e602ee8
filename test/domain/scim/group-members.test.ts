import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitMembers, takeMembers } from '../../../domain/scim/group-members.ts';
import { GROUP_SCHEMA, type PatchOperation, USER_SCHEMA } from '../../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { refused } from './refused.ts';

const members = (...operations: readonly PatchOperation[]) => splitMembers(operations, GROUP_TYPE).members;

test('operations on members are separated from the rest, each in its order', () => {
  const rename: PatchOperation = { op: 'replace', path: 'displayName', value: 'Guides' };
  const external: PatchOperation = { op: 'remove', path: 'externalId' };
  assert.deepEqual(
    splitMembers(
      [
        { op: 'add', path: 'members', value: [{ value: 'a' }] },
        rename,
        { op: 'remove', path: 'members' },
        external,
        { op: 'replace', path: `${GROUP_SCHEMA}:Members`, value: [{ value: 'b', type: 'Group', display: 'B' }] },
      ],
      GROUP_TYPE,
    ),
    {
      operations: [rename, external],
      members: [
        { kind: 'add', members: [{ value: 'a' }] },
        { kind: 'remove-all' },
        { kind: 'replace', members: [{ value: 'b', type: 'Group', display: 'B' }] },
      ],
    },
  );
});

test('members within a value without a path are taken out of it', () => {
  const value = { displayName: 'Guides', Members: [{ value: 'a' }] };
  assert.deepEqual(splitMembers([{ op: 'replace', value }], GROUP_TYPE), {
    operations: [{ op: 'replace', value: { displayName: 'Guides' } }],
    members: [{ kind: 'replace', members: [{ value: 'a' }] }],
  });
  assert.deepEqual(splitMembers([{ op: 'add', value: { members: [{ value: 'a' }] } }], GROUP_TYPE).operations, []);
});

test('a filter that asks for ids becomes a removal of those ids', () => {
  assert.deepEqual(members({ op: 'remove', path: 'members[value eq "a"]' }), [
    { kind: 'remove', members: [{ value: 'a' }] },
  ]);
  assert.deepEqual(members({ op: 'remove', path: 'members[value eq "A" or (value eq "b" or value eq "A")]' }), [
    { kind: 'remove', members: [{ value: 'A' }, { value: 'b' }] },
  ]);
});

test('any other filter is kept as one', () => {
  for (const filter of ['type eq "Group"', 'value eq "a" and type eq "User"', 'not (value eq "a")', 'display sw "B"']) {
    const [operation] = members({ op: 'remove', path: `members[${filter}]` });
    assert.equal(operation?.kind, 'remove-matching', filter);
  }
});

test('a member is named once, and its type is one of two or to be found out', () => {
  const value = [{ value: 'a', type: 'user' }, { value: 'a', type: 'User' }, { value: 'b', type: 'direct' }, 'c'];
  assert.deepEqual(members({ op: 'add', path: 'members', value }), [
    { kind: 'add', members: [{ value: 'a', type: 'User' }, { value: 'b' }, { value: 'c' }] },
  ]);
});

test('a member without an id is refused', () => {
  for (const value of [[{ display: 'B' }], [{ value: '' }], [{ value: 7 }], [null]])
    refused('INVALID_VALUE', () => members({ op: 'add', path: 'members', value }));
});

test('a member is added and removed, never changed', () => {
  refused('MUTABILITY', () => members({ op: 'replace', path: 'members[value eq "a"].value', value: 'b' }));
  refused('MUTABILITY', () => members({ op: 'replace', path: 'members[value eq "a"]', value: { value: 'b' } }));
  refused('MUTABILITY', () => members({ op: 'remove', path: 'members.type' }));
});

test('a resource type without the Group core schema is left as it is', () => {
  const operations: readonly PatchOperation[] = [{ op: 'add', path: 'members', value: [{ value: '' }] }];
  const team: ResourceTypeDefinition = { ...GROUP_TYPE, schema: { ...GROUP_TYPE.schema, id: 'urn:example:2.0:Team' } };
  for (const type of [USER_TYPE, team]) assert.deepEqual(splitMembers(operations, type), { operations, members: [] });
});

test('a resource type of a tenant with the Group core schema has members', () => {
  const team = { ...GROUP_TYPE, id: 'Team', name: 'Team', endpoint: '/Teams' };
  assert.equal(splitMembers([{ op: 'remove', path: 'members' }], team).members.length, 1);
});

test('members are taken out of a body, and one that names none is told from an empty list', () => {
  const rest = { schemas: [GROUP_SCHEMA], displayName: 'Guides' };
  assert.deepEqual(takeMembers({ ...rest, members: [{ value: 'a' }] }), { resource: rest, members: [{ value: 'a' }] });
  assert.deepEqual(takeMembers({ ...rest, members: [] }), { resource: rest, members: [] });
  assert.deepEqual(takeMembers(rest), { resource: rest, members: undefined });
  const other = { schemas: [USER_SCHEMA], members: [{ value: 'a' }] };
  assert.deepEqual(takeMembers(other), { resource: other, members: undefined });
});

test('100,000 members in one operation are read in less than five seconds', () => {
  const value = Array.from({ length: 100_000 }, (_, index) => ({ value: `${index}` }));
  const started = performance.now();
  const [operation] = members({ op: 'add', path: 'members', value });
  assert.ok(operation?.kind === 'add' && operation.members.length === 100_000);
  assert.ok(performance.now() - started < 5_000);
});
