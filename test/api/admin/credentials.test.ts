import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_CREDENTIALS } from '../../../stores/credentials.ts';
import { type Admin, pathsOf, type Reply, startAdmin, textAt } from './fixture.ts';

const PLACE = '/service-providers/resident/credentials';

const asCaller = ({ callerWith }: Admin, { body }: Reply) =>
  callerWith(`Basic ${Buffer.from(`${body['id']}:${body['secret']}`).toString('base64')}`);

test('a credential works with the secret that was shown once, and nowhere is it shown again', async (context) => {
  const api = await startAdmin(context);
  const { base, admin } = await api.tenantWithAdmin();
  const made = await admin('POST', base + PLACE, { kind: 'basic', scopes: ['scim'], roles: ['auditor'] });
  const secret = textAt(made, 'secret');

  assert.equal(made.status, 201);
  assert.equal(made.headers.get('cache-control'), 'no-store');
  assert.equal(Buffer.from(secret, 'base64url').length, 32);
  assert.equal((await asCaller(api, made)('GET', `${base}/changes`)).status, 200);

  const listed = await admin('GET', base + PLACE);
  const found = (listed.body['items'] as Record<string, unknown>[]).find(({ id }) => id === made.body['id']);
  assert.deepEqual(Object.keys(found ?? {}).sort(), ['createdAt', 'id', 'kind', 'roles', 'scopes', 'serviceProvider']);
  assert.ok(!listed.text.includes(secret) && !listed.text.includes('argon2'));
});

test('a rotated credential has a new secret at once, and the old one is worth nothing', async (context) => {
  const api = await startAdmin(context);
  const { base, admin } = await api.tenantWithAdmin();
  const made = await admin('POST', base + PLACE, { kind: 'basic', id: 'hr-system', scopes: [], roles: ['auditor'] });
  await asCaller(api, made)('GET', `${base}/changes`);
  const rotated = await admin('POST', `${base}${PLACE}/hr-system/rotate`);

  assert.equal(rotated.status, 200);
  assert.deepEqual([rotated.body['id'], rotated.body['roles']], ['hr-system@acme', ['auditor']]);
  assert.notEqual(rotated.body['secret'], made.body['secret']);
  assert.equal((await asCaller(api, made)('GET', `${base}/changes`)).status, 401);
  assert.equal((await asCaller(api, rotated)('GET', `${base}/changes`)).status, 200);
});

test('a deleted credential stops working', async (context) => {
  const api = await startAdmin(context);
  const { base, admin } = await api.tenantWithAdmin();
  const made = await admin('POST', base + PLACE, { kind: 'basic', scopes: [], roles: ['auditor'] });
  await asCaller(api, made)('GET', `${base}/changes`);
  assert.equal((await admin('DELETE', `${base}${PLACE}/${made.body['id']}`)).status, 204);
  assert.equal((await asCaller(api, made)('GET', `${base}/changes`)).status, 401);
  assert.equal((await admin('DELETE', `${base}${PLACE}/${made.body['id']}`)).status, 404);
});

test("another tenant's credentials can be neither seen, rotated nor deleted", async (context) => {
  const api = await startAdmin(context);
  const { base, admin } = await api.tenantWithAdmin('acme');
  const other = await api.tenantWithAdmin('globex');
  await other.admin('POST', other.base + PLACE, { kind: 'client', id: 'theirs', scopes: ['scim'] });
  assert.ok(!(await admin('GET', base + PLACE)).text.includes('theirs'));
  assert.equal((await admin('POST', `${base}${PLACE}/theirs/rotate`)).status, 404);
  assert.equal((await admin('DELETE', `${base}${PLACE}/theirs`)).status, 404);
  assert.equal((await other.admin('GET', other.base + PLACE)).text.includes('theirs'), true);
});

test('an administrator cannot become a platform administrator, by a new credential or one that is there', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const platform = await api.basicCaller(tenant, ['platform-admin']);
  const elevated = { kind: 'basic', scopes: [], roles: ['platform-admin'] };

  assert.equal((await admin('POST', base + PLACE, elevated)).status, 403);
  assert.equal((await admin('POST', `${base}${PLACE}/${platform.id}/rotate`)).status, 403);
  assert.equal((await admin('DELETE', `${base}${PLACE}/${platform.id}`)).status, 403);
  assert.equal((await platform('POST', base + PLACE, elevated)).status, 201);
});

test('scopes, roles and ids outside what exists are refused with their paths', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const refused = await admin('POST', base + PLACE, {
    kind: 'basic',
    id: 'ann@example.com:x',
    scopes: ['scim', 'internal_user_mgt_view', 'everything'],
    roles: ['admin', 'emperor'],
    secret: 'of my own',
  });
  assert.equal(refused.status, 400);
  assert.deepEqual(pathsOf(refused).sort(), ['id', 'roles[1]', 'scopes[2]', 'secret']);
  assert.equal((await admin('POST', base + PLACE, { kind: 'basic' })).status, 400, 'scopes are said aloud');
});

test('a service provider has a bounded number of credentials', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const path = `${base}/service-providers/${textAt(await admin('POST', `${base}/service-providers`, { name: 'HR' }), 'id')}`;
  const serviceProvider = path.split('/').at(-1) ?? '';
  await api.connection.collection('credentials').insertMany(
    Array.from({ length: MOST_CREDENTIALS - 1 }, (_, index) => ({
      _id: `c-${index}`,
      ...{ tenant, serviceProvider, kind: 'basic', scopes: [], roles: [], secretHash: 'x', createdAt: '2026-01-01' },
    })) as never[],
  );
  const wanted = { kind: 'basic', scopes: [] };
  assert.equal((await admin('POST', `${path}/credentials`, wanted)).status, 201);
  const refused = await admin('POST', `${path}/credentials`, wanted);
  assert.deepEqual([refused.status, refused.body['code']], [400, 'TOO_MANY']);
  assert.equal((await admin('POST', `${base}${PLACE}`, wanted)).status, 201, 'another has its own number');
});
