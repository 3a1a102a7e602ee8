import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathsOf, startAdmin } from './fixture.ts';

test('a platform administrator creates a tenant, which begins with the resident service provider', async (context) => {
  const { basicCaller, createTenant } = await startAdmin(context);
  const platform = await basicCaller(await createTenant('home'), ['platform-admin']);
  const created = await platform('POST', '/tenants', { id: 'acme', name: 'Acme Ltd' });

  assert.equal(created.status, 201);
  assert.equal(created.headers.get('location'), '/admin/v1/tenants/acme');
  assert.deepEqual(created.body, { id: 'acme', name: 'Acme Ltd', version: 1 });
  assert.deepEqual((await platform('GET', '/tenants/acme')).body, created.body);
  assert.deepEqual((await platform('GET', '/tenants/acme/service-providers')).body, {
    items: [
      {
        id: 'resident',
        name: 'Resident',
        resident: true,
        mode: 'persist-and-provision',
        userStore: 'PRIMARY',
        conformance: 'tolerant',
      },
    ],
  });
});

test('a new tenant gets its first administrator from a platform administrator', async (context) => {
  const { basicCaller, createTenant, callerWith } = await startAdmin(context);
  const platform = await basicCaller(await createTenant('home'), ['platform-admin']);
  await platform('POST', '/tenants', { id: 'acme', name: 'Acme' });
  const { body } = await platform('POST', '/tenants/acme/service-providers/resident/credentials', {
    kind: 'basic',
    scopes: ['scim'],
    roles: ['admin'],
  });
  const admin = callerWith(`Basic ${Buffer.from(`${body['id']}:${body['secret']}`).toString('base64')}`);

  assert.equal((await admin('POST', '/tenants/acme/identity-providers', { name: 'Okta' })).status, 201);
});

test('a tenant id that is taken or no slug is refused', async (context) => {
  const { basicCaller, createTenant } = await startAdmin(context);
  const platform = await basicCaller(await createTenant('home'), ['platform-admin']);
  const taken = await platform('POST', '/tenants', { id: 'home', name: 'Another' });

  assert.equal(taken.status, 409);
  assert.equal(taken.body['code'], 'UNIQUENESS');
  for (const id of ['', 'Acme', 'a_b', '-a', 'a-', 'a'.repeat(64), '../x', 'a/b']) {
    const refused = await platform('POST', '/tenants', { id, name: 'x' });
    assert.equal(refused.status, 400, id);
    assert.deepEqual(pathsOf(refused), ['id'], id);
  }
});

test('tenants are listed in pages by id', async (context) => {
  const { basicCaller, createTenant } = await startAdmin(context);
  for (const name of ['c', 'a', 'b']) await createTenant(name);
  const platform = await basicCaller(await createTenant('d'), ['platform-admin']);
  const first = await platform('GET', '/tenants?limit=3');
  const second = await platform('GET', `/tenants?limit=3&cursor=${first.body['next']}`);

  const ids = ({ body }: typeof first) => (body['items'] as { id: string }[]).map(({ id }) => id);
  assert.deepEqual([ids(first), ids(second)], [['a', 'b', 'c'], ['d']]);
  assert.equal(second.body['next'], undefined);
});

test('a platform administrator is told that a tenant does not exist', async (context) => {
  const { basicCaller, createTenant } = await startAdmin(context);
  const platform = await basicCaller(await createTenant('home'), ['platform-admin']);
  for (const path of ['/tenants/none', '/tenants/none/service-providers', '/tenants/none/identity-providers']) {
    const reply = await platform('GET', path);
    assert.equal(reply.status, 404, path);
    assert.equal(reply.body['code'], 'NOT_FOUND');
  }
});
