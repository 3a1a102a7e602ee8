import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalisePatch } from '../../../../domain/scim/patch/normalise-patch.ts';
import { requireTrue } from '../../../../domain/scim/patch/read-only-claims.ts';
import { ENTERPRISE_USER_SCHEMA, type ScimObject, USER_SCHEMA } from '../../../../domain/scim/resource.ts';
import { USER_TYPE } from '../../../../domain/scim/schema/resource-types.ts';
import { refused } from '../refused.ts';
import { patchBody } from './patched.ts';

const SHOWN: ScimObject = {
  schemas: [USER_SCHEMA, ENTERPRISE_USER_SCHEMA],
  id: 'u-1',
  userName: 'maya',
  meta: { resourceType: 'User', created: '2026-01-31T08:00:00.000Z', version: 'W/"3"' },
  groups: [
    { value: 'g-1', display: 'Guides', type: 'direct' },
    { value: 'g-2', display: 'Staff', type: 'indirect' },
  ],
};

const say = (op: string, path: string, value: unknown, shown = SHOWN) =>
  requireTrue(normalisePatch(patchBody({ op, path, value }), USER_TYPE, 'tolerant').claims, shown);

test('a value that a read-only attribute has may be said in every form of it', () => {
  say('replace', 'id', 'u-1');
  say('Add', 'ID', 'u-1');
  say('replace', 'meta.created', '2026-01-31T09:00:00+01:00');
  say('replace', 'meta', { resourceType: 'User' });
  say('replace', 'schemas', [ENTERPRISE_USER_SCHEMA.toLowerCase(), USER_SCHEMA]);
  say('add', 'schemas', USER_SCHEMA);
  say('replace', 'groups', [{ value: 'g-2' }, { value: 'g-1', display: 'Guides' }]);
  say('add', 'groups', [{ value: 'g-2', type: 'indirect' }]);
  say('replace', 'groups[value eq "g-1"].display', 'Guides');
});

test('any other value is a change that nobody may make', () => {
  for (const [op, path, value] of [
    ['replace', 'id', 'U-1'],
    ['replace', 'id', ['u-1', 'u-2']],
    ['replace', 'meta.created', '2026-01-31T08:00:00+01:00'],
    ['replace', 'meta', { resourceType: 'User', created: 'x' }],
    ['replace', 'meta.location', 'x'],
    ['replace', 'schemas', [USER_SCHEMA]],
    ['replace', 'groups', [{ value: 'g-1' }]],
    ['replace', 'groups', []],
    ['add', 'groups', [{ value: 'g-1' }, { value: 'g-3' }]],
    ['replace', 'groups[value eq "g-1"].display', 'Staff'],
    ['replace', 'groups[value eq "g-9"].display', 'Staff'],
    ['replace', `${ENTERPRISE_USER_SCHEMA}:manager.displayName`, 'Kim'],
  ] as const)
    assert.match(refused('MUTABILITY', () => say(op, path, value)).message, /^Operations\[0\]: .* is read-only\.$/);
  refused('MUTABILITY', () => say('replace', 'groups', [{ value: 'g-1' }], { id: 'u-1' }));
  refused('MUTABILITY', () => say('remove', 'groups', undefined));
});

test('comparing is bounded', () => {
  const groups = Array.from({ length: 2_000 }, (_, index) => ({ value: `g-${index}`, display: 'd' }));
  refused('TOO_MANY', () => say('add', 'groups', [...groups].reverse(), { ...SHOWN, groups }));
});
