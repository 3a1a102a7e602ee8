import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { createTenant } from '../../../api/admin/tenants/create-tenant.ts';
import { asServiceProviderId, asTenantId } from '../../../domain/ids.ts';
import { until } from '../../until.ts';
import { type Admin, type Caller, type Reply, startAdmin, textAt } from './fixture.ts';

const PLACE = '/service-providers/resident/credentials';
const CLIENT = { kind: 'client', id: 'okta-prod', scopes: ['scim', 'admin'], roles: ['admin'] };

async function tokenFor({ url }: Admin, { body }: Reply): Promise<string> {
  const answer = await fetch(`${url}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: String(body['id']),
      client_secret: String(body['secret']),
    }),
  });
  assert.equal(answer.status, 200);
  return ((await answer.json()) as { access_token: string }).access_token;
}

const bearing = ({ callerWith }: Admin, token: string): Caller => callerWith(`Bearer ${token}`);

/** A client of a tenant of its own, with a token that is known to work. */
async function withClient(api: Admin, name = 'acme') {
  const { tenant, base, admin } = await api.tenantWithAdmin(name);
  const client = await admin('POST', base + PLACE, CLIENT);
  assert.equal(client.status, 201, client.text);
  const token = await tokenFor(api, client);
  const bearer = bearing(api, token);
  assert.equal((await bearer('GET', base + PLACE)).status, 200);
  return { tenant, base, admin, client, token, bearer };
}

test("a deleted client's token works neither for whoever takes its name in another tenant nor in its own", async (context) => {
  const api = await startAdmin(context);
  const { base, admin, client, bearer } = await withClient(api);
  const other = await api.tenantWithAdmin('globex');
  const taken = await other.admin('POST', other.base + PLACE, CLIENT);
  assert.equal(taken.status, 201, 'the name is free there, before and after the deletion');

  assert.equal((await admin('DELETE', `${base}${PLACE}/${client.body['id']}`)).status, 204);
  assert.equal((await bearer('GET', base + PLACE)).status, 401);
  assert.equal((await bearer('GET', other.base + PLACE)).status, 401);
  assert.equal((await admin('POST', base + PLACE, CLIENT)).status, 201);
  assert.equal((await bearer('GET', base + PLACE)).status, 401, 'the new client of this name has tokens of its own');
});

test('a token ends when the secret of its client is rotated, and a new one is had with the new secret', async (context) => {
  const api = await startAdmin(context);
  const { base, admin, client, token, bearer } = await withClient(api);
  const rotated = await admin('POST', `${base}${PLACE}/${client.body['id']}/rotate`);
  assert.equal((await bearer('GET', base + PLACE)).status, 401);
  const renewed = await tokenFor(api, rotated);
  assert.equal((await bearing(api, renewed)('GET', base + PLACE)).status, 200);
  assert.notEqual(decodeJwt(renewed)['binding'], decodeJwt(token)['binding']);
});

test('a token says its tenant and the binding of its credential, which no answer shows', async (context) => {
  const api = await startAdmin(context);
  const { base, admin, tenant, token, client } = await withClient(api);
  const { binding, tenant: claimed, client_id } = decodeJwt(token);
  assert.deepEqual([claimed, client_id], [tenant, 'okta-prod@acme']);
  const listed = await admin('GET', base + PLACE);
  assert.ok(!listed.text.includes(String(binding)) && !client.text.includes(String(binding)));
});

test('a chosen name is free in every tenant that does not have it itself', async (context) => {
  const api = await startAdmin(context);
  const { base, admin, client } = await withClient(api);
  assert.equal(textAt(client, 'id'), 'okta-prod@acme');
  const again = await admin('POST', base + PLACE, CLIENT);
  assert.deepEqual([again.status, again.body['code']], [409, 'UNIQUENESS']);
  const other = await withClient(api, 'globex');
  assert.equal(textAt(other.client, 'id'), 'okta-prod@globex');
  // In paths the tenant is known already.
  assert.equal((await admin('POST', `${base}${PLACE}/okta-prod/rotate`)).body['id'], 'okta-prod@acme');
  assert.equal((await admin('DELETE', `${base}${PLACE}/okta-prod@globex`)).status, 404);
  assert.equal((await admin('DELETE', `${base}${PLACE}/okta-prod`)).status, 204);
  assert.equal((await other.bearer('GET', other.base + PLACE)).status, 200);
});

test('a bearer token of a chosen name has only characters that a bearer token may have', async (context) => {
  const api = await startAdmin(context);
  const { base, admin } = await api.tenantWithAdmin();
  const made = await admin('POST', base + PLACE, {
    kind: 'token',
    id: 'entra.1',
    scopes: ['audit'],
    roles: ['auditor'],
  });
  assert.equal(textAt(made, 'id'), 'entra.1@acme');
  assert.match(textAt(made, 'secret'), /^[A-Za-z0-9._~+/-]+=*$/);
  assert.equal((await bearing(api, textAt(made, 'secret'))('GET', `${base}/changes`)).status, 200);
});

test('a credential that older code stored keeps its name, and its tokens are bound from its next use on', async (context) => {
  const api = await startAdmin(context);
  const tenant = asTenantId('acme');
  await createTenant(api.policies, { id: tenant, name: 'Acme' }, { by: 'test', at: new Date().toISOString() });
  const { id, secret } = await api.basicCredential(tenant, ['admin']);
  await api.connection.collection('credentials').updateOne(
    { _id: id as never },
    {
      $unset: { binding: '' },
      $set: { kind: 'client', scopes: ['admin'] },
    },
  );
  const base = '/tenants/acme';
  const reply = { body: { id, secret } } as unknown as Reply;
  const token = await tokenFor(api, reply);
  const bearer = bearing(api, token);
  assert.equal((await bearer('GET', base + PLACE)).status, 200);

  // Its name is taken in its tenant, and in no other.
  const again = await bearer('POST', base + PLACE, { ...CLIENT, id });
  assert.equal(again.status, 409);
  const other = await api.tenantWithAdmin('globex');
  assert.equal((await other.admin('POST', other.base + PLACE, { ...CLIENT, id })).status, 201);
  assert.equal((await bearer('GET', base + PLACE)).status, 200);

  await api.credentials.remove(tenant, id);
  await api.credentials.add({
    id,
    tenant: asTenantId('globex'),
    kind: 'client',
    serviceProvider: asServiceProviderId('resident'),
    scopes: ['admin'],
    roles: ['admin'],
    secretHash: 'another',
    createdAt: new Date().toISOString(),
  });
  // Where another process deleted it, this one learns of it within two seconds.
  const seen = async () => (await bearer('GET', base + PLACE)).status;
  assert.equal(await until('the refusal', seen, (status) => status !== 200), 401);
});

test('a credential does not take the name by which a user signs in', async (context) => {
  const api = await startAdmin(context);
  const { base, tenant, admin } = await api.tenantWithAdmin();
  await api.addUser(tenant, 'Ada');
  const refused = await admin('POST', base + PLACE, { kind: 'basic', id: 'ada', scopes: ['scim'] });
  assert.deepEqual([refused.status, refused.body['code']], [409, 'UNIQUENESS']);
  const other = await api.tenantWithAdmin('globex');
  assert.equal(
    (await other.admin('POST', `${other.base}${PLACE}`, { kind: 'basic', id: 'ada', scopes: [] })).status,
    201,
  );
});
