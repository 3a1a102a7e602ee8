import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeReplace } from '../../../domain/scim/merge-replace.ts';
import { ENTERPRISE_USER_SCHEMA, type ScimObject, USER_SCHEMA } from '../../../domain/scim/resource.ts';
import { defineAttribute, type ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { user } from './patch/patched.ts';
import { refused } from './refused.ts';

test('what a PUT leaves out is gone, what it sends is there', () => {
  const before = user({ title: 'x', emails: [{ value: 'a' }], [ENTERPRISE_USER_SCHEMA]: { department: 'd' } });
  assert.deepEqual(mergeReplace(before, user({ nickName: 'n' }), USER_TYPE), user({ nickName: 'n' }));
});

test('what the server put beside a value survives a PUT', () => {
  const before = user({ [ENTERPRISE_USER_SCHEMA]: { manager: { value: 'm', displayName: 'M' } } });
  const after = user({ [ENTERPRISE_USER_SCHEMA]: { manager: { value: 'm' } } });
  assert.deepEqual(mergeReplace(before, after, USER_TYPE)[ENTERPRISE_USER_SCHEMA], {
    manager: { value: 'm', displayName: 'M' },
  });
});

const type: ResourceTypeDefinition = {
  ...USER_TYPE,
  extensions: [],
  schema: {
    ...USER_TYPE.schema,
    attributes: [
      defineAttribute('serial', 'x', { mutability: 'immutable' }),
      defineAttribute('colours', 'x', { mutability: 'immutable', multiValued: true }),
      defineAttribute('computed', 'x', { mutability: 'readOnly' }),
      defineAttribute('pin', 'x', { mutability: 'writeOnly' }),
      defineAttribute('title', 'x'),
    ],
  },
};
const put = (before: ScimObject, after: ScimObject): ScimObject => {
  const schemas = [USER_SCHEMA];
  const { schemas: _schemas, ...rest } = mergeReplace({ schemas, ...before }, { schemas, ...after }, type);
  return rest;
};

test('an immutable attribute is set once, left out or repeated', () => {
  assert.deepEqual(put({}, { serial: '7' }), { serial: '7' });
  assert.deepEqual(put({ serial: '7' }, { serial: '7', title: 't' }), { serial: '7', title: 't' });
  assert.deepEqual(put({ serial: '7' }, {}), { serial: '7' });
  assert.deepEqual(put({ colours: ['a', 'b'] }, { colours: ['b', 'a'] }), { colours: ['a', 'b'] });
  assert.equal(refused('MUTABILITY', () => put({ serial: '7' }, { serial: '8' })).facts.path, 'serial');
});

test('a read-only attribute stays, and so does a write-only one that is left out', () => {
  assert.deepEqual(put({ computed: 'c', pin: 'p' }, { title: 't' }), { computed: 'c', pin: 'p', title: 't' });
  assert.deepEqual(put({ computed: 'c', pin: 'p' }, { computed: 'other', pin: 'q' }), { computed: 'c', pin: 'q' });
});
