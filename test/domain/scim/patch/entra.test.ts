import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitMembers } from '../../../../domain/scim/group-members.ts';
import { parseResource } from '../../../../domain/scim/parse-resource.ts';
import { normalisePatch } from '../../../../domain/scim/patch/normalise-patch.ts';
import { ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, USER_SCHEMA } from '../../../../domain/scim/resource.ts';
import { defineAttribute, type ResourceTypeDefinition } from '../../../../domain/scim/schema/definition.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../../domain/scim/schema/resource-types.ts';
import { refused } from '../refused.ts';
import { patchBody, patched, user } from './patched.ts';

const TOLERANT = { mode: 'tolerant' } as const;
const STRICT = { mode: 'strict' } as const;

test('Entra 3.3 no. 1: operations are understood whatever the case of their op', () => {
  for (const op of ['Add', 'Replace', 'REPLACE']) {
    const { resource, deviations } = patched(user(), patchBody({ op, path: 'title', value: 'Guide' }));
    assert.equal(resource['title'], 'Guide');
    assert.deepEqual(deviations, ['operation-case']);
  }
  assert.equal(patched(user({ title: 'x' }), patchBody({ op: 'Remove', path: 'title' })).resource['title'], undefined);
  refused('INVALID_SYNTAX', () =>
    normalisePatch(patchBody({ op: 'Add', path: 'title', value: 'x' }), USER_TYPE, 'strict'),
  );
});

test('Entra 3.3 no. 2: booleans come as strings', () => {
  for (const value of ['False', 'false']) {
    const body = patchBody({ op: 'Replace', path: 'active', value });
    const { resource, deviations } = patched(user({ active: true }), body);
    assert.equal(resource['active'], false);
    assert.ok(deviations.includes('coerced-boolean'));
  }
  const strict = patchBody({ op: 'replace', path: 'active', value: 'False' });
  assert.match(refused('INVALID_VALUE', () => normalisePatch(strict, USER_TYPE, 'strict')).message, /without quotes/);
});

test('Entra 3.3 no. 2: a boolean comes as a string within a path, too', () => {
  const before = user({ roles: [{ value: 'a', primary: true }, { value: 'b' }] });
  const { resource, deviations } = patched(
    before,
    patchBody({ op: 'replace', path: 'roles[primary eq "True"].value', value: 'c' }),
  );
  assert.deepEqual(resource['roles'], [{ value: 'c', primary: true }, { value: 'b' }]);
  assert.deepEqual(deviations, ['loose-filter']);
  const [operation] = normalisePatch(
    patchBody({ op: 'replace', path: 'Roles[Primary EQ "True"].Value', value: 'c' }),
    USER_TYPE,
    'tolerant',
  ).operations;
  assert.equal(operation?.path, 'roles[primary eq true].value');
});

