import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitMembers, takeMembers } from '../../../../domain/scim/group-members.ts';
import { parseResource } from '../../../../domain/scim/parse-resource.ts';
import { normalisePatch } from '../../../../domain/scim/patch/normalise-patch.ts';
import { ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, USER_SCHEMA } from '../../../../domain/scim/resource.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../../domain/scim/schema/resource-types.ts';
import { patchToScim2 } from '../../../../domain/scim1/patch-to-scim2.ts';
import { replacementToScim2 } from '../../../../domain/scim1/to-scim2.ts';
import { refused } from '../refused.ts';

const patchOf = (...Operations: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
});
const memberOperations = (...operations: readonly object[]) =>
  splitMembers(normalisePatch(patchOf(...operations), GROUP_TYPE, 'tolerant').operations, GROUP_TYPE).members;
const groupOf = (members: unknown) => ({ schemas: [GROUP_SCHEMA], displayName: 'Guides', members });
const posted = (members: unknown) =>
  takeMembers(parseResource(groupOf(members), GROUP_TYPE, { mode: 'tolerant' }).resource).members;

const NAMED = [
  { value: 'A' },
  { $ref: 'https://example.com/scim/v2/Users/A' },
  { $ref: '../Users/A' },
  { $ref: 'Groups/A', value: null },
  { $REF: '/scim/v2/Users/A/', display: 'Ada' },
  { id: 'A', displayName: 'Ada' },
  { ID: 'A', value: '' },
  { value: 'A', $ref: 'https://example.com/scim/v2/Users/B' },
  'A',
];
const NAMELESS = [
  {},
  { display: 'Ada' },
  { value: null },
  { value: '' },
  { id: '' },
  { type: 'User' },
  { $ref: 'https://example.com/' },
  { $ref: 'A' },
  { $ref: '../Users/%' },
  null,
  '',
];

test('a member is named by its value, its $ref or its id', () => {
  for (const member of NAMED) {
    const told = JSON.stringify(member);
    for (const op of ['add', 'replace', 'remove'])
      assert.deepEqual(
        memberOperations({ op, path: 'members', value: [member] }).map((operation) => ({
          kind: operation.kind,
          ids: 'members' in operation ? operation.members.map(({ value }) => value) : [],
        })),
        [{ kind: op, ids: ['A'] }],
        told,
      );
    const pathless = memberOperations({ op: 'add', value: { members: [member] } });
    assert.deepEqual(
      pathless.flatMap((operation) => ('members' in operation ? operation.members.map(({ value }) => value) : [])),
      ['A'],
      told,
    );
    assert.deepEqual(
      posted([member])?.map(({ value }) => value),
      ['A'],
      told,
    );
  }
  assert.deepEqual(
    posted([{ $ref: '../Users/a%20b' }])?.map(({ value }) => value),
    ['a b'],
  );
});

test('what names no member is refused, beside others too, instead of emptying the group', () => {
  for (const member of NAMELESS) {
    for (const value of [[member], [{ value: 'B' }, member]]) {
      for (const op of ['add', 'replace', 'remove'])
        refused('INVALID_VALUE', () => memberOperations({ op, path: 'members', value }));
      refused('INVALID_VALUE', () => memberOperations({ op: 'replace', value: { members: value } }));
      refused('INVALID_VALUE', () => posted(value));
      const put1 = replacementToScim2({ displayName: 'Guides', members: value }, GROUP_TYPE);
      refused('INVALID_VALUE', () => parseResource(put1, GROUP_TYPE, { mode: 'tolerant' }));
    }
  }
  const old = patchToScim2({ members: [{ display: 'Ada' }] }, GROUP_TYPE);
  refused('INVALID_VALUE', () => normalisePatch(old, GROUP_TYPE, 'tolerant'));
});

