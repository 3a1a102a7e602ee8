import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldCase } from '../../../domain/scim/fold-case.ts';
import { ENTERPRISE_USER_SCHEMA } from '../../../domain/scim/resource.ts';
import { USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { canonicalShadow, elementShadow } from '../../../domain/scim/shadow.ts';
import { sortKeys } from '../../../domain/scim/sort-keys.ts';
import { user } from './patch/patched.ts';

const server = { id: 'Ab', meta: { resourceType: 'User', lastModified: '2026-01-31T09:00:00+01:00' } };

test('a shadow folds what ignores case, keeps what does not, and has dates as UTC instants', () => {
  const resource = user({
    userName: 'BJensen',
    externalId: 'Ext',
    active: true,
    emails: [{ value: 'B@Example.com', primary: true }],
    x509Certificates: [{ value: 'QUJD' }],
    [ENTERPRISE_USER_SCHEMA]: { department: 'Tours' },
  });
  const { schemas: _schemas, ...shadow } = canonicalShadow(resource, USER_TYPE, server);
  assert.deepEqual(shadow, {
    id: 'Ab',
    externalId: 'Ext',
    meta: { resourceType: 'User', lastModified: '2026-01-31T08:00:00.000Z' },
    userName: 'bjensen',
    active: true,
    emails: [{ value: 'b@example.com', primary: true }],
    x509Certificates: [{ value: 'QUJD' }],
    [ENTERPRISE_USER_SCHEMA]: { department: 'tours' },
  });
});

test('a shadow has nothing of what is empty or secret', () => {
  const resource = user({ title: '', emails: [{ value: '' }], name: { givenName: '' }, password: 'secret' });
  const shadow = canonicalShadow(resource, USER_TYPE, server);
  for (const name of ['title', 'emails', 'name', 'password']) assert.ok(!Object.hasOwn(shadow, name), name);
});

test('a name that JavaScript knows of itself is found in no shadow', () => {
  const [emails] = USER_TYPE.schema.attributes.filter(({ name }) => name === 'emails');
  assert.ok(emails !== undefined);
  assert.deepEqual(elementShadow({ constructor: 'x', value: 'A' }, emails), { value: 'a' });
});

test('case is folded alike for composed and decomposed letters and for both small sigmas', () => {
  assert.equal(foldCase('É'), foldCase('E\u0301'));
  assert.equal(foldCase('ΟΔΟΣ'), foldCase('οδος'));
  assert.ok(foldCase('ΟΔΟΣΑ').startsWith(foldCase('ΟΔΟΣ')));
});

test('sorting goes by the primary value, else by the first, and knows what is absent', () => {
  const shadow = canonicalShadow(
    user({
      title: 't',
      emails: [{ value: 'z' }, { value: 'a', primary: true }],
      roles: [{ value: 'r' }, { value: 'b' }],
    }),
    USER_TYPE,
    server,
  );
  assert.deepEqual(sortKeys(shadow, USER_TYPE), {
    _first: { emails: { value: 'a', primary: true }, roles: { value: 'r' } },
    _has: { title: true, emails: { value: true, primary: true }, roles: { value: true } },
  });
});

test('sorting within an extension has its own keys', () => {
  const shadow = canonicalShadow(user({ [ENTERPRISE_USER_SCHEMA]: { manager: { value: 'M' } } }), USER_TYPE, server);
  assert.deepEqual(sortKeys(shadow, USER_TYPE), {
    _first: {},
    _has: { [ENTERPRISE_USER_SCHEMA]: { manager: { value: true } } },
  });
});
