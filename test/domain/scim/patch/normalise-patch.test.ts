import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../../../domain/errors.ts';
import type { Mode } from '../../../../domain/scim/mode.ts';
import { normalisePatch } from '../../../../domain/scim/patch/normalise-patch.ts';
import { PATCH_SCHEMA } from '../../../../domain/scim/patch/read-operations.ts';
import { ENTERPRISE_USER_SCHEMA } from '../../../../domain/scim/resource.ts';
import { USER_TYPE } from '../../../../domain/scim/schema/resource-types.ts';
import { refused } from '../refused.ts';
import { patchBody } from './patched.ts';

const normalise = (body: unknown, mode: Mode = 'tolerant') => normalisePatch(body, USER_TYPE, mode);
const pathsOf = (...operations: readonly unknown[]) =>
  normalise(patchBody(...operations)).operations.map(({ path }) => path);

test('paths come out in the spelling of the schema', () => {
  const value = 'x';
  assert.deepEqual(
    pathsOf(
      { op: 'add', path: 'USERNAME', value },
      { op: 'add', path: 'Name.GIVENname', value },
      { op: 'add', path: `${ENTERPRISE_USER_SCHEMA.toUpperCase()}:Department`, value },
      { op: 'add', path: 'emails[ Type  EQ "Work" and not(Primary eq TRUE) ].Value', value },
      { op: 'remove', path: 'PhoneNumbers' },
      { op: 'remove', path: 'urn:ietf:params:scim:schemas:core:2.0:user:title' },
      { op: 'remove', path: ENTERPRISE_USER_SCHEMA.toLowerCase() },
    ),
    [
      'userName',
      'name.givenName',
      `${ENTERPRISE_USER_SCHEMA}:department`,
      'emails[type eq "Work" and not (primary eq true)].value',
      'phoneNumbers',
      'title',
      ENTERPRISE_USER_SCHEMA,
    ],
  );
});

test('a request to the letter has no deviations', () => {
  const body = patchBody(
    { op: 'add', path: 'emails', value: [{ type: 'work', value: 'b@example.com' }] },
    { op: 'replace', path: 'active', value: false },
    { op: 'remove', path: 'title' },
    { op: 'remove', path: 'emails[type eq "home"]' },
  );
  assert.deepEqual(normalise(body, 'strict').deviations, []);
  assert.equal(normalise(body, 'strict').operations.length, 4);
});

