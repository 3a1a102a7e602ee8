import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProvostError } from '../../../domain/errors.ts';
import { splitMembers } from '../../../domain/scim/group-members.ts';
import { parseResource } from '../../../domain/scim/parse-resource.ts';
import { applyPatch } from '../../../domain/scim/patch/apply-patch.ts';
import { normalisePatch } from '../../../domain/scim/patch/normalise-patch.ts';
import type { ScimObject } from '../../../domain/scim/resource.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { patchToScim2 } from '../../../domain/scim1/patch-to-scim2.ts';
import { toScim2 } from '../../../domain/scim1/to-scim2.ts';

const ENTERPRISE = 'urn:scim:schemas:extension:enterprise:1.0';
const ENTERPRISE_2 = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** The user after a PATCH of 1.1, without `schemas`. */
function patched(before: object, patch: unknown): ScimObject {
  const { resource } = parseResource(toScim2({ userName: 'maya', ...before }, USER_TYPE), USER_TYPE, {
    mode: 'tolerant',
  });
  const { operations } = normalisePatch(patchToScim2(patch, USER_TYPE), USER_TYPE, 'tolerant');
  const { schemas, ...after } = applyPatch(resource, operations, USER_TYPE, 'tolerant').resource;
  assert.ok(Array.isArray(schemas));
  return after;
}

test('single values replace, parts of a complex value replace those parts', () => {
  const before = { title: 'Guide', name: { givenName: 'Maya', familyName: 'Ray' }, nickName: 'M' };
  assert.deepEqual(patched(before, { title: 'Chief', name: { familyName: 'Roy' }, nickName: null }), {
    userName: 'maya',
    title: 'Chief',
    name: { givenName: 'Maya', familyName: 'Roy' },
  });
});

test('meta.attributes goes first, by any name of the attribute', () => {
  const before = {
    title: 'Guide',
    name: { givenName: 'Maya', familyName: 'Ray' },
    emails: [{ value: 'a@x.test' }],
    [ENTERPRISE]: { department: 'Tour', costCenter: '7', manager: { managerId: '26' } },
  };
  const attributes = ['TITLE', 'name.familyName', 'emails', `${ENTERPRISE}:department`, 'manager'];
  assert.deepEqual(patched(before, { meta: { attributes }, emails: [{ value: 'b@x.test' }] }), {
    userName: 'maya',
    name: { givenName: 'Maya' },
    emails: [{ value: 'b@x.test' }],
    [ENTERPRISE_2]: { costCenter: '7' },
  });
});

test('an attribute that meta.attributes removes and the body gives has what the body gives', () => {
  assert.deepEqual(
    patched({ title: 'Guide' }, { meta: { attributes: ['userName', 'title'] }, userName: 'mia', title: 'Chief' }),
    {
      userName: 'mia',
      title: 'Chief',
    },
  );
});

test('a required attribute cannot be removed', () => {
  assert.throws(
    () => patched({}, { meta: { attributes: ['userName'] } }),
    (error) => isProvostError(error, 'MUTABILITY'),
  );
});

test('a value that is there is completed, one that is not is added', () => {
  const before = {
    emails: [
      { value: 'a@x.test', type: 'work', primary: true },
      { value: 'b@x.test', type: 'work' },
    ],
  };
  const emails = [{ value: 'B@x.test', type: 'home', primary: true }, { value: 'c@x.test' }];
  assert.deepEqual(patched(before, { emails })['emails'], [
    { value: 'a@x.test', type: 'work', primary: false },
    { value: 'B@x.test', type: 'home', primary: true },
    { value: 'c@x.test' },
  ]);
});

