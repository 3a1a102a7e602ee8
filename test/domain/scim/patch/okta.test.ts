import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayEndAccess } from '../../../../domain/deactivation.ts';
import { splitMembers, takeMembers } from '../../../../domain/scim/group-members.ts';
import { mergeReplace } from '../../../../domain/scim/merge-replace.ts';
import { parseResource } from '../../../../domain/scim/parse-resource.ts';
import { normalisePatch } from '../../../../domain/scim/patch/normalise-patch.ts';
import { GROUP_SCHEMA, USER_SCHEMA } from '../../../../domain/scim/resource.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../../domain/scim/schema/resource-types.ts';
import { refused } from '../refused.ts';
import { patchBody, patched, user } from './patched.ts';

const TOLERANT = { mode: 'tolerant' } as const;

test('Okta 3.4 no. 1: what is read and put back with one attribute changed changes only that', () => {
  const before = user({ title: 'Guide', emails: [{ type: 'work', value: 'b@example.com', primary: true }] });
  const read = {
    ...before,
    id: '2819c223',
    meta: { resourceType: 'User', created: '2026-01-01T00:00:00Z', version: 'W/"1"' },
    groups: [],
    active: false,
  };
  const { resource } = parseResource(read, USER_TYPE, { mode: 'strict' });
  assert.deepEqual(mergeReplace(before, resource, USER_TYPE), { ...before, active: false });
});

test('Okta 3.4 no. 2: a user is deactivated by a replace without a path, and it is urgent', () => {
  const body = patchBody({ op: 'replace', value: { active: false } });
  const { resource, deviations } = patched(user({ active: true }), body);
  assert.equal(resource['active'], false);
  assert.deepEqual(deviations, ['no-path']);
  assert.ok(mayEndAccess({ kind: 'patch', operations: normalisePatch(body, USER_TYPE, 'tolerant').operations }));
  refused('INVALID_SYNTAX', () => normalisePatch(body, USER_TYPE, 'strict'));
});

test('Okta 3.4 no. 2: a password is set by a replace without a path and does not stay in the operations', () => {
  const { operations, password } = normalisePatch(
    patchBody({ op: 'replace', value: { password: 'correct horse' } }),
    USER_TYPE,
    'tolerant',
  );
  assert.deepEqual({ operations, password }, { operations: [], password: 'correct horse' });
});

test('Okta 3.4 no. 3: a group is renamed by a replace that has its id', () => {
  const body = patchBody({ op: 'replace', value: { id: 'abf4dd94', displayName: 'Guides' } });
  const { operations, deviations } = normalisePatch(body, GROUP_TYPE, 'tolerant');
  assert.deepEqual(operations, [{ op: 'replace', path: 'displayName', value: 'Guides' }]);
  assert.deepEqual(deviations, [{ code: 'no-path' }, { code: 'read-only', path: 'id' }]);
});

const members = (...operations: readonly unknown[]) =>
  splitMembers(normalisePatch(patchBody(...operations), GROUP_TYPE, 'tolerant').operations, GROUP_TYPE);

test('Okta 3.4 no. 4: members are added with display and without type, and removed by a filter', () => {
  assert.deepEqual(
    members(
      { op: 'remove', path: 'members[value eq "b"]' },
      { op: 'add', path: 'members', value: [{ value: 'a', display: 'a@example.com' }] },
    ),
    {
      operations: [],
      members: [
        { kind: 'remove', members: [{ value: 'b' }] },
        { kind: 'add', members: [{ value: 'a' }] },
      ],
    },
  );
});

test('Okta 3.4 no. 4: a full push replaces the members, and a replace by [] empties the group', () => {
  assert.deepEqual(members({ op: 'replace', path: 'members', value: [{ value: 'a' }] }).members, [
    { kind: 'replace', members: [{ value: 'a' }] },
  ]);
  assert.deepEqual(members({ op: 'replace', path: 'members', value: [] }).members, [{ kind: 'remove-all' }]);
});

test('Okta 3.4 no. 4: a replace without a path holds members, id and displayName together', () => {
  const value = { id: 'abf4dd94', displayName: 'Guides', members: [{ value: 'a', display: 'x' }] };
  assert.deepEqual(members({ op: 'replace', value }), {
    operations: [{ op: 'replace', path: 'displayName', value: 'Guides' }],
    members: [{ kind: 'replace', members: [{ value: 'a' }] }],
  });
  assert.deepEqual(members({ op: 'replace', value: { ...value, members: [] } }).members, [{ kind: 'remove-all' }]);
});

test('Okta 3.4 no. 5: members come in the body of a PUT', () => {
  const body = {
    schemas: [GROUP_SCHEMA],
    id: 'abf4dd94',
    displayName: 'Guides',
    members: [{ value: 'a', display: 'a@example.com' }],
  };
  const { resource } = parseResource(body, GROUP_TYPE, TOLERANT);
  assert.deepEqual(takeMembers(resource), {
    resource: { schemas: [GROUP_SCHEMA], displayName: 'Guides' },
    members: [{ value: 'a' }],
  });
});

test('Okta 3.4 no. 5: groups in the body of a user are ignored', () => {
  const body = { schemas: [USER_SCHEMA], userName: 'b', groups: [{ value: 'g' }] };
  assert.deepEqual(parseResource(body, USER_TYPE, { mode: 'strict' }).resource, {
    schemas: [USER_SCHEMA],
    userName: 'b',
  });
});

test('Okta 3.4 no. 6: a create has groups, locale and a random password', () => {
  const body = {
    schemas: [USER_SCHEMA],
    userName: 'b@example.com',
    name: { givenName: 'B', familyName: 'J' },
    emails: [{ primary: true, value: 'b@example.com', type: 'work' }],
    displayName: 'B J',
    locale: 'en-US',
    externalId: '00ujl29u0le5T6Aj10h7',
    groups: [],
    password: '1mz050nq',
    active: true,
  };
  const { groups: _groups, password, ...rest } = body;
  assert.deepEqual(parseResource(body, USER_TYPE, { mode: 'strict' }), {
    resource: rest,
    password,
    deviations: [],
  });
});

test('Okta 3.4 no. 8: members of null are tolerated', () => {
  const body = { schemas: [GROUP_SCHEMA], displayName: 'Guides', members: null };
  for (const mode of ['tolerant', 'strict'] as const)
    assert.deepEqual(takeMembers(parseResource(body, GROUP_TYPE, { mode }).resource).members, undefined);
});

test('Okta 3.4 no. 18: a refusal says which attribute is wrong and what it must be', () => {
  const body = { schemas: [USER_SCHEMA], userName: 'b', emails: [{ value: { a: 1 } }] };
  assert.equal(
    refused('INVALID_VALUE', () => parseResource(body, USER_TYPE, TOLERANT)).message,
    'emails.value must be a string.',
  );
});
