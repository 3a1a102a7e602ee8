import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type SandboxTarget, startSandboxTarget } from '../../../dev/sandbox-target.ts';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { basicAuthorization, newTenant, replacing, sender } from '../../end-to-end/tenant.ts';
import { until } from '../../until.ts';
import { soapClient } from './soap-client.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

const ACCOUNT = 'urn:provost:params:scim:schemas:extension:user:2.0:User';
const PASSWORD = 'Pw#12345';
const claim = (name: string): string => `http://wso2.org/claims/identity/${name}`;

async function withUser(wish: Parameters<typeof newTenant>[1] = { mode: 'persist' }) {
  const tenant = await newTenant(provost.url, wish);
  const soap = soapClient(provost.url, tenant.authorization);
  const added = await soap('addUser', { userName: 'maya', credential: PASSWORD });
  assert.equal(added.status, 202, added.text);
  const [user] = (await tenant.scim('GET', '/Users')).body['Resources'] as { id: string }[];
  const id = String(user?.id);
  return {
    ...tenant,
    id,
    tenantId: tenant.id,
    soap,
    user: async () => (await tenant.scim('GET', `/Users/${id}`)).body,
    async set(name: string, claimValue: string) {
      const reply = await soap('setUserClaimValues', {
        userName: 'maya',
        claims: { claims: [[claim(name), claimValue]] },
        profileName: 'default',
      });
      assert.equal(reply.status, 202, reply.text);
    },
    read: async (name: string) =>
      (await soap('getUserClaimValue', { userName: 'maya', claim: claim(name) })).returns[0],
  };
}

