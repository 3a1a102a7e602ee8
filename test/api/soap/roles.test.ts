import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { newTenant } from '../../end-to-end/tenant.ts';
import { AXIS, soapClient } from './soap-client.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

async function client(userNames: readonly string[] = ['anna', 'bea']) {
  const tenant = await newTenant(provost.url, { mode: 'persist' });
  const soap = soapClient(provost.url, tenant.authorization);
  for (const userName of userNames) {
    const added = await soap('addUser', { userName, credential: 'Pw#12345' });
    assert.equal(added.status, 202, added.text);
  }
  const ok = async (...call: Parameters<typeof soap>): Promise<void> => {
    const reply = await soap(...call);
    assert.deepEqual([reply.status, reply.text], [202, ''], `${call[0]}: ${reply.text}`);
  };
  return {
    ...tenant,
    soap,
    ok,
    usersOf: async (roleName: string) => (await soap('getUserListOfRole', { roleName })).returns,
    rolesOf: async (userName: string) => (await soap('getRoleListOfUser', { userName })).returns,
  };
}

test('a role is a group, with its members', async () => {
  const { ok, scim, usersOf, rolesOf, soap } = await client();
  await ok('addRole', { roleName: 'PRIMARY/staff', userList: ['anna', 'bea'] });
  const groups = (await scim('GET', '/Groups')).body['Resources'] as { displayName: string; members: unknown[] }[];
  assert.deepEqual(
    groups.map(({ displayName, members }) => [displayName, members.length]),
    [['staff', 2]],
  );
  assert.deepEqual(await usersOf('staff'), ['anna', 'bea']);
  assert.deepEqual(await rolesOf('anna'), ['Internal/everyone', 'staff']);
  assert.deepEqual((await soap('isExistingRole', { roleName: 'STAFF' })).returns, ['true']);
  const claim = await soap('getUserClaimValue', { userName: 'anna', claim: 'http://wso2.org/claims/role' });
  assert.deepEqual(claim.returns, ['staff']);
  const holders = { claimUri: 'http://wso2.org/claims/role', claimValue: 'staff' };
  assert.deepEqual((await soap('getUserList', holders)).returns, ['anna', 'bea']);
});

test('a user gets his roles with his account, and a role that does not exist creates nobody', async () => {
  const { ok, soap, rolesOf } = await client([]);
  await ok('addRole', { roleName: 'Internal/staff' });
  await ok('addRole', { roleName: 'lead' });
  const user = { userName: 'anna', credential: 'Pw#12345' };
  const refused = await soap('addUser', { ...user, roleList: ['Internal/staff', 'none'] });
  assert.match(refused.fault?.reason ?? '', /^31304 - External role does not exist : none/);
  assert.deepEqual((await soap('isExistingUser', { userName: 'anna' })).returns, ['false']);
  await ok('addUser', { ...user, roleList: ['Internal/staff', 'Internal/everyone', 'lead'] });
  assert.deepEqual(await rolesOf('anna'), ['Internal/everyone', 'Internal/staff', 'lead']);
});

test('roles are given and taken, of a user and of a role', async () => {
  const { ok, usersOf, rolesOf } = await client();
  for (const roleName of ['a', 'b', 'c']) await ok('addRole', { roleName, userList: ['anna'] });
  await ok('updateRoleListOfUser', { userName: 'bea', newRoles: ['a', 'b'] });
  await ok('updateRoleListOfUser', { userName: 'bea', deletedRoles: ['a'], newRoles: ['c'] });
  assert.deepEqual(await rolesOf('bea'), ['Internal/everyone', 'b', 'c']);
  await ok('updateUserListOfRole', { roleName: 'c', deletedUsers: ['anna', 'bea'], newUsers: ['bea'] });
  assert.deepEqual(await usersOf('c'), ['bea']);
  await ok('updateUserListOfRole', { roleName: 'c', deletedUsers: ['bea'] });
  assert.deepEqual(await usersOf('c'), []);
});

test('a role is renamed and deleted, and its members stay', async () => {
  const { ok, soap, usersOf, rolesOf } = await client();
  await ok('addRole', { roleName: 'staff', userList: ['anna'] });
  await ok('addRole', { roleName: 'other' });
  await ok('updateRoleName', { roleName: 'staff', newRoleName: 'people' });
  assert.deepEqual(await usersOf('people'), ['anna']);
  const taken = await soap('updateRoleName', { roleName: 'people', newRoleName: 'OTHER' });
  assert.match(taken.fault?.reason ?? '', /RoleExisting/);
  const again = await soap('addRole', { roleName: 'People' });
  assert.match(again.fault?.reason ?? '', /RoleExisting/);
  await ok('deleteRole', { roleName: 'people' });
  assert.deepEqual(await rolesOf('anna'), ['Internal/everyone']);
  assert.equal((await soap('deleteRole', { roleName: 'people' })).status, 500);
  assert.deepEqual((await soap('isExistingUser', { userName: 'anna' })).returns, ['true']);
});

