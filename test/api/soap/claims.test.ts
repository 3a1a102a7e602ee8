import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { newTenant } from '../../end-to-end/tenant.ts';
import { soapClient } from './soap-client.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

const claim = (name: string): string => `http://wso2.org/claims/${name}`;

/** A tenant with one user who came by SCIM. */
async function maya(conformance: 'tolerant' | 'strict' = 'tolerant') {
  const tenant = await newTenant(provost.url, { mode: 'persist', conformance });
  const { scim } = tenant;
  const created = await scim('POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'maya',
    name: { givenName: 'Maya' },
    emails: [
      { value: 'home@ex.test', type: 'home' },
      { value: 'work@ex.test', type: 'work', primary: true },
    ],
  });
  assert.equal(created.status, 201, created.text);
  const soap = soapClient(provost.url, tenant.authorization);
  return {
    ...tenant,
    soap,
    read: async (name: string) =>
      (await soap('getUserClaimValue', { userName: 'maya', claim: claim(name) })).returns[0],
    set: async (name: string, claimValue: string, operation = 'setUserClaimValue') => {
      const reply = await soap(operation, {
        userName: 'maya',
        claimURI: claim(name),
        claimValue,
        profileName: 'default',
      });
      assert.equal(reply.status, 202, reply.text);
    },
    user: async () => (await scim('GET', `/Users/${created.body['id']}`)).body,
  };
}

test('a claim is the primary value, or the one of its type, or all of them', async () => {
  const { read } = await maya();
  assert.equal(await read('emailaddress'), 'work@ex.test');
  assert.equal(await read('emails.home'), 'home@ex.test');
  assert.equal(await read('emailAddresses'), 'work@ex.test,home@ex.test');
  assert.equal(await read('username'), 'maya');
  assert.equal(await read('mobile'), undefined);
});

test('every claim that a user has comes with its names; asked for by URI, with its value alone', async () => {
  const { soap } = await maya();
  const all = await soap('getUserClaimValues', { userName: 'maya', profileName: 'default' });
  assert.match(
    all.text,
    /<ax:claimUri>http:\/\/wso2.org\/claims\/givenname<\/ax:claimUri><ax:description>First Name<\/ax:description><ax:dialectURI>http:\/\/wso2.org\/claims<\/ax:dialectURI><ax:displayOrder>1<\/ax:displayOrder><ax:displayTag>First Name<\/ax:displayTag><ax:required>false<\/ax:required><ax:supportedByDefault>true<\/ax:supportedByDefault><ax:value>Maya<\/ax:value>/,
  );
  assert.match(all.text, /claims\/created</);
  const some = await soap('getUserClaimValuesForClaims', {
    userName: 'maya',
    claims: [claim('emailaddress'), claim('mobile'), claim('givenname')],
    profileName: 'default',
  });
  assert.match(some.text, /<ax:claimURI>http:\/\/wso2.org\/claims\/emailaddress<\/ax:claimURI><ax:value>work@ex.test</);
  assert.equal(some.returns.length, 2);
});

for (const conformance of ['tolerant', 'strict'] as const) {
  test(`writing one value leaves the others as they are (${conformance} service provider)`, async () => {
    const { set, user } = await maya(conformance);
    await set('emailaddress', 'new@ex.test');
    await set('emails.home', 'house@ex.test');
    await set('mobile', '1');
    await set('country', 'NO');
    await set('locality', 'Oslo');
    await set('department', 'Ops');
    await set('active', 'FALSE');
    const { emails, phoneNumbers, addresses, active, ...rest } = await user();
    assert.deepEqual(emails, [
      { value: 'house@ex.test', type: 'home' },
      { value: 'new@ex.test', type: 'work', primary: true },
    ]);
    assert.deepEqual(phoneNumbers, [{ type: 'mobile', value: '1' }]);
    assert.deepEqual(addresses, [{ type: 'home', country: 'NO', locality: 'Oslo' }]);
    assert.equal(active, false);
    assert.deepEqual(rest['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'], { department: 'Ops' });
  });
}

test('a claim of many values is split at commas, added to without repeats, and removed', async () => {
  const { set, read, soap, user } = await maya();
  await set('emailAddresses', 'home@ex.test, third@ex.test');
  assert.deepEqual((await user())['emails'], [{ value: 'home@ex.test', type: 'home' }, { value: 'third@ex.test' }]);
  await set('emailAddresses', 'THIRD@ex.test,fourth@ex.test', 'addUserClaimValue');
  assert.equal(await read('emailAddresses'), 'home@ex.test,third@ex.test,fourth@ex.test');
  await set('nickname', 'M', 'addUserClaimValue');
  await set('nickname', 'MM', 'addUserClaimValue');
  await set('nickname', 'm', 'addUserClaimValue');
  assert.equal(await read('nickname'), 'M,MM');
  const removed = await soap('deleteUserClaimValues', {
    userName: 'maya',
    claims: [claim('emailAddresses'), claim('nickname'), claim('mobile')],
    profileName: 'default',
  });
  assert.equal(removed.status, 202, removed.text);
  assert.deepEqual([(await user())['emails'], await read('nickname')], [undefined, undefined]);
});

