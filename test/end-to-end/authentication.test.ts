import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { until } from '../until.ts';
import { ADMIN } from './environment.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type Issuer, startIssuer } from './issuer.ts';
import { type Answer, basicAuthorization, newTenant, type Send, sender, type TestTenant } from './tenant.ts';

const AUDIENCE = 'https://provost.example.com';

let provost: TestInstallation;
let issuer: Issuer;
let entra: Issuer;
let shared: Issuer;
let tenant: TestTenant;
let client: { readonly id: string; readonly secret: string };

before(async () => {
  issuer = await startIssuer(AUDIENCE);
  [entra, shared] = [await startIssuer(AUDIENCE), await startIssuer(AUDIENCE)];
  const trusted = ({ issuer, jwksUri }: Issuer, tenants: readonly string[], more: object = {}) => ({
    issuer,
    jwksUri,
    audience: AUDIENCE,
    tenants,
    ...more,
  });
  const issuers = [
    trusted(issuer, ['ours']),
    trusted(entra, ['ours'], { clientIdClaim: 'azp', tokenType: 'jwt' }),
    trusted(shared, ['ours', 'others', 'default'], { tenantClaim: 'org' }),
  ];
  provost = await startInstallation({ env: { PROVOST_TRUSTED_ISSUERS: JSON.stringify(issuers) } });
  tenant = await newTenant(provost.url, { id: 'ours' });
  client = await newClient(['scim']);
});
after(async () => {
  await provost.stop();
  for (const each of [issuer, entra, shared]) await each.stop();
});

async function newClient(scopes: readonly string[]): Promise<{ readonly id: string; readonly secret: string }> {
  const path = `/service-providers/${tenant.serviceProvider}/credentials`;
  const { status, text, body } = await tenant.admin('POST', path, { kind: 'client', scopes });
  assert.equal(status, 201, text);
  return { id: String(body['id']), secret: String(body['secret']) };
}