/** Every way in that the user has: what each answers. */
async function waysIn(tenant: Awaited<ReturnType<typeof withUser>>) {
  const made = async (kind: 'basic' | 'client' | 'token') => {
    const { body } = await tenant.admin('POST', `/service-providers/${tenant.serviceProvider}/credentials`, {
      kind,
      scopes: ['scim'],
      roles: [],
      user: tenant.id,
    });
    return body as { id: string; secret: string; token?: string };
  };
  const [basic, client, token] = [await made('basic'), await made('client'), await made('token')];
  const granted = await fetch(`${provost.url}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: basicAuthorization(client.id, client.secret) },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'scim' }),
  });
  const { access_token: bearer } = (await granted.json()) as { access_token: string };
  const opaque = String(token.token ?? token.secret);
  const me = (authorization: string) => async (): Promise<number> =>
    (await sender(`${provost.url}/scim/v2`, { authorization })('GET', '/Me')).status;
  const users = (authorization: string) => async (): Promise<number> =>
    (await sender(`${provost.url}/scim/v2`, { authorization })('GET', '/Users')).status;
  return {
    'own password': me(basicAuthorization(`maya@${tenant.tenantId}`, PASSWORD)),
    'SOAP authenticate': async () =>
      (await tenant.soap('authenticate', { userName: 'maya', credential: PASSWORD })).returns[0] === 'true' ? 200 : 401,
    'own credential': me(basicAuthorization(basic.id, basic.secret)),
    'own credential, other paths': users(basicAuthorization(basic.id, basic.secret)),
    'access token': me(`Bearer ${bearer}`),
    'access token, other paths': users(`Bearer ${bearer}`),
    'lasting token': me(`Bearer ${opaque}`),
  };
}

for (const name of ['accountLocked', 'accountDisabled'])
  test(`${name} keeps the user out in every way there is, until it is cleared`, async () => {
    const tenant = await withUser();
    const ways = await waysIn(tenant);
    const answers = async () => {
      const found: [string, number][] = [];
      for (const [way, enter] of Object.entries(ways)) found.push([way, await enter()]);
      return found;
    };
    for (const [way, status] of await answers()) assert.equal(status, 200, way);
    await tenant.set(name, 'true');
    assert.equal(await tenant.read(name), 'true');
    for (const [way, status] of await answers()) assert.ok(status === 401 || status === 403, `${way}: ${status}`);
    await tenant.set(name, 'false');
    for (const [way, status] of await answers()) assert.equal(status, 200, way);
  });

test('a user can be added locked, and the others of a user’s states are kept', async () => {
  const { soap, set, read, user, scim } = await withUser();
  const claims = { claims: [[claim('accountLocked'), 'true']] as const };
  assert.equal((await soap('addUser', { userName: 'bea', credential: PASSWORD, claims })).status, 202);
  assert.deepEqual((await soap('authenticate', { userName: 'bea', credential: PASSWORD })).returns, ['false']);
  await set('emailVerified', 'True');
  await set('failedLoginAttempts', '3');
  assert.deepEqual([await read('emailVerified'), await read('failedLoginAttempts')], ['true', '3']);
  assert.deepEqual((await user())[ACCOUNT], { emailVerified: true, failedLoginAttempts: 3 });
  const found = async (name: string, claimValue: string) =>
    (await soap('getUserList', { claimUri: claim(name), claimValue })).returns;
  assert.deepEqual(await found('accountLocked', 'true'), ['bea']);
  assert.deepEqual(await found('failedLoginAttempts', '3'), ['maya']);
  const listed = await scim('GET', `/Users?filter=${encodeURIComponent(`${ACCOUNT}:accountLocked eq true`)}`);
  assert.equal(listed.body['totalResults'], 1);
});

test('no SCIM request unlocks an account: not by PUT, PATCH, Bulk, /Me or SCIM 1.1', async () => {
  const tenant = await withUser();
  const { scim, id, set, user, authorization } = tenant;
  const scim1 = sender(`${provost.url}/scim/v1`, { authorization });
  await set('accountLocked', 'true');
  await set('emailVerified', 'false');
  const forged = { accountLocked: false, emailVerified: true };
  const body = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ACCOUNT],
    userName: 'maya',
    [ACCOUNT]: forged,
  };
  const operations = [
    { op: 'remove', path: ACCOUNT },
    { op: 'replace', value: { [ACCOUNT]: forged } },
  ];
  await scim('PUT', `/Users/${id}`, body);
  await scim('PUT', `/Users/${id}`, { schemas: body.schemas.slice(0, 1), userName: 'maya' });
  await scim('PATCH', `/Users/${id}`, replacing(`${ACCOUNT}:accountLocked`, false));
  for (const operation of operations)
    await scim('PATCH', `/Users/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [operation, { op: 'replace', path: 'title', value: 'Dr' }],
    });
  await scim('POST', '/Bulk', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: [{ method: 'PUT', path: `/Users/${id}`, data: body }],
  });
  await scim1('PUT', `/Users/${id}`, { schemas: ['urn:scim:schemas:core:1.0'], userName: 'maya', [ACCOUNT]: forged });
  await scim1('PATCH', `/Users/${id}`, { schemas: ['urn:scim:schemas:core:1.0'], [ACCOUNT]: forged });
  await scim1('PATCH', `/Users/${id}`, {
    schemas: ['urn:scim:schemas:core:1.0'],
    meta: { attributes: [`${ACCOUNT}:accountLocked`] },
  });
  assert.deepEqual((await user())[ACCOUNT], { accountLocked: true, emailVerified: false });
  const made = await scim('POST', '/Users', { ...body, userName: 'bea', [ACCOUNT]: { emailVerified: true } });
  assert.deepEqual([made.status, made.body[ACCOUNT]], [201, undefined]);
});

test('a lock is a change like any other, and no target is called for it', async (t) => {
  const sandbox: SandboxTarget = await startSandboxTarget({ host: '127.0.0.1', port: 0, token: 'sandbox' });
  t.after(() => sandbox.stop());
  const { set, admin } = await withUser({ targets: [{ baseUrl: sandbox.url, token: 'sandbox' }] });
  const held = async () =>
    ((await (await fetch(sandbox.pageUrl)).json()) as { users: Record<string, unknown>[] }).users.find(
      (account) => account['userName'] === 'maya',
    );
  const before = await until('the account', held, (account) => account !== undefined);
  await set('accountLocked', 'true');
  const changes = await until(
    'the changes to settle',
    async () => (await admin('GET', '/changes')).body['items'] as { state: string; source: string }[],
    (items) => items.length === 2 && items.every(({ state }) => state === 'settled'),
  );
  assert.equal(changes[0]?.source, 'soap');
  assert.deepEqual(await held(), before);
});