test('several claims are one change, and an empty value removes', async () => {
  const { soap, read, user, admin } = await maya();
  const before = await user();
  const reply = await soap('setUserClaimValues', {
    userName: 'maya',
    claims: {
      claims: [
        [claim('givenname'), ''],
        [claim('lastname'), 'Ruiz'],
        [claim('gtalk'), 'm@g'],
      ],
    },
    profileName: 'default',
  });
  assert.equal(reply.status, 202, reply.text);
  assert.deepEqual([await read('givenname'), await read('lastname'), await read('gtalk')], [undefined, 'Ruiz', 'm@g']);
  const version = (resource: Record<string, unknown>) => (resource['meta'] as { version: string }).version;
  assert.deepEqual([version(before), version(await user())], ['W/"1"', 'W/"2"']);
  const changes = (await admin('GET', '/changes')).body['items'] as { source: string; operation: string }[];
  assert.deepEqual(changes[0]?.source, 'soap');
  const same = await soap('setUserClaimValue', { userName: 'maya', claimURI: claim('lastname'), claimValue: 'Ruiz' });
  assert.equal(same.status, 202);
  assert.equal(version(await user()), 'W/"2"', 'nothing changed, so nothing is written');
});

test('users are found by a claim, with stars for any characters', async () => {
  const { soap } = await maya();
  const find = async (name: string, claimValue: string) =>
    (await soap('getUserList', { claimUri: claim(name), claimValue, profile: 'default' })).returns;
  assert.deepEqual(await find('givenname', 'maya'), ['maya']);
  assert.deepEqual(await find('givenname', 'M*'), ['maya']);
  assert.deepEqual(await find('emails.work', 'work@*'), ['maya']);
  assert.deepEqual(await find('emails.work', 'home@*'), [], 'the value of another type does not count');
  assert.deepEqual(await find('emailaddress', 'home@ex.test'), ['maya']);
  assert.deepEqual(await find('lastname', '*'), []);
});

test('claims that no schema of RFC 7643 has are kept, found, and removed', async () => {
  const { set, read, soap, user } = await maya();
  for (const [name, value] of Object.entries({
    dob: '1990-02-03',
    gender: 'female',
    otherphone: '1',
    fax: '2',
    pager: '3',
  })) {
    await set(name, value);
    assert.equal(await read(name), value, name);
    const found = await soap('getUserList', { claimUri: claim(name), claimValue: value, profile: 'default' });
    assert.deepEqual(found.returns, ['maya'], name);
  }
  const profile = 'urn:provost:params:scim:schemas:extension:user:2.0:User';
  const held = await user();
  assert.deepEqual(held[profile], { dateOfBirth: '1990-02-03', gender: 'female' });
  assert.deepEqual(held['phoneNumbers'], [
    { type: 'other', value: '1' },
    { type: 'fax', value: '2' },
    { type: 'pager', value: '3' },
  ]);
  const removed = await soap('deleteUserClaimValues', { userName: 'maya', claims: [claim('dob'), claim('gender')] });
  assert.equal(removed.status, 202, removed.text);
  assert.equal((await user())[profile], undefined);
});

test('claims that are unknown, can only be read or do not fit are faults that say so', async () => {
  const { soap } = await maya();
  for (const [uri, value, expected] of [
    ['urn:none', 'x', /^30005 - Claim URI is invalid, urn:none: .* mapped to no attribute/],
    [claim('created'), 'x', /created can be read and not written/],
    [claim('role'), 'admin', /role can be read and not written/],
    [claim('username'), 'other', /username can be read and not written/],
    [claim('active'), 'perhaps', /active is true or false/],
  ] as const) {
    const reply = await soap('setUserClaimValue', { userName: 'maya', claimURI: uri, claimValue: value });
    assert.equal(reply.status, 500, uri);
    assert.match(reply.fault?.reason ?? '', expected);
  }
  const same = await soap('setUserClaimValue', { userName: 'maya', claimURI: claim('username'), claimValue: 'maya' });
  assert.equal(same.status, 202, 'what is so already may be said');
  const profile = await soap('setUserClaimValue', { userName: 'maya', claimURI: claim('title'), profileName: 'work' });
  assert.match(profile.fault?.reason ?? '', /one profile, default/);
});

test("an administrator's own table counts from the next call on", async () => {
  const { soap, admin, read } = await maya();
  const replaced = await admin('PUT', '/claims', {
    items: [{ claim: claim('staffName'), attribute: 'displayName', displayName: 'Name' }],
  });
  assert.equal(replaced.status, 200, replaced.text);
  const set = await soap('setUserClaimValue', { userName: 'maya', claimURI: claim('staffName'), claimValue: 'M. R.' });
  assert.equal(set.status, 202, set.text);
  assert.equal(await read('staffName'), 'M. R.');
  const gone = await soap('getUserClaimValue', { userName: 'maya', claim: claim('givenname') });
  assert.equal(gone.status, 500);
});