test('roles are listed, the hybrid ones by their domain', async () => {
  const { ok, soap } = await client([]);
  for (const roleName of ['zeta', 'Internal/ops', 'Application/app', 'alpha']) await ok('addRole', { roleName });
  assert.deepEqual((await soap('getRoleNames')).returns, [
    'Internal/everyone',
    'alpha',
    'Application/app',
    'Internal/ops',
    'zeta',
  ]);
  assert.deepEqual((await soap('getHybridRoles')).returns, ['Application/app', 'Internal/everyone', 'Internal/ops']);
});

test('the role that everybody has cannot be made, changed, renamed, taken or deleted', async () => {
  const { soap } = await client(['anna']);
  for (const [operation, parameters, number] of [
    ['addRole', { roleName: 'Internal/everyone' }, '30012'],
    ['deleteRole', { roleName: 'internal/Everyone' }, '31805'],
    ['updateRoleName', { roleName: 'Internal/everyone', newRoleName: 'Internal/x' }, '31501'],
    ['updateRoleName', { roleName: 'Internal/x', newRoleName: 'Internal/everyone' }, '30009'],
    ['updateUserListOfRole', { roleName: 'Internal/everyone', deletedUsers: 'anna' }, '30009'],
    ['updateRoleListOfUser', { userName: 'anna', deletedRoles: 'Internal/everyone' }, '30009'],
    ['updateRoleListOfUser', { userName: 'anna', newRoles: ' internal/EVERYONE ' }, '30009'],
  ] as const) {
    const reply = await soap(operation, parameters);
    assert.deepEqual([reply.status, reply.fault?.reason.slice(0, 5)], [500, number], operation);
  }
});

test('each role of one call is a change of its own, and a fault says how far it went', async () => {
  const { ok, soap, rolesOf, admin } = await client(['anna']);
  for (const roleName of ['a', 'b']) await ok('addRole', { roleName });
  await ok(
    'updateRoleListOfUser',
    { userName: 'anna', newRoles: ['a', 'b'] },
    { headers: { 'idempotency-key': 'k1' } },
  );
  await ok(
    'updateRoleListOfUser',
    { userName: 'anna', newRoles: ['a', 'b'] },
    { headers: { 'idempotency-key': 'k1' } },
  );
  const changes = (await admin('GET', '/changes')).body['items'] as { operation: string; resourceType: string }[];
  assert.equal(changes.filter(({ operation }) => operation === 'patch').length, 2, 'the same call again is no other');
  assert.deepEqual(await rolesOf('anna'), ['Internal/everyone', 'a', 'b']);
  const unknown = await soap('updateRoleListOfUser', { userName: 'anna', deletedRoles: ['a', 'none'] });
  assert.equal(unknown.status, 500);
  assert.deepEqual(await rolesOf('anna'), ['Internal/everyone', 'a', 'b'], 'a role that is not there stops it all');
});

test('UserAdmin gives, takes and marks roles', async () => {
  const { soap } = await client();
  const options = { service: 'UserAdmin', namespace: AXIS };
  const admin = async (operation: string, parameters: Record<string, string | string[]>) => {
    const reply = await soap(operation, parameters, options);
    assert.equal(reply.fault, undefined, reply.text);
    return [...reply.text.matchAll(/<ax:itemName>([^<]*)<\/ax:itemName>.*?<ax:selected>(\w+)</gs)].map(
      ([, name, selected]) => `${name} ${selected}`,
    );
  };
  await admin('addInternalRole', { roleName: 'ops', userList: ['anna'] });
  await admin('addRole', { roleName: 'staff', isSharedRole: 'false' });
  await admin('addRemoveUsersOfRole', { roleName: 'staff', newUsers: ['anna', 'bea'] });
  await admin('addRemoveRolesOfUser', { userName: 'bea', newRoles: ['Internal/ops'], deletedRoles: ['staff'] });
  assert.deepEqual(await admin('getUsersOfRole', { roleName: 'staff', filter: '*', limit: '10' }), [
    'anna true',
    'bea false',
    'false false',
  ]);
  assert.deepEqual(await admin('getRolesOfUser', { userName: 'bea', filter: '*', limit: '0' }), [
    'Internal/everyone true',
    'Internal/ops true',
    'false false',
  ]);
  await admin('updateRolesOfUser', { userName: 'bea', newRoleList: ['staff'] });
  assert.deepEqual(await admin('getRolesOfUser', { userName: 'bea', filter: 's*', limit: '0' }), [
    'staff true',
    'false false',
  ]);
  await admin('updateRoleName', { roleName: 'staff', newRoleName: 'people' });
  assert.deepEqual(await admin('getAllRolesNames', { filter: 'p*', limit: '5' }), ['people false', 'false false']);
  await admin('deleteRole', { roleName: 'people' });
  assert.deepEqual(await admin('getAllRolesNames', { filter: 'p*', limit: '5' }), []);
});