test('the last password of a request counts and none stays in the operations', () => {
  const body = patchBody(
    { op: 'replace', path: 'password', value: 'first' },
    { op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:PASSWORD', value: 'second' },
    { op: 'add', path: 'title', value: 'Guide' },
  );
  const { password, operations } = normalise(body, 'strict');
  assert.equal(password, 'second');
  assert.deepEqual(operations, [{ op: 'add', path: 'title', value: 'Guide' }]);
});

test('a password cannot be removed', () => {
  for (const operation of [
    { op: 'remove', path: 'password' },
    { op: 'replace', path: 'password', value: null },
  ])
    refused('MUTABILITY', () => normalise(patchBody(operation)));
});

test('a secret is never in a message', () => {
  const error = refused('INVALID_VALUE', () =>
    normalise(patchBody({ op: 'replace', path: 'password', value: { secret: 'correct horse' } })),
  );
  assert.ok(!JSON.stringify([error.message, error.facts]).includes('correct'));
});

test('an envelope that is none is refused', () => {
  const operation = { op: 'add', path: 'title', value: 'x' };
  const bodies: readonly unknown[] = [
    undefined,
    null,
    [],
    'x',
    {},
    { Operations: operation },
    { Operations: [] },
    { Operations: [null] },
    { Operations: [[operation]] },
    patchBody({ path: 'title', value: 'x' }),
    patchBody({ ...operation, op: 'move' }),
    patchBody({ ...operation, op: 7 }),
  ];
  for (const body of bodies) refused('INVALID_SYNTAX', () => normalise(body));
});

test('a body without the PatchOp schema is understood, and refused in strict mode', () => {
  const body = { Operations: [{ op: 'add', path: 'title', value: 'x' }] };
  assert.deepEqual(normalise(body).deviations, [{ code: 'patch-schema-missing', path: 'schemas' }]);
  assert.match(refused('INVALID_SYNTAX', () => normalise(body, 'strict')).message, /PatchOp/);
});

test('names of the envelope are in any letter case', () => {
  const body = { SCHEMAS: [PATCH_SCHEMA], operations: [{ OP: 'add', Path: 'title', VALUE: 'x' }] };
  assert.deepEqual(normalise(body, 'strict').operations, [{ op: 'add', path: 'title', value: 'x' }]);
});

test('each kind of mistake has its error', () => {
  const cases: readonly (readonly [ErrorCode, unknown])[] = [
    ['INVALID_PATH', { op: 'add', path: 7, value: 'x' }],
    ['INVALID_PATH', { op: 'add', path: 'emails[type eq "work"', value: 'x' }],
    ['INVALID_PATH', { op: 'add', path: 'name..givenName', value: 'x' }],
    ['INVALID_PATH', { op: 'add', path: 'emails.value[type eq "work"]', value: 'x' }],
    ['INVALID_FILTER', { op: 'add', path: 'emails[colour eq "x"].value', value: 'x' }],
    ['INVALID_FILTER', { op: 'add', path: 'emails[primary gt true].value', value: 'x' }],
    ['INVALID_VALUE', { op: 'add', path: 'title' }],
    ['INVALID_VALUE', { op: 'add', path: 'title', value: { a: 1 } }],
    ['INVALID_VALUE', { op: 'replace', path: 'active', value: 'perhaps' }],
    ['INVALID_VALUE', { op: 'replace', path: 'title', value: ['a', 'b'] }],
    ['INVALID_VALUE', { op: 'replace', value: 'x' }],
    ['NO_TARGET', { op: 'remove' }],
    ['NO_TARGET', { op: 'remove', path: '', value: { title: 'x' } }],
  ];
  for (const [code, operation] of cases) refused(code, () => normalise(patchBody(operation)));
});

test('in strict mode a path that a filter ends is for removing only', () => {
  const path = 'emails[type eq "work"]';
  refused('INVALID_PATH', () => normalise(patchBody({ op: 'replace', path, value: { value: 'x' } }), 'strict'));
  assert.equal(normalise(patchBody({ op: 'remove', path }), 'strict').operations.length, 1);
});

test('a request has at most 1,000 operations', () => {
  const operations = (count: number) =>
    patchBody(...Array.from({ length: count }, () => ({ op: 'add', path: 'title', value: 'x' })));
  assert.equal(normalise(operations(1_000)).operations.length, 1_000);
  refused('TOO_MANY', () => normalise(operations(1_001)));
});

test('an attribute takes at most 1,000 values, a value at most 65,536 characters', () => {
  const emails = Array.from({ length: 1_001 }, (_, index) => ({ value: `${index}` }));
  refused('TOO_MANY', () => normalise(patchBody({ op: 'add', path: 'emails', value: emails })));
  refused('INVALID_VALUE', () => normalise(patchBody({ op: 'add', path: 'title', value: 'x'.repeat(65_537) })));
});

test('an add of nothing is dropped, a replace by nothing removes', () => {
  assert.deepEqual(normalise(patchBody({ op: 'add', path: 'title', value: null })).operations, []);
  assert.deepEqual(normalise(patchBody({ op: 'replace', path: 'title', value: null })).operations, [
    { op: 'remove', path: 'title' },
  ]);
});

test('deviations name attributes, never values', () => {
  const { deviations } = normalise(
    patchBody(
      { op: 'Replace', path: 'emails[value eq "secret@example.com"]', value: { display: 7 } },
      { op: 'Remove', path: 'emails[value eq "secret@example.com"].display', value: 'secret' },
    ),
  );
  assert.ok(deviations.length > 0);
  assert.ok(!JSON.stringify(deviations).includes('secret'));
});
