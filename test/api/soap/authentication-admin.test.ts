import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { basicAuthorization, newTenant, sender } from '../../end-to-end/tenant.ts';
import { until } from '../../until.ts';
import { AXIS, soapClient } from './soap-client.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

const NAMESPACE = 'http://authentication.services.core.carbon.wso2.org';

/** Signs in as WSO2's clients do. @returns the cookie, or undefined where it was refused */
async function login(username: string, password: string, more: { path?: string; cookie?: string } = {}) {
  const soap = soapClient(`${provost.url}${more.path ?? ''}`, undefined);
  const reply = await soap(
    'login',
    { username, password, remoteAddress: '127.0.0.1' },
    {
      service: 'AuthenticationAdmin',
      namespace: NAMESPACE,
      headers: more.cookie === undefined ? {} : { cookie: more.cookie },
    },
  );
  assert.equal(reply.status, 200, reply.text);
  const header = reply.headers.get('set-cookie');
  assert.equal(reply.returns[0], String(header !== null));
  return header === null ? undefined : { header, cookie: header.split(';')[0] ?? '' };
}

async function signedIn() {
  const tenant = await newTenant(provost.url, { mode: 'persist' });
  const session = await login(tenant.credential.id, tenant.credential.secret);
  assert.ok(session !== undefined);
  return { ...tenant, ...session };
}

/** Calls by a cookie alone. */
const withCookie = (cookie: string, path = '') => {
  const soap = soapClient(`${provost.url}${path}`, undefined);
  return (...[operation, parameters, options]: Parameters<typeof soap>) =>
    soap(operation, parameters, { ...options, headers: { cookie, ...options?.headers } });
};

test('who signs in goes on with a cookie that scripts and other sites do not have, until they sign out', async () => {
  const { cookie, header } = await signedIn();
  assert.match(header, /; Path=\/; HttpOnly; SameSite=Strict$/);
  const soap = withCookie(cookie);
  assert.equal((await soap('addUser', { userName: 'maya', credential: 'Pw#12345' })).status, 202);
  assert.deepEqual((await soap('isExistingUser', { userName: 'maya' })).returns, ['true']);
  assert.equal(
    (await soap('listUsers', { filter: '*', limit: '5' }, { service: 'UserAdmin', namespace: AXIS })).status,
    200,
  );
  const options = { service: 'AuthenticationAdmin', namespace: NAMESPACE };
  const out = await soap('logout', {}, options);
  assert.equal(out.status, 202, out.text);
  assert.match(out.headers.get('set-cookie') ?? '', /^JSESSIONID=;/);
  assert.equal((await soap('isExistingUser', { userName: 'maya' })).status, 401);
  assert.equal((await soap('logout', {}, options)).status, 202, 'there is nothing to end');
});

test('sign-ins and sign-outs are in the trail of the tenant by ids alone; what failed, and what had ended, is not', async () => {
  const tenant = await signedIn();
  const auditing = { kind: 'basic', scopes: [], roles: ['auditor'] };
  const made = await tenant.admin('POST', `/service-providers/${tenant.serviceProvider}/credentials`, auditing);
  const auditor = sender(`${provost.url}/admin/v1/tenants/${tenant.id}`, {
    authorization: basicAuthorization(String(made.body['id']), String(made.body['secret'])),
  });
  const soap = soapClient(provost.url, tenant.authorization);
  await soap('addUser', { userName: 'maya', credential: 'Pw#12345' });
  const found = await tenant.scim('GET', '/Users?filter=userName%20eq%20%22maya%22');
  const [maya] = found.body['Resources'] as { id: string }[];

  const name = `maya@${tenant.id}`;
  assert.equal(await login(name, 'wrong'), undefined);
  const first = await login(name, 'Pw#12345');
  const second = await login(name, 'Pw#12345', { cookie: first?.cookie ?? '' });
  const logout = () =>
    withCookie(second?.cookie ?? '')('logout', {}, { service: 'AuthenticationAdmin', namespace: NAMESPACE });
  for (let time = 1; time <= 2; time += 1) assert.equal((await logout()).status, 202);

  const { body, text } = await auditor('GET', '/audit?limit=200');
  const entries = (body['items'] as { event: string; actor: string; facts: object }[])
    .filter(({ event }) => event.startsWith('signed-'))
    .map(({ event, actor, facts }) => [event, actor, facts]);
  const person = `user:${maya?.id}`;
  assert.deepEqual(entries, [
    ['signed-in', tenant.credential.id, { by: 'soap' }],
    ['signed-in', person, { by: 'soap' }],
    ['signed-in', person, { by: 'soap' }],
    ['signed-out', person, { by: 'soap' }],
    ['signed-out', person, { by: 'soap' }],
  ]);
  assert.ok(!text.includes('maya'), 'no name');
  assert.equal((await auditor('GET', '/audit/verify')).body['intact'], true);
});

test('a wrong name or password is false, and gives no cookie; guesses are slowed down', async () => {
  const { credential, id } = await newTenant(provost.url, { mode: 'persist' });
  for (const [username, password] of [
    [credential.id, 'wrong'],
    [credential.id, ''],
    ['', credential.secret],
    ['nobody@nowhere', 'x'],
  ] as const)
    assert.equal(await login(username, password), undefined);
  assert.equal(await login(credential.id, credential.secret, { path: '/t/another-tenant' }), undefined);
  assert.ok((await login(credential.id, credential.secret, { path: `/t/${id}` })) !== undefined);
  const guess = () =>
    soapClient(provost.url, undefined)(
      'login',
      { username: `guessed@${id}`, password: 'wrong' },
      { service: 'AuthenticationAdmin', namespace: NAMESPACE },
    );
  const slowed = await until('guesses to be slowed down', guess, ({ status }) => status === 429);
  assert.ok(Number(slowed.headers.get('retry-after')) > 0);
});

