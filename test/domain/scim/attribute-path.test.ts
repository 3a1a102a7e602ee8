import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindPath, formatPath, splitAttributePath } from '../../../domain/scim/attribute-path.ts';
import { missingRequired } from '../../../domain/scim/required.ts';
import { ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, USER_SCHEMA } from '../../../domain/scim/resource.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { user } from './patch/patched.ts';

const spelt = (text: string): string | undefined => {
  const path = splitAttributePath(text);
  const bound = path === undefined ? undefined : bindPath(path, USER_TYPE);
  return bound === undefined ? undefined : formatPath(bound);
};

test('a path finds its attribute in any letter case and comes out in the spelling of the schema', () => {
  assert.equal(spelt('USERNAME'), 'userName');
  assert.equal(spelt('Meta.LASTmodified'), 'meta.lastModified');
  assert.equal(spelt(`${USER_SCHEMA.toLowerCase()}:name.givenname`), 'name.givenName');
  assert.equal(spelt(`${ENTERPRISE_USER_SCHEMA}:MANAGER.$REF`), `${ENTERPRISE_USER_SCHEMA}:manager.$ref`);
});

test('what the resource type does not have is not found', () => {
  for (const text of ['colour', 'name.colour', 'userName.x', `${GROUP_SCHEMA}:members`, 'department', 'constructor'])
    assert.equal(spelt(text), undefined, text);
});

test('what is no path is none', () => {
  for (const text of ['', '.', 'a.', '.a', 'a.b.c', ':a', 'a b', '1a', 'a[', `${USER_SCHEMA}:`])
    assert.equal(splitAttributePath(text), undefined, text);
});

test('what is required is told by its path, in an extension only where that is used', () => {
  assert.deepEqual(missingRequired({ schemas: [USER_SCHEMA], userName: '' }, USER_TYPE), ['userName']);
  assert.deepEqual(missingRequired({ schemas: [GROUP_SCHEMA] }, GROUP_TYPE), ['displayName']);
  assert.deepEqual(missingRequired(user(), USER_TYPE), []);
  const required = {
    ...USER_TYPE,
    extensions: USER_TYPE.extensions.slice(0, 1).map((extension) => ({ ...extension, required: true })),
  };
  assert.deepEqual(missingRequired(user(), required), [ENTERPRISE_USER_SCHEMA]);
});
