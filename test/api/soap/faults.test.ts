import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { newTenant } from '../../end-to-end/tenant.ts';
import { AXIS, type Parameter, soapClient } from './soap-client.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

const USER_ADMIN = { service: 'UserAdmin', namespace: AXIS };
const V2 = { service: 'RemoteUserStoreManagerServiceV2' };

async function client() {
  const tenant = await newTenant(provost.url, { mode: 'persist' });
  const soap = soapClient(provost.url, tenant.authorization);
  return {
    ...tenant,
    soap,
    async ok(...call: Parameters<typeof soap>): Promise<readonly string[]> {
      const reply = await soap(...call);
      assert.equal(reply.fault, undefined, `${call[0]}: ${reply.text}`);
      return reply.returns;
    },
    async users(): Promise<readonly string[]> {
      const { body } = await tenant.scim('GET', '/Users');
      return (body['Resources'] as { userName: string }[]).map(({ userName }) => userName);
    },
  };
}

test('a fault begins with the number that WSO2 has for it', async () => {
  const { soap, ok, users } = await client();
  await ok('addUser', { userName: 'anna', credential: 'first' });
  await ok('addRole', { roleName: 'staff' });
  const credential = 'Pw#12345';
  const claims = { claims: [['http://wso2.org/claims/no-such-claim', 'x']] as const };
  const cases: readonly (readonly [string, string, Readonly<Record<string, Parameter>>])[] = [
    ['30004', 'addUser', { userName: 'Anna', credential }],
    ['31301', 'addUser', { credential }],
    ['31301', 'addUser', { userName: '', credential }],
    ['30003', 'addUser', { userName: 'bea', credential: '' }],
    ['31304', 'addUser', { userName: 'bea', credential, roleList: ['staff', 'none'] }],
    ['31303', 'addUser', { userName: 'bea', credential, roleList: ['internal/none'] }],
    ['30005', 'addUser', { userName: 'bea', credential, claims }],
    ['30006', 'updateCredential', { userName: 'anna', oldCredential: 'wrong', newCredential: 'second' }],
    ['30003', 'updateCredential', { userName: 'anna', oldCredential: 'first', newCredential: '' }],
    ['30003', 'updateCredentialByAdmin', { userName: 'anna', newCredential: '' }],
    ['30007', 'updateCredentialByAdmin', { userName: 'nobody', newCredential: 'x' }],
    ['31704', 'addRole', {}],
    ['31704', 'addRole', { roleName: '' }],
    ['30011', 'addRole', { roleName: '  ' }],
    ['30012', 'addRole', { roleName: 'STAFF' }],
    ['31806', 'deleteRole', { roleName: 'none' }],
    ['31805', 'deleteRole', { roleName: 'internal/everyone' }],
    ['30009', 'updateUserListOfRole', { roleName: 'Internal/everyone', newUsers: 'anna' }],
    ['30009', 'updateRoleListOfUser', { userName: 'anna', newRoles: 'Internal/everyone' }],
    ['31501', 'updateRoleName', { roleName: 'staff', newRoleName: 'Internal/staff' }],
  ];
  for (const options of [{}, V2])
    for (const [number, operation, parameters] of cases) {
      const { status, fault } = await soap(operation, parameters, options);
      assert.equal(status, 500, `${operation} ${number}`);
      assert.match(fault?.reason ?? '', new RegExp(`^${number} - `), operation);
    }
  assert.deepEqual(await users(), ['anna']);
});

test('a user who is added again with the same key is the same user, and with another key is taken', async () => {
  const { soap, users } = await client();
  const add = (key: string) =>
    soap('addUser', { userName: 'anna', credential: 'x' }, { headers: { 'idempotency-key': key } });
  assert.deepEqual([(await add('k1')).status, (await add('k1')).status], [202, 202]);
  assert.match((await add('k2')).fault?.reason ?? '', /^30004/);
  assert.deepEqual(await users(), ['anna']);
});