test('Entra 3.3 no. 3: a remove on members with a list removes only those', () => {
  const body = patchBody({ op: 'Remove', path: 'members', value: [{ $ref: null, value: 'a' }, { value: 'b' }] });
  const { operations, deviations } = normalisePatch(body, GROUP_TYPE, 'tolerant');
  assert.deepEqual(splitMembers(operations, GROUP_TYPE).members, [
    { kind: 'remove', members: [{ value: 'a' }, { value: 'b' }] },
  ]);
  assert.ok(deviations.some(({ code }) => code === 'remove-with-value'));
  const strict = patchBody({ op: 'remove', path: 'members', value: [{ value: 'a' }] });
  assert.match(
    refused('INVALID_SYNTAX', () => normalisePatch(strict, GROUP_TYPE, 'strict')).message,
    /members\[value eq/,
  );
});

test('Entra 3.3 no. 3: a remove on members with an empty list removes none', () => {
  const { operations } = normalisePatch(
    patchBody({ op: 'Remove', path: 'members', value: [] }),
    GROUP_TYPE,
    'tolerant',
  );
  assert.deepEqual(splitMembers(operations, GROUP_TYPE), { operations: [], members: [] });
});

test('Entra 3.3 no. 4: a member may have a $ref of null', () => {
  const body = patchBody({ op: 'add', path: 'members', value: [{ $ref: null, value: 'a' }] });
  for (const mode of ['tolerant', 'strict'] as const) {
    const { operations } = normalisePatch(body, GROUP_TYPE, mode);
    assert.deepEqual(splitMembers(operations, GROUP_TYPE).members, [{ kind: 'add', members: [{ value: 'a' }] }]);
  }
});

test('Entra 3.3 no. 5: a path to an element that is not there creates it', () => {
  for (const op of ['Add', 'Replace']) {
    const email = patched(user(), patchBody({ op, path: 'emails[type eq "work"].value', value: 'b@example.com' }));
    assert.deepEqual(email.resource['emails'], [{ type: 'work', value: 'b@example.com' }]);
    assert.ok(email.deviations.includes('element-created'));
    const address = patched(user(), patchBody({ op, path: 'addresses[type eq "work"].locality', value: 'Bern' }));
    assert.deepEqual(address.resource['addresses'], [{ type: 'work', locality: 'Bern' }]);
  }
  const strict = patchBody({ op: 'replace', path: 'emails[type eq "work"].value', value: 'b@example.com' });
  refused('NO_TARGET', () => patched(user(), strict, 'strict'));
});

test('Entra 3.3 no. 5: clearing by the same path takes the created element away again', () => {
  const before = user({ emails: [{ type: 'work', value: 'b@example.com', primary: true }] });
  const body = patchBody({ op: 'Remove', path: 'emails[type eq "work"].value' });
  assert.equal(patched(before, body).resource['emails'], undefined);
  assert.equal(patched(user(), body).changed, false);
});

test('Entra 3.3 no. 6: several operations on the same missing element build one', () => {
  const { resource } = patched(
    user(),
    patchBody(
      { op: 'Add', path: 'addresses[type eq "work"].locality', value: 'Bern' },
      { op: 'Add', path: 'addresses[type eq "work"].country', value: 'CH' },
      { op: 'Add', path: 'addresses[type eq "work"].postalCode', value: '3000' },
    ),
  );
  assert.deepEqual(resource['addresses'], [{ type: 'work', locality: 'Bern', country: 'CH', postalCode: '3000' }]);
});

test('Entra 3.3 no. 7: sub-attributes come in another letter case', () => {
  const { resource } = patched(
    user(),
    patchBody(
      { op: 'Add', path: 'emails[type eq "other"].Value', value: 'o@example.com' },
      { op: 'Add', path: 'addresses[type eq "other"].Formatted', value: 'Bern' },
    ),
  );
  assert.deepEqual(resource['emails'], [{ type: 'other', value: 'o@example.com' }]);
  assert.deepEqual(resource['addresses'], [{ type: 'other', formatted: 'Bern' }]);
});

test('Entra 3.3 no. 8: a replace without a path holds dotted and URN-qualified keys', () => {
  const body = patchBody({
    op: 'replace',
    value: {
      displayName: 'Babs',
      'name.givenName': 'Barbara',
      'name.familyName': 'Jensen',
      'emails[type eq "work"].value': 'b@example.com',
      [`${ENTERPRISE_USER_SCHEMA}:department`]: 'Tours',
      [ENTERPRISE_USER_SCHEMA]: { division: 'Parks' },
    },
  });
  const { resource, deviations } = patched(user({ name: { middleName: 'Jane' } }), body);
  assert.deepEqual(
    resource,
    user({
      displayName: 'Babs',
      name: { middleName: 'Jane', givenName: 'Barbara', familyName: 'Jensen' },
      emails: [{ type: 'work', value: 'b@example.com' }],
      [ENTERPRISE_USER_SCHEMA]: { department: 'Tours', division: 'Parks' },
    }),
  );
  assert.deepEqual(deviations, ['element-created', 'no-path', 'qualified-key']);
  assert.match(refused('INVALID_SYNTAX', () => normalisePatch(body, USER_TYPE, 'strict')).message, /must have a path/);
});

test('Entra 3.3 no. 9: enterprise attributes are addressed by their URN, which has dots and colons', () => {
  const path = `${ENTERPRISE_USER_SCHEMA}:department`;
  for (const mode of ['tolerant', 'strict'] as const) {
    const added = patched(user(), patchBody({ op: 'add', path, value: 'Tours' }), mode);
    assert.deepEqual(added.resource, user({ [ENTERPRISE_USER_SCHEMA]: { department: 'Tours' } }));
    assert.deepEqual(added.deviations, []);
    const removed = patched(added.resource, patchBody({ op: 'remove', path }), mode);
    assert.deepEqual(removed.resource, user());
  }
});

test('Entra 3.3 no. 10: a manager is a bare id, and an empty string clears it', () => {
  const path = `${ENTERPRISE_USER_SCHEMA}:manager`;
  for (const op of ['Add', 'Replace']) {
    const set = patched(user(), patchBody({ op, path, value: '26118915' }));
    assert.deepEqual(set.resource, user({ [ENTERPRISE_USER_SCHEMA]: { manager: { value: '26118915' } } }));
    assert.ok(set.deviations.includes('bare-value'));
    const cleared = patched(set.resource, patchBody({ op, path, value: '' }));
    assert.deepEqual(cleared.resource, user());
    assert.ok(cleared.deviations.includes('empty-string'));
  }
  refused('INVALID_VALUE', () =>
    normalisePatch(patchBody({ op: 'replace', path, value: '26118915' }), USER_TYPE, 'strict'),
  );
});

test('Entra 3.3 no. 10: a create has a manager as an object or as a bare id', () => {
  for (const manager of ['26118915', { value: '26118915' }]) {
    const body = {
      schemas: [USER_SCHEMA, ENTERPRISE_USER_SCHEMA],
      userName: 'b',
      [ENTERPRISE_USER_SCHEMA]: { manager },
    };
    assert.deepEqual(parseResource(body, USER_TYPE, TOLERANT).resource[ENTERPRISE_USER_SCHEMA], {
      manager: { value: '26118915' },
    });
  }
});

test('Entra 3.3 no. 11: core attributes arrive with the URN of the core schema', () => {
  const path = `${USER_SCHEMA}:userName`;
  const { resource, deviations } = patched(user(), patchBody({ op: 'replace', path, value: 'babs' }));
  assert.equal(resource['userName'], 'babs');
  assert.deepEqual(deviations, []);
  const whole = patched(user(), patchBody({ op: 'replace', path: USER_SCHEMA, value: { userName: 'babs' } }));
  assert.equal(whole.resource['userName'], 'babs');
  const created = parseResource({ schemas: [USER_SCHEMA], [path]: 'babs' }, USER_TYPE, TOLERANT);
  assert.equal(created.resource['userName'], 'babs');
});

test('Entra 3.3 no. 12: app roles come as JSON in a string', () => {
  const role = { id: '8a0a5b5e', value: 'admin', displayName: 'Admin' };
  for (const value of [[{ value: JSON.stringify(role) }], JSON.stringify([role]), JSON.stringify(role)]) {
    const { resource, deviations } = patched(user(), patchBody({ op: 'Add', path: 'roles', value }));
    assert.deepEqual(resource['roles'], [{ value: 'admin', display: 'Admin' }]);
    assert.ok(deviations.includes('json-in-string'));
  }
  refused('INVALID_VALUE', () =>
    normalisePatch(
      patchBody({ op: 'add', path: 'roles', value: [{ value: JSON.stringify(role) }] }),
      USER_TYPE,
      'strict',
    ),
  );
});

test('Entra 3.3 no. 12: type and primary beside a role in a string are kept', () => {
  const value = JSON.stringify({ id: '8a0a5b5e', value: 'admin', displayName: 'Admin' });
  const body = patchBody({
    op: 'replace',
    path: 'roles',
    value: [{ primary: 'True', type: 'WindowsAzureActiveDirectoryRole', value }],
  });
  assert.deepEqual(patched(user({ roles: [{ value: 'old' }] }), body).resource['roles'], [
    { primary: true, type: 'WindowsAzureActiveDirectoryRole', value: 'admin', display: 'Admin' },
  ]);
});

test('Entra 3.3 no. 12: a create has roles as objects, or none', () => {
  const role = { primary: false, type: 'WindowsAzureActiveDirectoryRole', value: 'admin' };
  const create = (roles: unknown) =>
    parseResource({ schemas: [USER_SCHEMA], userName: 'b', roles }, USER_TYPE, TOLERANT).resource['roles'];
  assert.deepEqual(create([role]), [role]);
  assert.equal(create([]), undefined);
});

const CUSTOM = 'urn:ietf:params:scim:schemas:extension:CustomExtension:2.0:User';
const CUSTOM_USER: ResourceTypeDefinition = {
  ...USER_TYPE,
  extensions: [
    ...USER_TYPE.extensions,
    {
      required: false,
      schema: { id: CUSTOM, name: 'Custom', description: 'x', attributes: [defineAttribute('badge', 'x')] },
    },
  ],
};

test('Entra 3.3 no. 13: attributes of an extension come without its URN in schemas', () => {
  const body = { schemas: [USER_SCHEMA], userName: 'b', [CUSTOM]: { badge: '7' } };
  const { resource, deviations } = parseResource(body, CUSTOM_USER, TOLERANT);
  assert.deepEqual(resource, { schemas: [USER_SCHEMA, CUSTOM], userName: 'b', [CUSTOM]: { badge: '7' } });
  assert.deepEqual(deviations, [{ code: 'extension-not-listed', path: CUSTOM }]);
  refused('INVALID_SYNTAX', () => parseResource(body, CUSTOM_USER, STRICT));
  const { resource: patchedUser } = patched(
    user(),
    patchBody({ op: 'Add', path: `${CUSTOM}:badge`, value: '7' }),
    'tolerant',
    CUSTOM_USER,
  );
  assert.deepEqual(patchedUser, { schemas: [USER_SCHEMA, CUSTOM], userName: 'bjensen', [CUSTOM]: { badge: '7' } });
});

test('Entra 3.3 no. 14: a group is created with a schema of its own', () => {
  const adScim = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';
  const body = { schemas: [GROUP_SCHEMA, adScim], externalId: '8aa1', displayName: 'Guides' };
  const { resource, deviations } = parseResource(body, GROUP_TYPE, TOLERANT);
  assert.deepEqual(resource, { schemas: [GROUP_SCHEMA], externalId: '8aa1', displayName: 'Guides' });
  assert.deepEqual(deviations, [{ code: 'unknown-schema', path: 'schemas' }]);
  assert.match(refused('INVALID_SYNTAX', () => parseResource(body, GROUP_TYPE, STRICT)).message, /ADSCIM/);
});

test('Entra 3.3 no. 15: meta in a create is ignored', () => {
  const body = { schemas: [USER_SCHEMA], userName: 'b', meta: { resourceType: 'User' } };
  assert.deepEqual(parseResource(body, USER_TYPE, STRICT).resource, { schemas: [USER_SCHEMA], userName: 'b' });
});

test('Entra 3.3 no. 16: read-only and unknown attributes do not fail an operation', () => {
  const body = patchBody(
    { op: 'Replace', path: 'groups', value: [{ value: 'g' }] },
    { op: 'Replace', path: 'favouriteColour', value: 'green' },
    { op: 'Replace', path: 'urn:example:nobody:2.0:User:colour', value: 'green' },
    { op: 'Replace', value: { id: 'x', 'meta.created': '2026-01-01T00:00:00Z', colour: 'green' } },
    { op: 'Replace', path: 'title', value: 'Guide' },
  );
  const { resource, deviations } = patched(user(), body);
  assert.deepEqual(resource, user({ title: 'Guide' }));
  assert.ok(deviations.includes('read-only') && deviations.includes('unknown-attribute'));
  const strict = (path: string) => () =>
    normalisePatch(patchBody({ op: 'replace', path, value: 'x' }), USER_TYPE, 'strict');
  refused('MUTABILITY', strict('id'));
  refused('INVALID_PATH', strict('favouriteColour'));
});

test('Entra 3.3 no. 17: a value in a path without quotes is understood', () => {
  const before = user({ emails: [{ type: 'work', value: 'a@example.com' }] });
  const body = patchBody({ op: 'replace', path: 'emails[type eq work].value', value: 'b@example.com' });
  const { resource, deviations } = patched(before, body);
  assert.deepEqual(resource['emails'], [{ type: 'work', value: 'b@example.com' }]);
  assert.deepEqual(deviations, ['loose-filter']);
  assert.match(refused('INVALID_PATH', () => normalisePatch(body, USER_TYPE, 'strict')).message, /double quotes/);
});

test('Entra 3.3 no. 20: a group is created without members', () => {
  const body = { schemas: [GROUP_SCHEMA], displayName: 'Guides', members: [] };
  assert.deepEqual(parseResource(body, GROUP_TYPE, TOLERANT).resource, {
    schemas: [GROUP_SCHEMA],
    displayName: 'Guides',
  });
});

test('Entra 3.3 no. 22: disabling and enabling again loses nothing', () => {
  const before = user({ active: true, emails: [{ type: 'work', value: 'b@example.com' }] });
  const off = patched(before, patchBody({ op: 'Replace', path: 'active', value: 'False' }));
  const on = patched(off.resource, patchBody({ op: 'Replace', path: 'active', value: 'True' }));
  assert.deepEqual(on.resource, before);
});

test('Entra 3.3 no. 23: values are kept byte for byte', () => {
  const value = ' +41 (0)31 / 555-01 23 \u00a0';
  const { resource } = patched(user(), patchBody({ op: 'Add', path: 'phoneNumbers[type eq "work"].value', value }));
  assert.deepEqual(resource['phoneNumbers'], [{ type: 'work', value }]);
});

test('Entra 3.3 no. 27: both dialects from one tenant lead to the same user', () => {
  const pathless = patchBody({ op: 'replace', value: { 'name.givenName': 'Babs', active: false } });
  const withPaths = patchBody(
    { op: 'Replace', path: 'name.givenName', value: 'Babs' },
    { op: 'Replace', path: 'active', value: 'False' },
  );
  assert.deepEqual(patched(user(), pathless).resource, patched(user(), withPaths).resource);
});

test('Entra 3.3 no. 27: without the compliance flag a single value comes wrapped', () => {
  for (const value of [[{ $ref: null, value: 'Babs' }], ['Babs']]) {
    const { resource, deviations } = patched(user(), patchBody({ op: 'Replace', path: 'displayName', value }));
    assert.equal(resource['displayName'], 'Babs');
    assert.ok(deviations.includes('many-for-single'));
  }
});

test('Entra 3.3 no. 30: userName is changed by PATCH, and the id is not', () => {
  const body = patchBody({ op: 'Replace', value: { id: 'other', userName: 'babs' } });
  assert.deepEqual(patched(user(), body).resource, user({ userName: 'babs' }));
});

test('Entra 3.3 no. 31: a required attribute is not removed', () => {
  refused('MUTABILITY', () => patched(user(), patchBody({ op: 'Remove', path: 'userName' })));
});

test('Entra 3.3 no. 31: a path by primary replaces the primary value', () => {
  const before = user({ emails: [{ value: 'a' }, { value: 'b', primary: true }] });
  const body = patchBody({ op: 'Replace', path: 'emails[primary eq true].value', value: 'c' });
  assert.deepEqual(patched(before, body).resource['emails'], [{ value: 'a' }, { value: 'c', primary: true }]);
});
