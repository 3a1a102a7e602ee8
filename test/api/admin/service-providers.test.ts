import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathsOf, startAdmin, textAt } from './fixture.ts';

test('a service provider is created with defaults, read, replaced and deleted', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const created = await admin('POST', `${base}/service-providers`, { name: 'HR' });
  const path = `${base}/service-providers/${textAt(created, 'id')}`;

  assert.equal(created.status, 201);
  assert.equal(created.headers.get('location'), `/admin/v1${path}`);
  assert.deepEqual((await admin('GET', path)).body, {
    id: created.body['id'],
    name: 'HR',
    resident: false,
    mode: 'persist-and-provision',
    userStore: 'PRIMARY',
    conformance: 'tolerant',
  });
  const replaced = await admin('PUT', path, { name: 'HR', mode: 'persist', outbound: [], conformance: 'strict' });
  assert.deepEqual(
    [replaced.status, replaced.body['mode'], replaced.body['outbound'], replaced.body['conformance']],
    [200, 'persist', [], 'strict'],
  );
  assert.equal((await admin('DELETE', path)).status, 204);
  assert.equal((await admin('GET', path)).status, 404);
  assert.equal((await admin('PUT', path, { name: 'HR' })).status, 404, 'a PUT creates nothing');
});

test('the resident service provider can be edited and stays', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const edited = await admin('PUT', `${base}/service-providers/resident`, { name: 'Everybody else', mode: 'persist' });
  assert.deepEqual([edited.status, edited.body['resident']], [200, true]);

  const refused = await admin('DELETE', `${base}/service-providers/resident`);
  assert.deepEqual([refused.status, refused.body['code']], [400, 'MUTABILITY']);
  assert.equal((await admin('GET', `${base}/service-providers/resident`)).status, 200);
});

test('a reference to an identity provider that does not exist is refused with its path', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const okta = textAt(await admin('POST', `${base}/identity-providers`, { name: 'Okta' }), 'id');
  const refused = await admin('POST', `${base}/service-providers`, { name: 'HR', outbound: [okta, 'none'] });
  assert.equal(refused.status, 400);
  assert.deepEqual(pathsOf(refused), ['outbound[1]']);
  assert.equal((await admin('POST', `${base}/service-providers`, { name: 'HR', outbound: [okta] })).status, 201);
});

test('what goes with a service provider are its credentials, so that none counts as the resident one', async (context) => {
  const { tenantWithAdmin, callerWith } = await startAdmin(context);
  const { base, admin } = await tenantWithAdmin();
  const path = `${base}/service-providers/${textAt(await admin('POST', `${base}/service-providers`, { name: 'HR' }), 'id')}`;
  const { body } = await admin('POST', `${path}/credentials`, { kind: 'basic', scopes: ['scim'], roles: ['auditor'] });
  const client = callerWith(`Basic ${Buffer.from(`${body['id']}:${body['secret']}`).toString('base64')}`);
  assert.equal((await client('GET', `${base}/changes`)).status, 200);

  assert.equal((await admin('DELETE', path, undefined, { 'if-match': 'W/"1"' })).status, 412);
  assert.equal((await client('GET', `${base}/changes`)).status, 200, 'a refused deletion touches nothing');
  assert.equal((await admin('DELETE', path)).status, 204);
  assert.equal((await client('GET', `${base}/changes`)).status, 401);
});

test('a service provider with the credential of a platform administrator is deleted by a platform administrator alone', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const platform = await api.basicCaller(tenant, ['platform-admin']);
  const path = `${base}/service-providers/${textAt(await admin('POST', `${base}/service-providers`, { name: 'HR' }), 'id')}`;
  const strong = { kind: 'basic', scopes: [], roles: ['platform-admin'] };
  const { body } = await platform('POST', `${path}/credentials`, strong);
  const weak = (await admin('POST', `${path}/credentials`, { kind: 'basic', scopes: [], roles: ['auditor'] })).body;
  const holder = ({ id, secret }: typeof body) =>
    api.callerWith(`Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`);

  const refused = await admin('DELETE', path);
  assert.deepEqual([refused.status, refused.body['code']], [403, 'FORBIDDEN']);
  assert.equal((await admin('GET', path)).status, 200);
  assert.equal((await holder(weak)('GET', `${base}/changes`)).status, 200, 'a refused deletion touches nothing');
  // A token that does not carry the role is no more than an administrator.
  const narrowed = await api.bearerCaller(tenant, ['platform-admin', 'admin'], ['operate']);
  assert.equal((await narrowed('DELETE', path)).status, 403);
  assert.equal((await holder(body)('GET', '/tenants')).status, 200);
  assert.equal((await platform('DELETE', path)).status, 204);
  assert.equal((await holder(body)('GET', '/tenants')).status, 401);
});

test('all that is wrong with a request is named at once, with its path', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const refused = await admin('POST', `${base}/service-providers`, {
    name: ' ',
    mode: 'sometimes',
    userStore: 'LDAP',
    outbound: ['a', 'a'],
    colour: 'red',
  });
  assert.equal(refused.status, 400);
  assert.equal(refused.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  assert.deepEqual(pathsOf(refused).sort(), ['colour', 'mode', 'name', 'outbound', 'userStore']);
});