test('UserAdmin gives the same numbers', async () => {
  const { soap, ok } = await client();
  await ok('addUser', { userName: 'anna', password: 'first' }, USER_ADMIN);
  for (const [number, operation, parameters] of [
    ['30004', 'addUser', { userName: 'anna', password: 'x' }],
    ['31301', 'addUser', { userName: '  ', password: 'x' }],
    ['30003', 'changePassword', { userName: 'anna', newPassword: '' }],
    ['30006', 'changePasswordByUser', { userName: 'anna', oldPassword: 'no', newPassword: 'x' }],
    ['31704', 'addRole', {}],
    ['31704', 'addInternalRole', { roleName: '' }],
    ['31806', 'deleteRole', { roleName: 'none' }],
    ['30009', 'addRemoveUsersOfRole', { roleName: 'Internal/everyone', newUsers: 'anna' }],
    ['30009', 'addRemoveRolesOfUser', { userName: 'anna', newRoles: 'Internal/everyone' }],
  ] as const) {
    const { fault } = await soap(operation, parameters, USER_ADMIN);
    assert.match(fault?.reason ?? '', new RegExp(`^${number} - `), operation);
  }
});

test('a user name that is nothing once blanks and its domain are gone makes nobody', async () => {
  const { soap, ok, users } = await client();
  for (const userName of ['  ', ' \t ', 'PRIMARY/', 'primary/  ', 'a\u0085b', 'a\u2028b', '\u00a0'])
    for (const options of [{}, V2]) {
      const { status, fault } = await soap('addUser', { userName, credential: 'x' }, options);
      assert.equal(status, 500, JSON.stringify(userName));
      assert.match(fault?.reason ?? '', /^31301 - /, JSON.stringify(userName));
    }
  assert.deepEqual(await users(), []);
  assert.deepEqual(await ok('isExistingUser', { userName: '  ' }), ['false']);
  assert.deepEqual(await ok('authenticate', { userName: '  ', credential: 'x' }), ['false']);
  await ok('addUser', { userName: '  anna ', credential: 'x' });
  assert.deepEqual(await users(), ['anna']);
  assert.deepEqual(await ok('isExistingUser', { userName: ' PRIMARY/anna' }), ['true']);
  const again = await soap('addUser', { userName: 'anna ', credential: 'x' });
  assert.match(again.fault?.reason ?? '', /^30004/);
});

test('a role name is treated the same, and its domain is spelt as WSO2 spells it', async () => {
  const { soap, ok } = await client();
  for (const roleName of ['   ', 'Internal/', 'internal/ ', 'PRIMARY/', 'a\u0007'.replace('\u0007', '\u0085')])
    assert.match((await soap('addRole', { roleName })).fault?.reason ?? '', /^30011 - /, JSON.stringify(roleName));
  for (const roleName of ['internal/x', ' APPLICATION/y ', 'workflow/z', ' w ']) await ok('addRole', { roleName });
  assert.deepEqual(await ok('getRoleNames'), ['Internal/everyone', 'Application/y', 'Internal/x', 'w', 'Workflow/z']);
  assert.deepEqual(await ok('getHybridRoles'), ['Application/y', 'Internal/everyone', 'Internal/x']);
  assert.match((await soap('addRole', { roleName: 'INTERNAL/X' })).fault?.reason ?? '', /^30012/);
  assert.deepEqual(await ok('isExistingRole', { roleName: ' ' }), ['false']);
});

test('a group that SCIM called internal/… is listed under the domain that WSO2 knows', async () => {
  const { scim, ok } = await client();
  const user = await scim('POST', '/Users', { schemas: [], userName: 'anna' });
  const group = { schemas: [], displayName: 'internal/ops', members: [{ value: user.body['id'] }] };
  assert.equal((await scim('POST', '/Groups', group)).status, 201);
  assert.deepEqual(await ok('getRoleNames'), ['Internal/everyone', 'Internal/ops']);
  assert.deepEqual(await ok('getRoleListOfUser', { userName: 'anna' }), ['Internal/everyone', 'Internal/ops']);
});

test('a boolean parameter is read in any letter case, and nothing else is one', async () => {
  const { soap, ok } = await client();
  for (const [index, requirePasswordChange] of ['False', 'TRUE', 'true', '0', '1', ' tRuE '].entries())
    await ok('addUser', { userName: `u${index}`, credential: 'x', requirePasswordChange });
  const odd = await soap('addUser', { userName: 'odd', credential: 'x', requirePasswordChange: 'yes' });
  assert.match(odd.fault?.reason ?? '', /requirePasswordChange is true or false/);
  await ok('addRole', { roleName: 'staff', isSharedRole: 'FALSE' }, USER_ADMIN);
});

