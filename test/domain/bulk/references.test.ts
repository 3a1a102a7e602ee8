import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postponeReferences, referencesIn, resolveReferences } from '../../../domain/bulk/references.ts';
import { isProvostError } from '../../../domain/errors.ts';
import { ENTERPRISE_USER_SCHEMA, type ScimValue } from '../../../domain/scim/resource.ts';

const idOf = (name: string): string => `id-of-${name}`;

test('a reference is resolved in members, in the manager, in $ref and in the path of a PATCH', () => {
  assert.deepEqual(
    resolveReferences(
      {
        members: [{ value: 'bulkId:ada', $ref: 'https://example.com/v2/Users/bulkId:ada' }, { value: 'u-1' }],
        [ENTERPRISE_USER_SCHEMA]: { manager: { value: 'bulkId:bob' } },
        Operations: [{ op: 'remove', path: 'members[value eq "bulkId:eve"]' }],
      },
      idOf,
    ),
    {
      members: [{ value: 'id-of-ada', $ref: 'https://example.com/v2/Users/id-of-ada' }, { value: 'u-1' }],
      [ENTERPRISE_USER_SCHEMA]: { manager: { value: 'id-of-bob' } },
      Operations: [{ op: 'remove', path: 'members[value eq "id-of-eve"]' }],
    },
  );
});

test('what only contains the word, and a password, are no references', () => {
  const data = { displayName: 'see bulkId:ada', password: 'bulkId:ada', active: true, title: null };
  assert.deepEqual(resolveReferences(data, idOf), data);
  assert.equal(referencesIn(data).size, 0);
});

test('data that is nested beyond reason is refused', () => {
  let nested: ScimValue = 'x';
  for (let depth = 0; depth < 100; depth += 1) nested = [nested];
  assert.throws(
    () => referencesIn(nested),
    (error) => isProvostError(error, 'INVALID_SYNTAX'),
  );
});

test('elements and attributes that refer to later operations are parted from the rest', () => {
  const { data, postponed } = postponeReferences(
    {
      displayName: 'A',
      members: [{ value: 'bulkId:b' }, { value: 'bulkId:c' }],
      [ENTERPRISE_USER_SCHEMA]: { department: 'D', manager: { value: 'bulkId:b' } },
    },
    new Set(['b']),
  );
  assert.deepEqual(data, {
    displayName: 'A',
    members: [{ value: 'bulkId:c' }],
    [ENTERPRISE_USER_SCHEMA]: { department: 'D' },
  });
  assert.deepEqual(postponed, [
    { path: 'members', value: [{ value: 'bulkId:b' }] },
    { path: `${ENTERPRISE_USER_SCHEMA}:manager`, value: { value: 'bulkId:b' } },
  ]);
});
