import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type Issuer, startIssuer } from './issuer.ts';
import {
  basicAuthorization,
  newTenant,
  patchOf,
  replacing,
  sender,
  type TenantWish,
  type TestTenant,
} from './tenant.ts';

const AUDIENCE = 'https://provost.example.com';

let provost: TestInstallation;
let issuer: Issuer;
before(async () => {
  issuer = await startIssuer(AUDIENCE);
  const trusted = { issuer: issuer.issuer, audience: AUDIENCE, jwksUri: issuer.jwksUri, tenants: ['people', 'others'] };
  provost = await startInstallation({ env: { PROVOST_TRUSTED_ISSUERS: JSON.stringify([trusted]) } });
});
after(async () => {
  await provost.stop();
  await issuer.stop();
});

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PASSWORD = 'correct horse battery staple';

/** A tenant with one person, and the person as a caller by his own name and password. */
async function withPerson(more: object = {}, wish: TenantWish = {}) {
  const tenant = await newTenant(provost.url, { mode: 'persist', ...wish });
  const person = { userName: 'Ada@example.com', password: PASSWORD, title: 'Clerk', ...more };
  const created = await tenant.scim('POST', '/Users', person);
  assert.equal(created.status, 201, created.text);
  const id = String(created.body['id']);
  return { tenant, id, path: `/Users/${id}`, self: asSelf(tenant, 'ada@example.com', PASSWORD) };
}

const asSelf = (tenant: TestTenant, userName: string, password: string, base = '/scim/v2') =>
  sender(`${provost.url}${base}`, { authorization: basicAuthorization(`${userName}@${tenant.id}`, password) });

/** A caller by a credential that belongs to a user. */
async function withCredential(tenant: TestTenant, user: string, scopes: readonly string[]) {
  const made = await tenant.admin('POST', `/service-providers/${tenant.serviceProvider}/credentials`, {
    kind: 'basic',
    scopes,
    user,
  });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.body['user'], user);
  return sender(`${provost.url}/scim/v2`, {
    authorization: basicAuthorization(String(made.body['id']), String(made.body['secret'])),
  });
}

test('a person reads himself as /Me by his own name and password, at the location of his own', async () => {
  const { self, path, tenant, id } = await withPerson();
  const me = await self('GET', '/Me');
  assert.equal(me.status, 200, me.text);
  assert.deepEqual([me.body['id'], me.body['userName']], [id, 'Ada@example.com']);
  const meta = me.body['meta'] as Record<string, unknown>;
  assert.ok(String(meta['location']).endsWith(`/scim/v2${path}`), String(meta['location']));
  assert.equal(me.headers.get('etag'), meta['version']);
  assert.deepEqual((await self('GET', '/Me?attributes=title')).body['title'], 'Clerk');
  assert.equal((await self('HEAD', '/Me')).status, 200);
  assert.equal((await self('GET', '/Me', undefined, { 'if-none-match': String(meta['version']) })).status, 304);
  for (const base of ['/scim2', `/t/${tenant.id}/scim2`])
    assert.equal((await asSelf(tenant, 'Ada@example.com', PASSWORD, base)('GET', '/me/')).status, 200, base);
});

test('a person changes what is his own by PATCH and PUT, his password too', async () => {
  const { self, tenant, path } = await withPerson();
  const patched = await self('PATCH', '/Me', replacing('nickName', 'Countess'));
  assert.deepEqual([patched.status, patched.body['nickName']], [200, 'Countess'], patched.text);
  assert.ok(String(patched.headers.get('location')).endsWith(path));
  const renewed = await self('PATCH', '/Me', replacing('password', 'another good password'));
  assert.equal(renewed.status, 200, renewed.text);
  assert.equal((await self('GET', '/Me')).status, 401, 'the old one is worth nothing');
  const again = asSelf(tenant, 'ada@example.com', 'another good password');
  const put = await again('PUT', '/Me', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'ada@example.com',
    displayName: 'Ada',
  });
  assert.equal(put.status, 200, put.text);
  assert.deepEqual([put.body['displayName'], put.body['title'], put.body['nickName']], ['Ada', undefined, undefined]);
});

