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

const claim = (name: string): string => `http://wso2.org/claims/${name}`;

async function client() {
  const tenant = await newTenant(provost.url, { mode: 'persist' });
  return { ...tenant, soap: soapClient(provost.url, tenant.authorization) };
}

test('a user added by SOAP is the SCIM user that his claims describe', async () => {
  const { soap, scim } = await client();
  const added = await soap('addUser', {
    userName: 'PRIMARY/maya',
    credential: 'Pw#12345',
    claims: {
      claims: [
        [claim('givenname'), 'Maya'],
        [claim('lastname'), 'O’Brien <&>'],
        [claim('emailaddress'), 'maya@ex.test'],
        [claim('mobile'), '+1 555'],
        [claim('country'), 'NO'],
        [claim('streetaddress'), 'Main 1'],
        [claim('department'), 'Ops'],
        [claim('identity/accountDisabled'), 'false'],
      ],
    },
    profileName: 'default',
    requirePasswordChange: 'false',
  });
  assert.deepEqual([added.status, added.text], [202, ''], added.text);

  const found = await scim('GET', '/Users?filter=userName%20eq%20%22maya%22');
  const [user] = found.body['Resources'] as Record<string, unknown>[];
  const { id: _id, meta: _meta, schemas: _schemas, ...attributes } = user ?? {};
  assert.deepEqual(attributes, {
    userName: 'maya',
    name: { givenName: 'Maya', familyName: 'O’Brien <&>' },
    active: true,
    emails: [{ value: 'maya@ex.test', primary: true }],
    phoneNumbers: [{ type: 'mobile', value: '+1 555' }],
    addresses: [{ type: 'home', country: 'NO', streetAddress: 'Main 1' }],
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Ops' },
  });
});

test('the same name twice is a fault in the form that the description declares, never a silent 202', async () => {
  const { soap } = await client();
  assert.equal((await soap('addUser', { userName: 'maya', credential: 'Pw#12345' })).status, 202);
  const again = await soap('addUser', { userName: 'MAYA', credential: 'Pw#12345' });
  assert.equal(again.status, 500);
  assert.equal(again.fault?.code, 'soapenv:Server');
  assert.match(again.fault?.reason ?? '', /^30004 - UserAlreadyExisting/);
  assert.equal(again.fault?.detail?.name, 'RemoteUserStoreManagerServiceUserStoreException');
  assert.equal(again.fault?.detail?.children[0]?.name, 'UserStoreException');
  assert.equal(again.headers.get('provost-error'), 'UNIQUENESS');
});

