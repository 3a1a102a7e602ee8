import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProvostError } from '../../../domain/errors.ts';
import { parseResource } from '../../../domain/scim/parse-resource.ts';
import { ENTERPRISE_USER_SCHEMA, USER_SCHEMA } from '../../../domain/scim/resource.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { refused } from './refused.ts';

const parse = (attributes: Readonly<Record<string, unknown>>, mode: 'strict' | 'tolerant' = 'tolerant') =>
  parseResource({ schemas: [USER_SCHEMA], userName: 'b', ...attributes }, USER_TYPE, { mode });

test('names come out in the spelling of the schema, values byte for byte', () => {
  const { resource } = parse({ NAME: { GivenName: ' Bárbara\t' }, Emails: [{ VALUE: 'B@Example.COM' }] }, 'strict');
  assert.deepEqual(resource, {
    schemas: [USER_SCHEMA],
    userName: 'b',
    name: { givenName: ' Bárbara\t' },
    emails: [{ value: 'B@Example.COM' }],
  });
});

test('null, an empty array and an empty object are unassigned', () => {
  assert.deepEqual(
    parse({ title: null, emails: [], name: {}, roles: [null, {}], [ENTERPRISE_USER_SCHEMA]: {} }, 'strict').resource,
    { schemas: [USER_SCHEMA], userName: 'b' },
  );
});

test('what the server computes is ignored', () => {
  const body = { id: 'x', meta: { version: '1' }, groups: [{ value: 'g' }] };
  assert.deepEqual(parse(body, 'strict').resource, { schemas: [USER_SCHEMA], userName: 'b' });
});

test('a password is taken out and never in the resource', () => {
  const { resource, password } = parse({ PassWord: 'correct horse' });
  assert.equal(password, 'correct horse');
  assert.ok(!JSON.stringify(resource).includes('horse'));
});

test('a required attribute must be there and not be empty', () => {
  for (const userName of [undefined, null, ''])
    assert.equal(refused('INVALID_VALUE', () => parse({ userName })).facts.path, 'userName');
});

test('an unknown attribute is dropped and recorded, and refused in strict mode', () => {
  const { resource, deviations } = parse({ colour: 'x', name: { shade: 'y', givenName: 'B' } });
  assert.deepEqual(resource['name'], { givenName: 'B' });
  assert.deepEqual(deviations, [
    { code: 'unknown-attribute', path: 'colour' },
    { code: 'unknown-attribute', path: 'name.shade' },
  ]);
  refused('INVALID_SYNTAX', () => parse({ colour: 'x' }, 'strict'));
});

test('an unknown attribute cannot break a message', () => {
  const { message } = refused('INVALID_SYNTAX', () => parse({ [`a\n${'x'.repeat(500)}`]: 1 }, 'strict'));
  assert.ok(!message.includes('\n') && message.length < 200);
});

test('schemas must list the schema of the resource type in strict mode', () => {
  for (const schemas of [undefined, [], USER_SCHEMA, ['urn:example:other']]) {
    refused('INVALID_SYNTAX', () => parse({ schemas }, 'strict'));
    assert.deepEqual(parse({ schemas }).resource.schemas, [USER_SCHEMA]);
  }
});

test('several primary values become one, the first', () => {
  const emails = [{ value: 'a', primary: true }, { value: 'b', primary: true }, { value: 'c' }];
  const { resource, deviations } = parse({ emails });
  assert.deepEqual(resource['emails'], [emails[0], { value: 'b', primary: false }, emails[2]]);
  assert.deepEqual(deviations, [{ code: 'several-primaries', path: 'emails' }]);
  refused('INVALID_VALUE', () => parse({ emails }, 'strict'));
});

test('a single value for a multi-valued attribute is understood', () => {
  assert.deepEqual(parse({ emails: { value: 'a' } }).resource['emails'], [{ value: 'a' }]);
  assert.deepEqual(parse({ emails: 'a' }).resource['emails'], [{ value: 'a' }]);
  refused('INVALID_VALUE', () => parse({ emails: 'a' }, 'strict'));
});

test('dotted and qualified names are understood', () => {
  const { resource } = parse({
    'name.givenName': 'B',
    name: { familyName: 'J' },
    [`${ENTERPRISE_USER_SCHEMA}:manager.value`]: 'm',
    [USER_SCHEMA]: { title: 'Guide' },
  });
  assert.deepEqual(resource, {
    schemas: [USER_SCHEMA, ENTERPRISE_USER_SCHEMA],
    userName: 'b',
    name: { familyName: 'J', givenName: 'B' },
    [ENTERPRISE_USER_SCHEMA]: { manager: { value: 'm' } },
    title: 'Guide',
  });
});

test('an attribute that is given twice counts once', () => {
  const { resource, deviations } = parse({ title: 'first', TITLE: 'second' });
  assert.equal(resource['title'], 'first');
  assert.deepEqual(deviations, [{ code: 'duplicate-attribute', path: 'title' }]);
});

test('a body that is not an object is refused', () => {
  for (const body of [undefined, null, [], 'x', 7])
    refused('INVALID_SYNTAX', () => parseResource(body, USER_TYPE, { mode: 'tolerant' }));
});

test('values have limits', () => {
  refused('INVALID_VALUE', () => parse({ title: 'x'.repeat(65_537) }));
  refused('TOO_MANY', () => parse({ roles: Array.from({ length: 1_001 }, (_, index) => ({ value: `${index}` })) }));
});

test('a hundred deviations are recorded, however many there are', () => {
  const body = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x${index}`, 1]));
  assert.equal(parse(body).deviations.length, 100);
});

test('any body gives a resource that parses to itself in strict mode, or a ProvostError', () => {
  const name = fc.constantFrom('userName', 'name', 'emails', 'active', 'roles', 'members', 'displayName', '__proto__');
  const attributes = fc.dictionary(name, fc.anything({ withNullPrototype: true }));
  const body = fc.oneof(
    fc.anything(),
    attributes,
    attributes.map((some) => ({ userName: 'b', displayName: 'd', ...some })),
  );
  fc.assert(
    fc.property(body, fc.constantFrom('User', 'Group'), (sent, which) => {
      const type = which === 'User' ? USER_TYPE : GROUP_TYPE;
      try {
        const { resource } = parseResource(sent, type, { mode: 'tolerant' });
        assert.deepEqual(parseResource(resource, type, { mode: 'strict' }).resource, resource);
      } catch (error) {
        if (!isProvostError(error)) throw error;
      }
    }),
    { numRuns: 2_000 },
  );
});