test('a person cannot give himself rights: a PATCH of them is refused, a PUT leaves them as they are', async () => {
  const { self, tenant, path } = await withPerson({ roles: [{ value: 'reader' }], [ENTERPRISE]: { department: 'IT' } });
  for (const operation of [
    { op: 'add', path: 'roles', value: [{ value: 'admin' }] },
    { op: 'replace', path: 'userName', value: 'root' },
    { op: 'replace', path: 'active', value: true },
    { op: 'add', value: { entitlements: [{ value: 'all' }] } },
    { op: 'replace', path: `${ENTERPRISE}:department`, value: 'Board' },
    { op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:externalId', value: 'x' },
    { op: 'remove', path: 'roles[value eq "reader"]' },
  ]) {
    const refused = await self('PATCH', '/Me', patchOf(operation));
    assert.equal(refused.status, 403, `${JSON.stringify(operation)} ${refused.text}`);
  }
  const put = await self('PUT', '/Me', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'root',
    active: false,
    roles: [{ value: 'admin' }],
    nickName: 'Boss',
    [ENTERPRISE]: { department: 'Board' },
  });
  assert.equal(put.status, 200, put.text);
  const now = (await tenant.scim('GET', path)).body;
  assert.deepEqual(
    [now['userName'], now['active'], now['roles'], now['nickName'], now[ENTERPRISE]],
    ['Ada@example.com', true, [{ value: 'reader' }], 'Boss', { department: 'IT' }],
  );
});

test('by what others know a person is closed to them until the tenant opens it', async () => {
  const email = [{ value: 'ada@example.com', type: 'work' }];
  const target = {
    baseUrl: 'http://127.0.0.1:9/scim',
    token: 'token-of-the-target',
    enabled: false,
    matchBy: 'nickName',
    mapping: {
      kind: 'like-for-like',
      rules: [{ target: 'nickName', expression: 'resource.title + "/" + resource.preferredLanguage' }],
    },
    scope: { User: 'resource.timezone == "Europe/Berlin"' },
  };
  const given = { emails: email, phoneNumbers: [{ value: '1' }], preferredLanguage: 'de' };
  const { self, tenant, path } = await withPerson(given, { targets: [target] });
  const closed = {
    emails: [{ value: 'boss@example.com' }],
    'emails[type eq "work"].value': 'boss@example.com',
    phoneNumbers: [{ value: '2' }],
    x509Certificates: [{ value: 'AA==' }],
    title: 'Boss',
    preferredLanguage: 'en',
    timezone: 'Europe/Berlin',
  };
  const isRefused = async (attribute: string, value: unknown) => {
    const refused = await self('PATCH', '/Me', replacing(attribute, value));
    assert.equal(refused.status, 403, `${attribute} ${refused.text}`);
  };
  for (const [attribute, value] of Object.entries(closed)) await isRefused(attribute, value);
  await isRefused('urn:ietf:params:scim:schemas:core:2.0:User:emails', closed.emails);
  const put = await self('PUT', '/Me', { schemas: [USER], userName: 'x', ...closed, nickName: 'Countess' });
  assert.equal(put.status, 200, put.text);
  const now = (await tenant.scim('GET', path)).body;
  assert.deepEqual(
    [now['emails'], now['phoneNumbers'], now['title'], now['preferredLanguage'], now['timezone'], now['nickName']],
    [email, [{ value: '1' }], 'Clerk', 'de', undefined, 'Countess'],
  );

  const opened = await tenant.admin('PUT', '/self-service', { open: ['phoneNumbers', 'title'] });
  assert.equal(opened.status, 200, opened.text);
  assert.deepEqual(
    ['phoneNumbers', 'title', 'emails'].map((name) => (opened.body['closed'] as string[]).includes(name)),
    [false, false, true],
  );
  assert.equal((await self('PATCH', '/Me', replacing('phoneNumbers', closed.phoneNumbers))).status, 200);
  assert.equal((await self('PATCH', '/Me', replacing('title', 'Boss'))).status, 200);
  await isRefused('emails', closed.emails);
  const refused = await tenant.admin('PUT', '/self-service', { open: ['roles', 'emailz'] });
  assert.deepEqual([refused.status, (refused.body['errors'] as unknown[]).length], [400, 2]);
});

test('beyond /Me a person by his own password sees and does nothing', async () => {
  const { self, path } = await withPerson();
  for (const [method, where] of [
    ['GET', '/Users'],
    ['GET', path],
    ['GET', '/Groups'],
    ['GET', '/'],
    ['PATCH', path],
    ['DELETE', path],
    ['DELETE', '/Me'],
    ['POST', '/Users'],
  ] as const) {
    const body = method === 'PATCH' ? replacing('title', 'x') : method === 'POST' ? { userName: 'x' } : undefined;
    const refused = await self(method, where, body);
    assert.equal(refused.status, 403, `${method} ${where} ${refused.text}`);
  }
});

test('wrong passwords, people without one, the inactive and other tenants are 401', async () => {
  const { tenant, self, path } = await withPerson();
  await tenant.scim('POST', '/Users', { userName: 'bare' });
  const other = await newTenant(provost.url, { mode: 'persist' });
  for (const caller of [
    asSelf(tenant, 'ada@example.com', 'wrong'),
    asSelf(tenant, 'nobody', PASSWORD),
    asSelf(tenant, 'bare', ''),
    asSelf(other, 'ada@example.com', PASSWORD),
  ])
    assert.equal((await caller('GET', '/Me')).status, 401);
  assert.equal((await self('GET', '/Me')).status, 200);
  await tenant.scim('PATCH', path, replacing('active', false));
  assert.equal((await self('GET', '/Me')).status, 401);
});

