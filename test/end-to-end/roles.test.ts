import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from './installation.ts';
import { newTenant } from './tenant.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(async () => {
  await provost.stop();
});

const ROLE = 'urn:ietf:params:scim:schemas:core:2.0:Role';

test('roles and entitlements in use are read, filtered and paged, and the service says that it has them', async () => {
  const { scim, id } = await newTenant(provost.url, { mode: 'persist' });
  assert.equal((await scim('GET', '/ServiceProviderConfig')).body['RolesAndEntitlements'], undefined);
  await scim('POST', '/Users', {
    userName: 'ada',
    roles: [
      { value: 'admin', display: 'Administrator', type: 'global' },
      { value: 'reader', primary: true },
    ],
    entitlements: [{ value: 'seat' }],
  });
  await scim('POST', '/Users', { userName: 'bob', roles: [{ value: 'reader' }] });

  const all = await scim('GET', '/Roles');
  assert.deepEqual([all.status, all.body['totalResults'], all.body['startIndex']], [200, 2, 1], all.text);
  const [admin, reader] = all.body['Resources'] as Record<string, unknown>[];
  const { id: roleId, meta, ...shown } = admin ?? {};
  assert.deepEqual(shown, {
    schemas: [ROLE, 'urn:okta:scim:schemas:core:1.0:Role'],
    value: 'admin',
    display: 'Administrator',
    type: 'global',
    supported: true,
    limitedAssignmentsPermitted: false,
    totalAssignmentsUsed: 1,
  });
  assert.ok(String((meta as Record<string, unknown>)['location']).endsWith(`/scim/v2/Roles/${roleId}`));
  assert.equal(reader?.['totalAssignmentsUsed'], 2);
  assert.deepEqual((await scim('GET', `/Roles/${roleId}`)).body, admin);
  assert.equal((await scim('GET', '/Roles/none')).status, 404);

  const found = await scim('GET', '/Roles?filter=value%20eq%20%22reader%22&attributes=value');
  assert.deepEqual(found.body['Resources'], [{ schemas: shown['schemas'], id: reader?.['id'], value: 'reader' }]);
  assert.equal((await scim('GET', '/Roles?filter=colour%20pr')).body['scimType'], 'invalidFilter');
  const second = await scim('GET', '/Roles?startIndex=2&count=1');
  assert.deepEqual([second.body['totalResults'], second.body['itemsPerPage']], [2, 1]);
  const entitlements = (await scim('GET', '/Entitlements')).body['Resources'] as { value: string }[];
  assert.deepEqual(
    entitlements.map(({ value }) => value),
    ['seat'],
  );
  for (const [method, path] of [
    ['POST', '/Roles'],
    ['PUT', `/Roles/${roleId}`],
    ['DELETE', '/Entitlements/x'],
  ] as const)
    assert.equal((await scim(method, path, method === 'DELETE' ? undefined : {})).status, 405, `${method} ${path}`);

  const config = (await scim('GET', '/ServiceProviderConfig')).body['RolesAndEntitlements'] as Record<string, object>;
  assert.deepEqual(config['roles'], {
    supported: true,
    multipleRolesSupported: true,
    primarySupported: true,
    typeSupported: true,
  });
  const schema = await scim('GET', `/Schemas/${ROLE}`);
  assert.deepEqual([schema.status, schema.body['name']], [200, 'Role']);

  const other = await newTenant(provost.url, { mode: 'persist' });
  assert.notEqual(other.id, id);
  assert.equal((await other.scim('GET', '/Roles')).body['totalResults'], 0);
});