test('a value to delete leaves; one that is not there is no mistake', () => {
  const before = {
    emails: [{ value: 'a@x.test', type: 'work' }, { value: 'b@x.test' }],
    addresses: [
      { type: 'work', locality: 'Bern' },
      { type: 'home', locality: 'Bern' },
    ],
    x509Certificates: [{ value: 'AAAA' }],
  };
  const operation = 'delete';
  const patch = {
    emails: [
      { value: 'A@x.test', operation },
      { value: 'nobody@x.test', operation: 'Delete' },
    ],
    addresses: [{ type: 'home', locality: 'Bern', operation }],
    x509Certificates: [{ value: 'AAAA', operation }],
  };
  assert.deepEqual(patched(before, patch), {
    userName: 'maya',
    emails: [{ value: 'b@x.test' }],
    addresses: [{ type: 'work', locality: 'Bern' }],
  });
});

test('a delete that says of nothing which value it means is refused', () => {
  assert.throws(
    () => patched({}, { emails: [{ operation: 'delete' }] }),
    (error) => isProvostError(error, 'INVALID_VALUE'),
  );
});

test('a value with quotes, backslashes and brackets is matched as it is', () => {
  const value = 'a"b\\c] or value pr ["';
  const before = { roles: [{ value, type: 'x' }, { value: 'other' }] };
  assert.deepEqual(patched(before, { roles: [{ value, type: 'y' }] })['roles'], [
    { value, type: 'y' },
    { value: 'other' },
  ]);
});

test('the password leaves the body, unknown attributes do nothing', () => {
  const { operations, password } = normalisePatch(
    patchToScim2({ password: 'Secret-1', 'odd [name': 1, shoeSize: 44, id: 'x', schemas: [] }, USER_TYPE),
    USER_TYPE,
    'tolerant',
  );
  assert.equal(password, 'Secret-1');
  assert.deepEqual(operations, []);
});

test('members join and leave a group', () => {
  const patch = {
    displayName: 'PRIMARY/Staff',
    members: [
      { value: '1', display: 'One' },
      { value: '2', operation: 'delete' },
      { value: '3', type: 'Group' },
    ],
  };
  const { operations } = normalisePatch(patchToScim2(patch, GROUP_TYPE), GROUP_TYPE, 'tolerant');
  const split = splitMembers(operations, GROUP_TYPE);
  assert.deepEqual(split.operations, [{ op: 'replace', path: 'displayName', value: 'Staff' }]);
  assert.deepEqual(split.members, [
    { kind: 'remove', members: [{ value: '2' }] },
    { kind: 'add', members: [{ value: '1' }, { value: '3', type: 'Group' }] },
  ]);
});

test('meta.attributes with members empties a group before others join', () => {
  const patch = { meta: { attributes: ['members'] }, members: [{ value: '1' }, { value: '2', operation: 'delete' }] };
  const { operations } = normalisePatch(patchToScim2(patch, GROUP_TYPE), GROUP_TYPE, 'tolerant');
  assert.deepEqual(splitMembers(operations, GROUP_TYPE).members, [
    { kind: 'remove-all' },
    { kind: 'add', members: [{ value: '1' }] },
  ]);
});

test('any JSON is a PATCH or refused, never a crash', () => {
  const before = { schemas: [USER_TYPE.schema.id], userName: 'maya', emails: [{ value: 'a@x.test' }] };
  const names = fc.constantFrom(
    'meta',
    'emails',
    'name',
    'userName',
    'members',
    'active',
    ENTERPRISE,
    'attributes',
    'value',
    'operation',
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('delete', 'emails', 'a@x.test', '', null, true, 7),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(names, tie('value'), { maxKeys: 4 }),
  })).object;
  fc.assert(
    fc.property(json, (input) => {
      try {
        const { operations } = normalisePatch(patchToScim2(input, USER_TYPE), USER_TYPE, 'tolerant');
        applyPatch(before, operations, USER_TYPE, 'tolerant');
      } catch (error) {
        assert.ok(isProvostError(error), `${String(error)} for ${JSON.stringify(input)}`);
      }
    }),
    { numRuns: 3_000 },
  );
});