test('a session is of its tenant and counts for SOAP alone', async () => {
  const { cookie, id } = await signedIn();
  const other = await newTenant(provost.url);
  assert.equal((await withCookie(cookie, `/t/${id}`)('isReadOnly')).status, 200);
  assert.equal((await withCookie(cookie, `/t/${other.id}`)('isReadOnly')).status, 403);
  assert.equal((await sender(`${provost.url}/scim/v2`, { cookie })('GET', '/Users')).status, 401);
  assert.equal((await sender(`${provost.url}/admin/v1`, { cookie })('GET', '/tenants')).status, 401);
  const wrong = await withCookie(cookie)('isReadOnly', {}, { headers: { authorization: 'Basic bm9ib2R5Ong=' } });
  assert.equal(wrong.status, 401, 'what is sent with credentials is judged by them');
});

test('a page of another site cannot use a session, nor begin one', async () => {
  const { cookie, credential } = await signedIn();
  const soap = withCookie(cookie);
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
    assert.equal((await soap('addUser', { userName: 'evil', credential: 'x' }, { headers })).status, 403);
    const begun = await soapClient(provost.url, undefined)(
      'login',
      { username: credential.id, password: credential.secret },
      { service: 'AuthenticationAdmin', namespace: NAMESPACE, headers },
    );
    assert.deepEqual([begun.status, begun.headers.get('set-cookie')], [403, null]);
  }
  const untyped = await fetch(`${provost.url}/services/RemoteUserStoreManagerService`, {
    method: 'POST',
    headers: { cookie },
    body: new Blob(['<a/>']),
  });
  assert.equal(untyped.status, 415);
  assert.deepEqual((await soap('isExistingUser', { userName: 'evil' })).returns, ['false']);
});

test('a session ends with the credential, with its secret, and with the time', async () => {
  const tenant = await signedIn();
  const path = `/service-providers/${tenant.serviceProvider}/credentials`;
  const made = await tenant.admin('POST', path, { kind: 'basic', scopes: ['scim'], roles: [] });
  const { id, secret } = made.body as { id: string; secret: string };
  const [first, second] = [await login(id, secret), await login(id, secret)];
  assert.notEqual(first?.cookie, second?.cookie);
  const status = async (cookie = first?.cookie ?? '') => (await withCookie(cookie)('isReadOnly')).status;
  assert.deepEqual([await status(), await status(second?.cookie)], [200, 200]);
  const sessions = provost.mongo.collection('soap-sessions');
  await sessions.updateMany({ credential: id }, { $set: { expiresAt: new Date(Date.now() - 1) } });
  assert.equal(await status(), 401);
  const third = await login(id, secret);
  assert.equal(await status(third?.cookie), 200);
  const rotated = await tenant.admin('POST', `${path}/${id}/rotate`);
  assert.equal(rotated.status, 200, rotated.text);
  await until(
    'the old secret’s session to end',
    () => status(third?.cookie),
    (seen) => seen === 401,
  );
  const fourth = await login(id, String(rotated.body['secret']));
  assert.equal(await status(fourth?.cookie), 200);
  await tenant.admin('DELETE', `${path}/${id}`);
  await until(
    'the deleted credential’s session to end',
    () => status(fourth?.cookie),
    (seen) => seen === 401,
  );
  const kept = await sessions.find({ tenant: tenant.id }).toArray();
  assert.ok(kept.every((session) => !JSON.stringify(session).includes(tenant.cookie.split('=')[1] ?? '?')));
});

test('a person signs in by their own password, and no longer once locked', async () => {
  const tenant = await newTenant(provost.url, { mode: 'persist' });
  const soap = soapClient(provost.url, tenant.authorization);
  await soap('addUser', { userName: 'maya', credential: 'Pw#12345' });
  const name = `maya@${tenant.id}`;
  const session = await login(name, 'Pw#12345');
  assert.ok(session !== undefined);
  const own = withCookie(session.cookie);
  const options = { service: 'UserAdmin', namespace: AXIS };
  assert.equal((await own('getRolesOfCurrentUser', {}, options)).status, 200);
  assert.equal((await own('listUsers', { filter: '*' })).status, 403);
  const claimURI = 'http://wso2.org/claims/identity/accountLocked';
  const lock = (claimValue: string) => soap('setUserClaimValue', { userName: 'maya', claimURI, claimValue });
  assert.equal((await lock('true')).status, 202);
  assert.equal((await own('getRolesOfCurrentUser', {}, options)).status, 401);
  assert.equal(await login(name, 'Pw#12345'), undefined);
  assert.equal((await lock('false')).status, 202);
  const again = await login(name, 'Pw#12345');
  assert.ok(again !== undefined);
  await soap('updateCredentialByAdmin', { userName: 'maya', newCredential: 'Other#1' });
  assert.equal((await withCookie(again.cookie)('getRolesOfCurrentUser', {}, options)).status, 401);
});

test('an address that is https gives a cookie that is never sent in clear; a body without end is not read', async () => {
  const secure = await startInstallation({ env: { PROVOST_PUBLIC_URL: 'https://provost.example.com' } });
  try {
    const { credential } = await newTenant(secure.url, { mode: 'persist' });
    const options = { service: 'AuthenticationAdmin', namespace: NAMESPACE };
    const soap = soapClient(secure.url, undefined);
    const reply = await soap('login', { username: credential.id, password: credential.secret }, options);
    assert.match(reply.headers.get('set-cookie') ?? '', /; HttpOnly; Secure; SameSite=Strict$/);
    const long = await soap('login', { username: 'x'.repeat(20_000), password: 'x' }, options);
    assert.equal(long.status, 413);
  } finally {
    await secure.stop();
  }
});