test('all members are removed by the path alone, or by an empty list in their place, and by nothing less', () => {
  assert.deepEqual(memberOperations({ op: 'remove', path: 'members' }), [{ kind: 'remove-all' }]);
  assert.deepEqual(memberOperations({ op: 'replace', path: 'members', value: [] }), [{ kind: 'remove-all' }]);
  assert.deepEqual(memberOperations({ op: 'remove', path: 'members', value: [] }), []);
  assert.deepEqual(memberOperations({ op: 'remove', path: 'members[value eq "A"]', value: null }), [
    { kind: 'remove', members: [{ value: 'A' }] },
  ]);
  for (const operation of [
    { op: 'remove', path: 'members', value: null },
    { op: 'remove', path: 'members', value: '' },
    { op: 'remove', path: `${GROUP_SCHEMA}:members`, value: null },
    { op: 'add', path: 'members', value: '' },
    { op: 'replace', path: 'members', value: {} },
  ])
    refused('INVALID_VALUE', () => memberOperations(operation));
});

test('strict conformance takes a $ref, and no id', () => {
  const parse = (members: unknown) => parseResource(groupOf(members), GROUP_TYPE, { mode: 'strict' });
  assert.deepEqual(takeMembers(parse([{ $ref: '../Users/A' }]).resource).members, [{ value: 'A' }]);
  refused('INVALID_SYNTAX', () => parse([{ id: 'A' }]));
});

const MANAGER = `${ENTERPRISE_USER_SCHEMA}:manager`;
const managerIn = (manager: unknown) =>
  parseResource(
    { schemas: [USER_SCHEMA, ENTERPRISE_USER_SCHEMA], userName: 'maya', [ENTERPRISE_USER_SCHEMA]: { manager } },
    USER_TYPE,
    { mode: 'tolerant' },
  ).resource[ENTERPRISE_USER_SCHEMA];
const managerOperation = (op: string, path: string, value: unknown) =>
  normalisePatch(patchOf({ op, path, value }), USER_TYPE, 'tolerant').operations;

test('a manager is named like a member, and one without a value is none', () => {
  for (const manager of [{ value: 'A' }, 'A', { $ref: '../Users/A' }, { value: null, $ref: '../Users/A' }, { id: 'A' }])
    assert.deepEqual(managerIn(manager), { manager: { value: 'A' } }, JSON.stringify(manager));
  for (const manager of ['', null, {}, { value: '' }, { value: null }, { value: '', displayName: 'Ada' }])
    assert.equal(managerIn(manager), undefined, JSON.stringify(manager));
  refused('INVALID_VALUE', () => managerIn({ displayName: 'Ada' }));
});

test('a PATCH with an empty manager removes it, whatever the path', () => {
  const removal = [{ op: 'remove', path: MANAGER }];
  for (const op of ['add', 'replace']) {
    assert.deepEqual(managerOperation(op, MANAGER, ''), removal);
    assert.deepEqual(managerOperation(op, `${MANAGER}.value`, ''), removal);
  }
  assert.deepEqual(managerOperation('replace', MANAGER, { value: '' }), removal);
  assert.deepEqual(managerOperation('replace', MANAGER, { value: null }), removal);
  assert.deepEqual(managerOperation('replace', MANAGER, [{ $ref: null, value: '' }]), removal);
  assert.deepEqual(managerOperation('replace', `${MANAGER}.value`, null), removal);
  assert.deepEqual(managerOperation('replace', MANAGER, { $ref: '../Users/A' }), [
    { op: 'replace', path: MANAGER, value: { value: 'A' } },
  ]);
  const whole = normalisePatch(
    patchOf({ op: 'replace', value: { [ENTERPRISE_USER_SCHEMA]: { manager: { value: '' } } } }),
    USER_TYPE,
    'tolerant',
  );
  assert.deepEqual(whole.operations, removal);
});

test('a PUT of SCIM 1.1 that names no members empties the group', () => {
  for (const body of [{ displayName: 'Guides' }, { displayName: 'Guides', members: null }])
    assert.deepEqual(replacementToScim2(body, GROUP_TYPE), { displayName: 'Guides', members: [] });
  const named = { displayName: 'Guides', Members: [{ value: 'A' }] };
  assert.deepEqual(replacementToScim2(named, GROUP_TYPE), named);
  const nested = { 'urn:scim:schemas:core:1.0': { displayName: 'Guides', members: [{ value: 'A' }] } };
  assert.equal('members' in (replacementToScim2(nested, GROUP_TYPE) as object), false);
  assert.deepEqual(replacementToScim2({ userName: 'maya' }, USER_TYPE), { userName: 'maya' });
});