test('who asks about a role or a user that is not there gets the answer that WSO2 gives', async () => {
  const { ok } = await client();
  assert.deepEqual(await ok('getUserListOfRole', { roleName: 'none' }), []);
  assert.deepEqual(await ok('getUserListOfRole', { roleName: 'Internal/none' }), []);
  assert.deepEqual(await ok('getRoleListOfUser', { userName: 'nobody' }), ['Internal/everyone']);
});

test('a role keeps its domain when it is renamed', async () => {
  const { soap, ok } = await client();
  for (const roleName of ['x', 'Internal/a']) await ok('addRole', { roleName });
  for (const [roleName, newRoleName] of [
    ['x', 'Internal/x'],
    ['Internal/a', 'a'],
    ['Internal/a', 'Application/a'],
  ] as const) {
    const { fault } = await soap('updateRoleName', { roleName, newRoleName });
    assert.match(fault?.reason ?? '', /^31501 - /, `${roleName} ${newRoleName}`);
  }
  await ok('updateRoleName', { roleName: 'PRIMARY/x', newRoleName: 'X' });
  await ok('updateRoleName', { roleName: 'Internal/a', newRoleName: 'internal/b' });
  assert.deepEqual(await ok('getRoleNames'), ['Internal/everyone', 'Internal/b', 'X']);
});

test('a pattern without a domain finds roles of the hybrid domains too, whatever the limit', async () => {
  const { ok, soap } = await client();
  for (const roleName of ['x', 'x2', 'Internal/x', 'Application/x', 'Internal/other'])
    await ok('addRole', { roleName });
  const found = async (filter: string, limit: string) => {
    const { text } = await soap('getAllRolesNames', { filter, limit }, USER_ADMIN);
    return [...text.matchAll(/<ax:itemName>([^<]*)</g)].map(([, name]) => name);
  };
  assert.deepEqual(await found('x', '0'), ['Application/x', 'Internal/x', 'true']);
  assert.deepEqual(await found('x', '10'), ['Application/x', 'Internal/x', 'x', 'false']);
  assert.deepEqual(await found('x*', '1'), ['Application/x', 'Internal/x', 'x', 'true']);
  assert.deepEqual(await found('PRIMARY/x', '10'), ['x', 'false']);
  assert.deepEqual(await found('Internal/*', '0'), ['Internal/everyone', 'Internal/other', 'Internal/x', 'false']);
});

test('giving roles takes the permission that a membership takes in SCIM, in each operation that gives them', async () => {
  const { ok, serviceProvider, admin, soap } = await client();
  for (const roleName of ['admins', 'Internal/admins']) await ok('addRole', { roleName });
  await ok('addUser', { userName: 'anna', credential: 'x' });
  const made = await admin('POST', `/service-providers/${serviceProvider}/credentials`, {
    kind: 'basic',
    scopes: ['internal_user_mgt_create', 'internal_user_mgt_update'],
    roles: [],
  });
  const { id, secret } = made.body as { id: string; secret: string };
  const limited = soapClient(provost.url, `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`);
  const userName = 'anna';
  const refused = [
    await limited('updateRoleListOfUser', { userName, newRoles: 'admins' }),
    await limited('updateRoleListOfUser', { userName, newRoles: 'admins' }, V2),
    await limited('addRemoveRolesOfUser', { userName, newRoles: 'admins' }, USER_ADMIN),
    await limited('updateRolesOfUser', { userName, newRoleList: 'admins' }, USER_ADMIN),
    await limited('addUser', { userName: 'bea', credential: 'x', roleList: 'Internal/admins' }),
    await limited('addUser', { userName: 'bea', password: 'x', roles: 'admins' }, USER_ADMIN),
  ];
  assert.deepEqual(
    refused.map(({ status }) => status),
    refused.map(() => 403),
  );
  assert.deepEqual(await ok('getRoleListOfUser', { userName }), ['Internal/everyone']);
  assert.deepEqual(await ok('isExistingUser', { userName: 'bea' }), ['false']);
  const plain = await limited('addUser', { userName: 'bea', credential: 'x', roleList: 'Internal/everyone' });
  assert.equal(plain.status, 202, plain.text);
  assert.equal((await soap('updateRoleListOfUser', { userName, newRoles: 'admins' })).status, 202);
});
