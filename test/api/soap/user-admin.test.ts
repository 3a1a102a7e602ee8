import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { basicAuthorization, newTenant } from '../../end-to-end/tenant.ts';
import { AXIS, sendXml, soapClient } from './soap-client.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

const OPTIONS = { service: 'UserAdmin', namespace: AXIS };
const GIVENNAME = 'http://wso2.org/claims/givenname';
const HEADING = 'UserName,Password,Claims\n';
const encoded = (text: string): string => Buffer.from(text).toString('base64');

async function client(wish: Parameters<typeof newTenant>[1] = { mode: 'persist' }) {
  const tenant = await newTenant(provost.url, wish);
  const soap = soapClient(provost.url, tenant.authorization);
  const admin = (
    operation: string,
    parameters: Parameters<typeof soap>[1] = {},
    headers: Record<string, string> = {},
  ) => soap(operation, parameters, { ...OPTIONS, headers });
  return {
    ...tenant,
    soap,
    userAdmin: admin,
    names: async (operation: string, parameters: Parameters<typeof soap>[1] = {}) =>
      [
        ...(await admin(operation, parameters)).text.matchAll(
          /<ax:itemName>([^<]*)<\/ax:itemName>.*?<ax:selected>(\w+)</gs,
        ),
      ].map(([, name, selected]) => `${name} ${selected}`),
    async ok(...call: Parameters<typeof soap>): Promise<readonly string[]> {
      const reply = await soap(...call);
      assert.equal(reply.fault, undefined, `${call[0]}: ${reply.text}`);
      return reply.returns;
    },
  };
}