async function tokenOf({ id, secret }: typeof client, scope?: string): Promise<string> {
  const answer = await fetch(`${provost.url}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: basicAuthorization(id, secret) },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) }),
  });
  const body = (await answer.json()) as { access_token: string };
  assert.equal(answer.status, 200, JSON.stringify(body));
  return body.access_token;
}

const as = (authorization: string): Send => sender(`${provost.url}/scim/v2`, { authorization });
const bearing = (token: string): Send => as(`Bearer ${token}`);

function isUnauthenticated({ status, headers, body, text }: Answer, why: string): void {
  assert.equal(status, 401, `${why}: ${text}`);
  assert.match(headers.get('www-authenticate') ?? '', /Basic realm=.*Bearer realm=/, why);
  assert.match(headers.get('content-type') ?? '', /^application\/scim\+json/, why);
  assert.deepEqual(body['schemas'], ['urn:ietf:params:scim:api:messages:2.0:Error'], why);
  assert.equal(body['status'], '401', why);
}

test('a token of the own issuer lets its client do what its scopes say', async () => {
  const scim = bearing(await tokenOf(client));
  const created = await scim('POST', '/Users', { userName: 'by-token' });
  assert.equal(created.status, 201, created.text);
  assert.equal((await scim('GET', `/Users/${created.body['id']}`)).status, 200);
});

test('without credentials, or with wrong ones, nobody comes in and all refusals look alike', async () => {
  const answers = new Set<string>();
  for (const authorization of [
    undefined,
    'Basic',
    'Basic !!!',
    basicAuthorization(tenant.credential.id, 'wrong'),
    basicAuthorization('nobody', 'wrong'),
    basicAuthorization(client.id, client.secret),
    `Digest ${tenant.credential.id}`,
    'Bearer',
    'Bearer not-a-token',
  ]) {
    const scim = sender(`${provost.url}/scim/v2`, authorization === undefined ? {} : { authorization });
    const answer = await scim('GET', '/Users');
    isUnauthenticated(answer, authorization ?? 'none');
    answers.add(answer.text);
  }
  assert.equal(answers.size, 1);
});

test('a token of a trusted issuer counts for the client that is registered here', async () => {
  const scim = bearing(await issuer.token({ client_id: client.id, scope: 'scim' }));
  assert.equal((await scim('GET', '/Users')).status, 200);
  const byEntra = bearing(await entra.token({ azp: client.id, roles: ['scim'] }, { typ: 'JWT' }));
  assert.equal((await byEntra('GET', '/Users')).status, 200);
  isUnauthenticated(
    await bearing(await issuer.token({ client_id: 'stranger', scope: 'scim' }))('GET', '/Users'),
    'stranger',
  );
});

test('a client is named by the configured claim and by no other', async () => {
  for (const [what, token] of Object.entries({
    azp: await issuer.token({ azp: client.id, scope: 'scim' }),
    sub: await issuer.token({ sub: client.id, scope: 'scim' }),
    'client_id of an issuer with azp': await entra.token({ client_id: client.id, sub: client.id, scope: 'scim' }),
  }))
    isUnauthenticated(await bearing(token)('GET', '/Users'), what);
});

test('a token of a type that is not configured is refused, and ID tokens by whatever shows them', async () => {
  const claims = { client_id: client.id, scope: 'scim' };
  for (const typ of ['JWT', undefined, 'secevent+jwt'])
    isUnauthenticated(await bearing(await issuer.token(claims, { typ }))('GET', '/Users'), String(typ));

  const older = { azp: client.id, scope: 'scim' };
  for (const typ of ['JWT', undefined, 'at+jwt'])
    assert.equal((await bearing(await entra.token(older, { typ }))('GET', '/Users')).status, 200, String(typ));
  for (const [what, more] of Object.entries({
    nonce: { nonce: 'n-1' },
    at_hash: { at_hash: 'x' },
    'for its client': { aud: [AUDIENCE, client.id] },
    'typ among the claims': { typ: 'ID' },
    token_use: { token_use: 'id' },
  }))
    isUnauthenticated(await bearing(await entra.token({ ...older, ...more }, { typ: 'JWT' }))('GET', '/Users'), what);
});

test("an issuer's tokens count for the clients of its own tenants only", async () => {
  const foreign = await newTenant(provost.url, {});
  const place = `/service-providers/${foreign.serviceProvider}/credentials`;
  const theirs = (await foreign.admin('POST', place, { kind: 'client', id: 'payroll', scopes: ['scim'] })).body['id'];
  assert.equal(theirs, `payroll@${foreign.id}`);
  isUnauthenticated(
    await bearing(await issuer.token({ client_id: theirs, scope: 'scim' }))('GET', '/Users'),
    'a client of another tenant',
  );
});

test('an issuer of several tenants says which, and none takes over the client of another', async () => {
  const others = await newTenant(provost.url, { id: 'others' });
  const registered = { kind: 'client', id: 'crm-1', scopes: ['scim'] };
  for (const { admin, serviceProvider } of [tenant, others]) {
    const made = await admin('POST', `/service-providers/${serviceProvider}/credentials`, registered);
    assert.equal(made.status, 201, made.text);
  }
  const created = await tenant.scim('POST', '/Users', { userName: 'of-ours' });
  const seen = async (claims: object) =>
    (
      await bearing(await shared.token({ client_id: 'crm-1', scope: 'scim', ...claims }))(
        'GET',
        `/Users/${created.body['id']}`,
      )
    ).status;
  assert.deepEqual(
    [await seen({ org: 'ours' }), await seen({ org: 'others' }), await seen({ org: 'strangers' }), await seen({})],
    [200, 404, 401, 401],
  );
});

test('no token of another issuer administers the platform', async () => {
  const made = await tenant.platform('POST', '/tenants/default/service-providers/resident/credentials', {
    kind: 'client',
    id: 'platform-client',
    scopes: ['scim', 'admin'],
    roles: ['platform-admin', 'admin'],
  });
  assert.equal(made.status, 201, made.text);
  const claims = { client_id: 'platform-client', org: 'default', scope: 'scim admin' };
  const outside = { authorization: `Bearer ${await shared.token(claims)}` };
  const answers = (send: Send) => Promise.all([send('GET', '/tenants'), send('GET', '/tenants/default/changes')]);
  const statuses = async (headers: Readonly<Record<string, string>>) =>
    (await answers(sender(`${provost.url}/admin/v1`, headers))).map(({ status }) => status);
  assert.deepEqual(await statuses(outside), [403, 200]);
  const own = await tokenOf({ id: String(made.body['id']), secret: String(made.body['secret']) });
  assert.deepEqual(await statuses({ authorization: `Bearer ${own}` }), [200, 200]);
});

test('a token that is forged, meant for others or out of date is refused', async () => {
  const claims = { client_id: client.id, scope: 'scim' };
  const now = Math.floor(Date.now() / 1000);
  const good = await issuer.token(claims);
  assert.equal((await bearing(good)('GET', '/Users')).status, 200, 'the good one, to compare with');
  const [header = '', payload = '', signature = ''] = good.split('.');
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const publicPem = await exportSPKI(issuer.publicKey);
  const hs256 = `${encoded({ alg: 'HS256', kid: 'key-1', typ: 'at+jwt' })}.${payload}`;
  const stranger = await generateKeyPair('RS256');
  const forged: Readonly<Record<string, string>> = {
    expired: await issuer.token({ ...claims, iat: now - 600, exp: now - 300 }),
    'without expiry': await issuer.token({ ...claims, exp: undefined }),
    'not yet valid': await issuer.token({ ...claims, nbf: now + 300 }),
    'for another audience': await issuer.token({ ...claims, aud: 'https://other.example.com' }),
    'for no audience': await issuer.token({ ...claims, aud: undefined }),
    'of another issuer': await issuer.token({ ...claims, iss: 'https://other.example.com' }),
    'of no issuer': await issuer.token({ ...claims, iss: undefined }),
    'by an unknown key': await issuer.token(claims, { kid: 'key-2' }),
    'signed with none': `${encoded({ alg: 'none', kid: 'key-1' })}.${payload}.`,
    'signed with none, the signature left': `${encoded({ alg: 'none', kid: 'key-1' })}.${payload}.${signature}`,
    'signed with the public key as HMAC secret': `${hs256}.${createHmac('sha256', publicPem).update(hs256).digest('base64url')}`,
    "signed with a stranger's key": await new SignJWT({ ...claims, iss: issuer.issuer, aud: AUDIENCE, exp: now + 300 })
      .setProtectedHeader({ alg: 'RS256', kid: 'key-1' })
      .sign(stranger.privateKey),
    'with other claims under the same signature': `${header}.${encoded({ ...claims, iss: issuer.issuer, aud: AUDIENCE, exp: now + 9_999 })}.${signature}`,
    'cut off': good.slice(0, -10),
  };
  for (const [what, token] of Object.entries(forged)) isUnauthenticated(await bearing(token)('GET', '/Users'), what);
});

test('a token that was good is refused once it has expired', async () => {
  // jose tolerates five seconds between clocks.
  const now = Math.floor(Date.now() / 1000);
  const token = await issuer.token({ client_id: client.id, scope: 'scim', exp: now - 3 });
  assert.equal((await bearing(token)('GET', '/Users')).status, 200);
  await until(
    'the expiry',
    async () => (await bearing(token)('GET', '/Users')).status,
    (status) => status === 401,
  );
});

test('what the scopes do not allow is forbidden', async () => {
  const reader = await newClient(['scim:read']);
  const scim = bearing(await tokenOf(reader));
  assert.equal((await scim('GET', '/Users')).status, 200);
  const refused = await scim('POST', '/Users', { userName: 'forbidden' });
  assert.equal(refused.status, 403, refused.text);
  assert.deepEqual(refused.body['schemas'], ['urn:ietf:params:scim:api:messages:2.0:Error']);
  const narrowed = bearing(await issuer.token({ client_id: client.id, scope: 'scim:read' }));
  assert.equal((await narrowed('POST', '/Users', { userName: 'forbidden' })).status, 403);
  // More in the token than the client was granted here is not granted.
  const greedy = bearing(await issuer.token({ client_id: reader.id, scope: 'scim scim:write' }));
  assert.equal((await greedy('POST', '/Users', { userName: 'forbidden' })).status, 403);
  assert.equal((await tenant.scim('GET', '/Users?filter=userName%20eq%20%22forbidden%22')).body['totalResults'], 0);
});

test("credentials of one tenant open no other tenant's users", async () => {
  const other = await newTenant(provost.url, {});
  const created = await tenant.scim('POST', '/Users', { userName: 'ours' });
  assert.equal((await other.scim('GET', `/Users/${created.body['id']}`)).status, 404);
  const path = sender(`${provost.url}/t/${other.id}/scim2`, { authorization: tenant.authorization });
  assert.equal((await path('GET', '/Users')).status, 403);
  const own = sender(`${provost.url}/t/${tenant.id}/scim2`, { authorization: tenant.authorization });
  assert.equal((await own('GET', '/Users')).status, 200);
});

test('below /t/{tenant} a platform administrator reaches his own tenant alone, and learns of no other', async () => {
  const platform = { authorization: basicAuthorization(ADMIN.username, ADMIN.password) };
  for (const base of ['/scim2', '/scim/v2', '/wso2/scim', '/scim/v1']) {
    const answers = await Promise.all(
      [tenant.id, 'does-not-exist'].map((name) =>
        sender(`${provost.url}/t/${name}${base}`, platform)('POST', '/Users', { userName: 'astray' }),
      ),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [403, 403],
      base,
    );
    assert.equal(answers[0]?.text, answers[1]?.text);
    assert.equal((await sender(`${provost.url}/t/default${base}`, platform)('GET', '/Users')).status, 200, base);
  }
  const soap = (name: string) =>
    sender(`${provost.url}/t/${name}/services`, { ...platform, 'content-type': 'text/xml' })(
      'POST',
      '/RemoteUserStoreManagerService',
      '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
    );
  const [there, nowhere] = [await soap(tenant.id), await soap('does-not-exist')];
  assert.equal(there.text, nowhere.text);
  assert.match(there.text, /another tenant/);
  const listed = await sender(`${provost.url}/scim/v2`, platform)('GET', '/Users?filter=userName%20eq%20%22astray%22');
  assert.equal(listed.body['totalResults'], 0);
});

test('credentials that were removed let nobody in any more', async () => {
  const gone = await newClient(['scim']);
  const token = await tokenOf(gone);
  assert.equal((await bearing(token)('GET', '/Users')).status, 200);
  const path = `/service-providers/${tenant.serviceProvider}/credentials/${gone.id}`;
  assert.equal((await tenant.admin('DELETE', path)).status, 204);
  isUnauthenticated(await bearing(token)('GET', '/Users'), 'removed');
});
