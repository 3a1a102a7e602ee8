import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectResource } from '../../../domain/scim/project.ts';
import { ENTERPRISE_USER_SCHEMA, type Resource, USER_SCHEMA } from '../../../domain/scim/resource.ts';
import { defineAttribute, type ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';

const schemas = [USER_SCHEMA, ENTERPRISE_USER_SCHEMA];
const id = '2819c223';
const meta = { resourceType: 'User', created: '2026-01-01T00:00:00.000Z', version: 'W/"1"' };
const emails = [{ type: 'work', value: 'w@example.com', primary: true }, { type: 'home' }];
const manager = { value: 'm', displayName: 'M' };
const BABS = {
  schemas,
  id,
  userName: 'babs',
  name: { givenName: 'Barbara', familyName: 'Jensen' },
  emails,
  groups: [{ value: 'g', display: 'Guides' }],
  [ENTERPRISE_USER_SCHEMA]: { department: 'Tours', manager },
  meta,
} as Resource;

const wanted = (...attributes: readonly string[]) => projectResource(BABS, { attributes }, USER_TYPE);
const without = (...excludedAttributes: readonly string[]) => projectResource(BABS, { excludedAttributes }, USER_TYPE);

test('without a selection everything that is returned by default is there', () => {
  assert.deepEqual(projectResource(BABS, {}, USER_TYPE), BABS);
  assert.deepEqual(projectResource(BABS, { attributes: [], excludedAttributes: [] }, USER_TYPE), BABS);
});

test('schemas and id are there whatever is asked for or excluded', () => {
  assert.deepEqual(wanted('title'), { schemas, id });
  assert.equal(without('id', 'schemas', 'ID')['id'], id);
  assert.deepEqual(without('schemas')['schemas'], schemas);
});

test('names are compared without case and may have the URN of their schema', () => {
  const expected = { schemas, id, userName: 'babs' };
  assert.deepEqual(wanted('USERNAME'), expected);
  assert.deepEqual(wanted(`${USER_SCHEMA}:userName`), expected);
  assert.deepEqual(wanted(`${ENTERPRISE_USER_SCHEMA.toUpperCase()}:DEPARTMENT`), {
    schemas,
    id,
    [ENTERPRISE_USER_SCHEMA]: { department: 'Tours' },
  });
});

test('a sub-attribute is selected alone, or together with others', () => {
  assert.deepEqual(wanted('name.givenName'), { schemas, id, name: { givenName: 'Barbara' } });
  assert.deepEqual(wanted('emails.type', 'emails.PRIMARY'), {
    schemas,
    id,
    emails: [{ type: 'work', primary: true }, { type: 'home' }],
  });
  assert.deepEqual(wanted('name.givenName', 'name')['name'], BABS['name']);
  assert.deepEqual(wanted(`${ENTERPRISE_USER_SCHEMA}:manager.value`)[ENTERPRISE_USER_SCHEMA], {
    manager: { value: 'm' },
  });
});

test('an element of which nothing was asked for is left out', () => {
  assert.deepEqual(wanted('emails.value')['emails'], [{ value: 'w@example.com' }]);
  assert.ok(!Object.hasOwn(wanted('emails.display'), 'emails'));
});

test('an extension is selected and excluded as a whole', () => {
  assert.deepEqual(wanted(ENTERPRISE_USER_SCHEMA), {
    schemas,
    id,
    [ENTERPRISE_USER_SCHEMA]: BABS[ENTERPRISE_USER_SCHEMA],
  });
  assert.ok(!Object.hasOwn(without(ENTERPRISE_USER_SCHEMA), ENTERPRISE_USER_SCHEMA));
});

test('attributes and sub-attributes are excluded', () => {
  const left = without('groups', 'emails.primary', 'meta', `${ENTERPRISE_USER_SCHEMA}:manager`);
  assert.deepEqual(left, {
    schemas,
    id,
    userName: 'babs',
    name: BABS['name'],
    emails: [{ type: 'work', value: 'w@example.com' }, { type: 'home' }],
    [ENTERPRISE_USER_SCHEMA]: { department: 'Tours' },
  });
});

test('names that mean nothing are ignored', () => {
  assert.deepEqual(without('colour', 'name.colour', '', '..', 'urn:example:none:title', '__proto__'), BABS);
  assert.deepEqual(wanted('colour'), { schemas, id });
});

const SECRET_TYPE: ResourceTypeDefinition = {
  ...USER_TYPE,
  extensions: [],
  schema: {
    ...USER_TYPE.schema,
    attributes: [
      defineAttribute('userName', 'x', { returned: 'always' }),
      defineAttribute('pin', 'x', { returned: 'never' }),
      defineAttribute('photo', 'x', { returned: 'request' }),
      defineAttribute('title', 'x'),
      defineAttribute('badge', 'x', {
        type: 'complex',
        subAttributes: [
          defineAttribute('value', 'x', { returned: 'always' }),
          defineAttribute('key', 'x', { returned: 'never' }),
          defineAttribute('scan', 'x', { returned: 'request' }),
          defineAttribute('note', 'x'),
        ],
      }),
    ],
  },
};
const badge = { value: 'b', key: 'k', scan: 's', note: 'n' };
const SECRET = { schemas: [USER_SCHEMA], id, userName: 'u', pin: 'p', photo: 'f', title: 't', badge, old: 'o' };
const secret = (selection: Parameters<typeof projectResource>[1]) => projectResource(SECRET, selection, SECRET_TYPE);
const ALWAYS = { schemas: [USER_SCHEMA], id, userName: 'u' };

test('what is never returned is not returned even if it is asked for', () => {
  assert.deepEqual(secret({ attributes: ['pin', 'badge.key'] }), { ...ALWAYS, badge: { value: 'b' } });
});

test('what is returned on request is there only if it is named', () => {
  assert.deepEqual(secret({}), { ...ALWAYS, title: 't', badge: { value: 'b', note: 'n' } });
  assert.deepEqual(secret({ attributes: ['photo'] }), { ...ALWAYS, photo: 'f' });
  assert.deepEqual(secret({ attributes: ['badge.scan'] }), { ...ALWAYS, badge: { value: 'b', scan: 's' } });
});

test('what is returned always cannot be excluded', () => {
  assert.deepEqual(secret({ excludedAttributes: ['userName', 'title', 'badge.value', 'badge.note'] }), {
    ...ALWAYS,
    badge: { value: 'b' },
  });
});