test('a password authenticates, a wrong one or nobody does not, and neither is a fault', async () => {
  const { soap, scim } = await client();
  const authenticate = async (userName: string, credential: string) =>
    (await soap('authenticate', { userName, credential })).returns;
  await soap('addUser', { userName: 'maya', credential: 'Pw#12345' });
  assert.deepEqual(await authenticate('maya', 'Pw#12345'), ['true']);
  assert.deepEqual(await authenticate('MAYA', 'Pw#12345'), ['true']);
  assert.deepEqual(await authenticate('maya', 'pw#12345'), ['false']);
  assert.deepEqual(await authenticate('nobody', 'Pw#12345'), ['false']);
  assert.deepEqual(await authenticate('maya', ''), ['false']);

  const [user] = (await scim('GET', '/Users')).body['Resources'] as { id: string }[];
  await scim('PATCH', `/Users/${user?.id}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'active', value: false }],
  });
  assert.deepEqual(await authenticate('maya', 'Pw#12345'), ['false'], 'a disabled user does not log in');
});

test('a password is changed by who knows it, or by an administrator', async () => {
  const { soap } = await client();
  await soap('addUser', { userName: 'maya', credential: 'first' });
  const wrong = await soap('updateCredential', { userName: 'maya', newCredential: 'second', oldCredential: 'wrong' });
  assert.deepEqual([wrong.status, wrong.headers.get('provost-error')], [500, 'INVALID_VALUE']);
  const right = await soap('updateCredential', { userName: 'maya', newCredential: 'second', oldCredential: 'first' });
  assert.equal(right.status, 202, right.text);
  assert.deepEqual((await soap('authenticate', { userName: 'maya', credential: 'second' })).returns, ['true']);
  assert.equal((await soap('updateCredentialByAdmin', { userName: 'maya', newCredential: 'third' })).status, 202);
  assert.deepEqual((await soap('authenticate', { userName: 'maya', credential: 'second' })).returns, ['false']);
  assert.deepEqual((await soap('authenticate', { userName: 'maya', credential: 'third' })).returns, ['true']);
  assert.equal((await soap('updateCredentialByAdmin', { userName: 'nobody', newCredential: 'x' })).status, 500);
});

test('a user who is deleted is gone, and deleting nobody is a fault', async () => {
  const { soap } = await client();
  await soap('addUser', { userName: 'maya', credential: 'Pw#12345' });
  assert.deepEqual((await soap('isExistingUser', { userName: 'maya' })).returns, ['true']);
  assert.equal((await soap('deleteUser', { userName: 'maya' })).status, 202);
  assert.deepEqual((await soap('isExistingUser', { userName: 'maya' })).returns, ['false']);
  const again = await soap('deleteUser', { userName: 'maya' });
  assert.equal(again.status, 500);
  assert.match(again.fault?.reason ?? '', /^30007 - UserNotFound/);
});

test('users are listed by patterns with stars, in the order of their names, up to a limit', async () => {
  const { soap } = await client();
  for (const userName of ['anna', 'Ann', 'bea', 'ann*', 'nathan']) {
    const added = await soap('addUser', { userName, credential: 'Pw#12345' });
    assert.equal(added.status, 202, added.text);
  }
  const list = async (filter: string, maxItemLimit = '-1') =>
    (await soap('listUsers', { filter, maxItemLimit })).returns;
  assert.deepEqual(await list('*'), ['Ann', 'ann*', 'anna', 'bea', 'nathan']);
  assert.deepEqual(await list('PRIMARY/an*'), ['Ann', 'ann*', 'anna']);
  assert.deepEqual(await list('*an'), ['nathan']);
  assert.deepEqual(await list('a*a'), ['anna']);
  assert.deepEqual(await list('*n*n*'), ['Ann', 'ann*', 'anna', 'nathan']);
  assert.deepEqual(await list('an?a'), ['anna']);
  assert.deepEqual(await list('bea'), ['bea']);
  assert.deepEqual(await list('*', '2'), ['Ann', 'ann*']);
  assert.deepEqual(await list('*', '0'), []);
});

test('a user store that does not exist is named in the fault, for users and for roles', async () => {
  const { soap } = await client();
  for (const [operation, parameters] of [
    ['isExistingUser', { userName: 'HR/maya' }],
    ['addUser', { userName: 'HR/maya', credential: 'x' }],
    ['listUsers', { filter: 'HR/*', maxItemLimit: '1' }],
    ['addRole', { roleName: 'HR/staff' }],
  ] as const) {
    const reply = await soap(operation, parameters);
    assert.equal(reply.status, 500, operation);
    assert.match(reply.fault?.reason ?? '', /There is no user store HR/, operation);
  }
});

test('the second version of the service answers true where the first answers nothing', async () => {
  const { soap } = await client();
  const options = { service: 'RemoteUserStoreManagerServiceV2' };
  const added = await soap('addUser', { userName: 'maya', credential: 'Pw#12345' }, options);
  assert.deepEqual([added.status, added.returns], [200, ['true']]);
  const again = await soap('addUser', { userName: 'maya', credential: 'Pw#12345' }, options);
  assert.equal(again.fault?.detail?.name, 'RemoteUserStoreManagerServiceV2UserStoreException');
  assert.deepEqual((await soap('isExistingUser', { userName: 'maya' }, options)).returns, ['true']);
});

test('UserAdmin adds, lists, changes and deletes the same users', async () => {
  const { soap } = await client();
  const options = { service: 'UserAdmin', namespace: AXIS };
  const added = await soap('addUser', { userName: 'maya', password: 'first' }, options);
  assert.equal(added.status, 202, added.text);
  assert.deepEqual((await soap('listUsers', { filter: '*', limit: '10' }, options)).returns, ['maya']);
  const all = await soap('listAllUsers', { filter: '*', limit: '10' }, options);
  assert.match(all.text, /<ax:itemName>maya<\/ax:itemName>.*<ax:itemName>false<\/ax:itemName>/s);
  const change = { userName: 'maya', oldPassword: 'first', newPassword: 'second' };
  assert.equal((await soap('changePasswordByUser', change, options)).status, 202);
  const wrong = await soap('changePasswordByUser', change, options);
  assert.equal(wrong.fault?.detail?.name, 'UserAdminUserAdminException');
  assert.match(wrong.fault?.detail?.children[0]?.children[0]?.text ?? '', /30006 - PasswordInvalid/);
  assert.equal((await soap('changePassword', { userName: 'maya', newPassword: 'third' }, options)).status, 202);
  assert.deepEqual((await soap('authenticate', { userName: 'maya', credential: 'third' })).returns, ['true']);
  assert.equal((await soap('deleteUser', { userName: 'maya' }, options)).status, 202);
  assert.deepEqual((await soap('listAllUsers', { filter: '*', limit: '10' }, options)).returns, []);
});
