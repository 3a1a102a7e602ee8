import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BasicAuthSecurity, type Client, createClientAsync } from 'soap';
import { claimPort } from '../../../dev/services/ports.ts';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { newTenant } from '../../end-to-end/tenant.ts';
import { soapClient } from './soap-client.ts';

let provost: TestInstallation;
before(async () => {
  // A port of its own, so that the address in the description is true.
  const port = await claimPort({ port: 0, wantedBy: 'the API', variable: 'PROVOST_API_PORT' });
  provost = await startInstallation({ env: { PROVOST_API_PORT: String(port) } });
});
after(() => provost.stop());

const CLAIM = 'http://wso2.org/claims/';
const PASSWORD = 'Pw#12345';

interface Field {
  readonly claimUri: string;
  readonly fieldValue?: string;
  readonly readOnly?: boolean;
}

/** The service as somebody sees it, by the client that node-soap makes from its description. */
async function profiles(id: string, secret: string) {
  const client: Client = await createClientAsync(`${provost.url}/services/UserProfileMgtService?wsdl`);
  client.setSecurity(new BasicAuthSecurity(id, secret));
  return async (operation: string, parameters: object = {}): Promise<unknown> => {
    const method: unknown = client[`${operation}Async`];
    assert.ok(typeof method === 'function', operation);
    const [result] = (await method.call(client, parameters)) as [{ return?: unknown } | null];
    return result?.return;
  };
}

const refused = (words: RegExp) => (error: unknown) =>
  words.test(
    (error as { root?: { Envelope?: { Body?: { Fault?: { faultstring?: string } } } } }).root?.Envelope?.Body?.Fault
      ?.faultstring ?? String(error),
  );

async function people() {
  const tenant = await newTenant(provost.url, { mode: 'persist' });
  const soap = soapClient(provost.url, tenant.authorization);
  for (const userName of ['maya', 'bea']) {
    const claims = { claims: [[`${CLAIM}givenname`, userName]] as const };
    assert.equal((await soap('addUser', { userName, credential: PASSWORD, claims })).status, 202);
  }
  return {
    ...tenant,
    soap,
    own: await profiles(`maya@${tenant.id}`, PASSWORD),
    manager: await profiles(tenant.credential.id, tenant.credential.secret),
  };
}

const valuesOf = (profile: unknown): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    (profile as { fieldValues: Field[] }).fieldValues.map(({ claimUri, fieldValue }) => [
      claimUri.slice(CLAIM.length),
      fieldValue,
    ]),
  );

const setting = (username: string, values: Readonly<Record<string, string>>) => ({
  username,
  profile: {
    fieldValues: Object.entries(values).map(([name, fieldValue]) => ({ claimUri: `${CLAIM}${name}`, fieldValue })),
    profileName: 'default',
  },
});

test('people read and change their own profile, and see nobody else’s', async () => {
  const { own } = await people();
  const profile = await own('getUserProfile', { username: 'maya', profileName: 'default' });
  assert.equal(valuesOf(profile)['givenname'], 'maya');
  await own('setUserProfile', setting('maya', { givenname: 'Maya', lastname: 'Ruiz' }));
  const [changed] = (await own('getUserProfiles', { username: 'MAYA' })) as unknown[];
  assert.deepEqual([valuesOf(changed)['givenname'], valuesOf(changed)['lastname']], ['Maya', 'Ruiz']);
  await own('setUserProfile', setting('maya', { lastname: '' }));
  assert.equal(
    valuesOf(await own('getUserProfile', { username: 'maya', profileName: 'default' }))['lastname'],
    undefined,
  );
  for (const username of ['bea', 'nobody'])
    for (const [operation, parameters] of [
      ['getUserProfile', { username, profileName: 'default' }],
      ['getUserProfiles', { username }],
      ['setUserProfile', setting(username, { givenname: 'x' })],
    ] as const)
      await assert.rejects(own(operation, parameters), refused(/^Access Denied/), `${operation} ${username}`);
});

test('what is closed to people by SCIM is closed to them here, and what they only send back is no change', async () => {
  const { own, manager, soap } = await people();
  for (const values of [
    { 'identity/accountLocked': 'false' },
    { 'identity/emailVerified': 'true' },
    { 'identity/accountDisabled': 'true' },
    { dob: '1990-01-01' },
    { department: 'Ops' },
    { roles: 'admin' },
  ])
    await assert.rejects(own('setUserProfile', setting('maya', values)), refused(/a person cannot change/));
  await manager('setUserProfile', setting('maya', { organization: 'Acme', country: 'NO' }));
  const profile = (await own('getUserProfile', { username: 'maya', profileName: 'default' })) as {
    fieldValues: Field[];
  };
  const fieldValues = profile.fieldValues
    .filter(({ fieldValue }) => fieldValue !== undefined)
    .map(({ claimUri, fieldValue }) => ({ claimUri, fieldValue }));
  assert.ok(fieldValues.some(({ claimUri }) => claimUri.endsWith('organization')));
  await own('setUserProfile', { username: 'maya', profile: { fieldValues, profileName: 'default' } });
  const read = async (name: string) =>
    (await soap('getUserClaimValue', { userName: 'maya', claim: `${CLAIM}${name}` })).returns[0];
  assert.deepEqual([await read('organization'), await read('country')], ['Acme', 'NO']);
});

test('whoever manages users reads and changes every profile, by a change like any other', async () => {
  const { manager, admin } = await people();
  await manager('setUserProfile', setting('bea', { givenname: 'Bea', organization: 'Acme' }));
  assert.equal(
    valuesOf(await manager('getUserProfile', { username: 'bea', profileName: 'default' }))['organization'],
    'Acme',
  );
  const [last] = (await admin('GET', '/changes')).body['items'] as { source: string; operation: string }[];
  assert.deepEqual([last?.source, last?.operation], ['soap', 'patch']);
  await assert.rejects(manager('getUserProfile', { username: 'nobody', profileName: 'default' }), refused(/^30007/));
  await assert.rejects(
    manager('deleteUserProfile', { username: 'bea', profileName: 'default' }),
    refused(/Cannot delete default profile/),
  );
  await assert.rejects(manager('getUserProfile', { username: 'bea', profileName: 'work' }), refused(/one profile/));
});