test('a credential can be a user’s: it reads and changes him, and deletes him where it may write', async () => {
  const { tenant, id } = await withPerson();
  const reader = await withCredential(tenant, id, []);
  assert.equal((await reader('GET', '/Me')).body['id'], id);
  assert.equal((await reader('DELETE', '/Me')).status, 403);
  const writer = await withCredential(tenant, id, ['scim:write']);
  assert.equal((await writer('PATCH', '/Me', replacing('roles', [{ value: 'x' }]))).status, 200);
  await tenant.scim('PATCH', `/Users/${id}`, replacing('active', false));
  assert.equal((await writer('GET', '/Me')).status, 403, 'who is not active is refused');
  await tenant.scim('PATCH', `/Users/${id}`, replacing('active', true));
  assert.equal((await writer('DELETE', '/Me')).status, 204);
  const gone = await writer('GET', '/Me');
  assert.deepEqual([gone.status, /not a user here any more/.test(String(gone.body['detail']))], [403, true]);
  assert.equal((await writer('GET', '/Users')).status, 403, 'whose user is gone does nothing else either');
});

test('a new password takes the old one: a token or credential that speaks for a person sets none', async () => {
  const { tenant, id, self } = await withPerson({}, { id: 'others' });
  const place = `/service-providers/${tenant.serviceProvider}/credentials`;
  const client = (await tenant.admin('POST', place, { kind: 'client', scopes: ['scim'] })).body['id'];
  const bearer = sender(`${provost.url}/scim/v2`, {
    authorization: `Bearer ${await issuer.token({ client_id: client, scope: '', sub: id })}`,
  });
  const credential = await withCredential(tenant, id, []);
  for (const send of [bearer, credential]) {
    assert.equal((await send('PATCH', '/Me', replacing('nickName', 'Countess'))).status, 200);
    for (const refused of [
      await send('PATCH', '/Me', replacing('password', 'a password of my own')),
      await send('PATCH', '/Me', patchOf({ op: 'add', value: { password: 'a password of my own' } })),
      await send('PUT', '/Me', { schemas: [USER], userName: 'x', password: 'a password of my own' }),
    ])
      assert.equal(refused.status, 403, refused.text);
  }
  assert.equal((await self('GET', '/Me')).status, 200, 'the old one is good still');
  assert.equal((await self('PATCH', '/Me', replacing('password', 'a password of my own'))).status, 200);
});

test('a credential for a user who does not exist is refused', async () => {
  const tenant = await newTenant(provost.url);
  const path = `/service-providers/${tenant.serviceProvider}/credentials`;
  const refused = await tenant.admin('POST', path, { kind: 'basic', scopes: [], user: 'nobody' });
  assert.deepEqual([refused.status, (refused.body['errors'] as { path: string }[])[0]?.path], [400, 'user']);
});

test('a client without a person behind it gets 404 with a detail, POST is 501, other methods are 405', async () => {
  const { tenant, self } = await withPerson();
  const nobody = await tenant.scim('GET', '/Me');
  assert.deepEqual([nobody.status, nobody.body['status']], [404, '404']);
  assert.match(String(nobody.body['detail']), /no person behind these credentials/);
  const created = await self('POST', '/Me', { userName: 'x' });
  assert.deepEqual([created.status, created.body['status']], [501, '501']);
  const options = await self('OPTIONS', '/Me');
  assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS']);
});

test('a token of a trusted issuer speaks for the person in its subject, and for none where that is the client', async () => {
  const { tenant, id, path } = await withPerson({}, { id: 'people' });
  const place = `/service-providers/${tenant.serviceProvider}/credentials`;
  const client = (await tenant.admin('POST', place, { kind: 'client', scopes: ['scim'] })).body['id'];
  const by = async (claims: object) =>
    sender(`${provost.url}/scim/v2`, {
      authorization: `Bearer ${await issuer.token({ client_id: client, scope: '', ...claims })}`,
    });
  const self = await by({ sub: id });
  assert.equal((await self('GET', '/Me')).body['id'], id);
  assert.equal((await self('GET', path)).status, 403, 'his token has no scope');
  assert.equal((await self('PATCH', '/Me', replacing('nickName', 'Countess'))).status, 200);
  assert.equal((await (await by({ sub: client }))('GET', '/Me')).status, 404);
  assert.equal((await (await by({ sub: 'somebody' }))('GET', '/Me')).status, 404);
  const other = await withPerson();
  assert.equal(
    (await (await by({ sub: other.id }))('GET', '/Me')).status,
    404,
    'who is of another tenant is nobody here',
  );
});