test('a file adds its users, each by a change of its own, and tells of each that it could not add', async () => {
  const { userAdmin, ok, admin, scim } = await client();
  await ok('addRole', { roleName: 'staff' });
  await ok('addUser', { userName: 'taken', credential: 'x' });
  const records = [
    `ada,Pw#1,${GIVENNAME}=Ada,role=staff`,
    'OTHER/bea,Pw#2',
    ' ,Pw#3',
    'nopassword',
    'taken,Pw#4',
    'norole,Pw#5,role=none',
    'noclaim,Pw#6,urn:none=x',
    'odd,Pw#7,claim without a value',
  ];
  const reply = await userAdmin('bulkImportUsers', {
    userStoreDomain: 'PRIMARY',
    fileName: 'users.csv',
    handler: encoded(`${HEADING}${records.join('\n')}`),
  });
  const reason = reply.fault?.reason ?? '';
  assert.match(reason, /Success count : 2 Failed Count : 5 Duplicate Count : 1/);
  for (const words of [
    /Line 4: 31301/,
    /Line 5: 30003/,
    /Line 6: the user name is taken/,
    /Line 7: 31304/,
    /Line 8: 30005/,
    /Line 9: Claims and values/,
  ])
    assert.match(reason, words);
  assert.doesNotMatch(reason, /Pw#/);
  assert.deepEqual(await ok('listUsers', { filter: '*', maxItemLimit: '-1' }), ['ada', 'bea', 'taken']);
  assert.deepEqual(await ok('getRoleListOfUser', { userName: 'ada' }), ['Internal/everyone', 'staff']);
  assert.deepEqual(await ok('authenticate', { userName: 'ada', credential: 'Pw#1' }), ['true']);
  const changes = (await admin('GET', '/changes')).body['items'] as { source: string; operation: string }[];
  assert.equal(changes.filter(({ source, operation }) => source === 'soap' && operation === 'create').length, 4);
  assert.equal((await scim('GET', '/Users?filter=name.givenName%20eq%20%22Ada%22')).body['totalResults'], 1);
});

test('many users at once are all there; the same call with the same key is no other, without it everybody is there already', async () => {
  const { userAdmin, ok } = await client();
  const records = Array.from({ length: 40 }, (_, index) => `user${index}`).join('\n');
  const parameters = {
    userStoreDomain: '',
    fileName: 'users.csv',
    handler: encoded(HEADING + records),
    defaultPassword: 'Pw#1',
  };
  for (const _repetition of [1, 2]) {
    const reply = await userAdmin('bulkImportUsers', parameters, { 'idempotency-key': 'import-1' });
    assert.deepEqual([reply.status, reply.fault], [202, undefined], reply.text);
  }
  assert.equal((await ok('listUsers', { filter: 'user*', maxItemLimit: '-1' })).length, 40);
  const again = await userAdmin('bulkImportUsers', parameters);
  assert.match(again.fault?.reason ?? '', /Success count : 0 Failed Count : 0 Duplicate Count : 40/);
  assert.match(again.fault?.reason ?? '', /And 20 more/);
});

test('a file that is none, or gives roles that the caller may not give, adds nobody', async () => {
  const { userAdmin, ok, admin, serviceProvider } = await client();
  await ok('addRole', { roleName: 'admins' });
  for (const [fileName, content, words] of [
    ['users.xlsx', 'x', /Save the file as CSV/],
    ['users.csv', 'PK\u0003\u0004', /Save the file as CSV/],
    ['', 'x', /Required data not provided/],
    ['users.csv', '', /Required data not provided/],
  ] as const) {
    const reply = await userAdmin('bulkImportUsers', { fileName, handler: encoded(content) });
    assert.match(reply.fault?.reason ?? '', words);
  }
  const made = await admin('POST', `/service-providers/${serviceProvider}/credentials`, {
    kind: 'basic',
    scopes: ['internal_user_mgt_create'],
    roles: [],
  });
  const authorization = basicAuthorization(String(made.body['id']), String(made.body['secret']));
  const limited = soapClient(provost.url, authorization);
  const handler = encoded(`${HEADING}ada,Pw#1\nbea,Pw#1,role=admins`);
  const refused = await limited('bulkImportUsers', { fileName: 'users.csv', handler }, OPTIONS);
  assert.equal(refused.status, 403);
  assert.deepEqual(await ok('listUsers', { filter: '*', maxItemLimit: '-1' }), []);
});

test('a marked list of users becomes the members of a role; who is not on it stays', async () => {
  const { ok, userAdmin, names, authorization } = await client();
  for (const userName of ['anna', 'bea', 'carl']) await ok('addUser', { userName, credential: 'x' });
  await ok('addRole', { roleName: 'staff', userList: ['anna', 'carl'] });
  const row = (name: string, selected: string) =>
    `<userList><itemName>${name}</itemName><selected>${selected}</selected></userList>`;
  const rows = row('anna', 'false') + row('bea', 'True') + row('nobody', 'false');
  const envelope = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><updateUsersOfRole xmlns="${AXIS}"><roleName>staff</roleName>${rows}</updateUsersOfRole></s:Body></s:Envelope>`;
  const before = await names('getUsersOfRole', { roleName: 'staff', filter: '*', limit: '0' });
  assert.deepEqual(before, ['anna true', 'carl true', 'false false']);
  const reply = await sendXml(`${provost.url}/services/UserAdmin`, envelope, {
    'content-type': 'text/xml',
    authorization,
  });
  assert.equal(reply.status, 202, reply.text);
  const members = await names('getUsersOfRole', { roleName: 'staff', filter: '*', limit: '0' });
  assert.deepEqual(members, ['bea true', 'carl true', 'false false']);
  const everyone = await userAdmin('updateUsersOfRole', { roleName: 'Internal/everyone' });
  assert.match(everyone.fault?.reason ?? '', /^30009/);
});

test('the roles of the current user are those of the person behind the credentials', async () => {
  const { ok, admin, serviceProvider, scim, names } = await client();
  await ok('addUser', { userName: 'anna', credential: 'Pw#1' });
  for (const roleName of ['staff', 'other']) await ok('addRole', { roleName });
  await ok('updateRoleListOfUser', { userName: 'anna', newRoles: 'staff' });
  const [user] = (await scim('GET', '/Users')).body['Resources'] as { id: string }[];
  const made = await admin('POST', `/service-providers/${serviceProvider}/credentials`, {
    kind: 'basic',
    scopes: [],
    roles: [],
    user: user?.id,
  });
  const own = soapClient(provost.url, basicAuthorization(String(made.body['id']), String(made.body['secret'])));
  const { text } = await own('getRolesOfCurrentUser', {}, OPTIONS);
  const found = [...text.matchAll(/<ax:itemName>([^<]*)</g)].map(([, name]) => name);
  assert.deepEqual(found, ['Internal/everyone', 'staff', 'false']);
  assert.deepEqual(await names('getRolesOfCurrentUser'), ['Internal/everyone true', 'false false']);
});

test('roles carry no permissions: nobody has any, and none can be given', async () => {
  const { ok, userAdmin, names } = await client();
  await ok('addRole', { roleName: 'staff' });
  const permission = '/permission/admin/login';
  assert.deepEqual(await names('listAllUsersWithPermission', { filter: '*', permission, limit: '10' }), []);
  assert.deepEqual(await names('getAllPermittedRoleNames', { filter: '*', permission, limit: '10' }), []);
  const tree = (await userAdmin('getRolePermissions', { roleName: 'staff' })).text;
  assert.match(tree, /\/permission\/admin\/manage\/identity\/rolemgt\/delete/);
  assert.doesNotMatch(tree, /<ax:selected>true/);
  const given = await userAdmin('setRoleUIPermission', { roleName: 'staff', rawResources: permission });
  assert.deepEqual([given.status, given.headers.get('provost-error')], [500, 'NOT_IMPLEMENTED']);
  assert.equal((await userAdmin('setRoleUIPermission', { roleName: 'staff' })).status, 202);
});
