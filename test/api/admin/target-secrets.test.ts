import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findConnectorType } from '../../../connectors/registry.ts';
import { asTargetId, asTenantId } from '../../../domain/ids.ts';
import type { Target } from '../../../domain/policy.ts';
import { targetSecretContext } from '../../../domain/target-secret-context.ts';
import { pathsOf, startAdmin, textAt } from './fixture.ts';
import { SECRET, SETTINGS, scim2, storedTarget, withIdentityProvider } from './with-identity-provider.ts';

test('a secret setting is stored sealed, for its place alone', async (context) => {
  const api = await startAdmin(context);
  const { tenant, admin, targets } = await withIdentityProvider(api);
  const id = textAt(await admin('POST', targets, scim2()), 'id');
  const { sealedSecrets, settings } = await storedTarget(api, tenant, id);
  const place = targetSecretContext(tenant, { id: asTargetId(id), settings }, 'token');

  assert.equal(place, `acme/targets/${id}/token for https://target.example`);
  assert.deepEqual(Object.keys(settings).sort(), ['timeoutMs', 'url']);
  assert.equal(api.sealer.unseal(sealedSecrets['token'] ?? '', place), SECRET);
  assert.throws(() => api.sealer.unseal(sealedSecrets['token'] ?? '', `globex/targets/${id}/token`));
});

test('no answer and no document ever holds a secret in clear', async (context) => {
  const api = await startAdmin(context);
  const { base, admin, targets, provider } = await withIdentityProvider(api);
  const id = textAt(await admin('POST', targets, scim2()), 'id');
  const replies = [
    await admin('PUT', `${targets}/${id}`, scim2()),
    await admin('PUT', `${targets}/${id}`, scim2({ ...SETTINGS, url: 'no url' })),
    await admin('PUT', `${targets}/${id}`, scim2({ ...SETTINGS, Token: SECRET })),
    await admin('PUT', `${targets}/${id}`, { ...scim2({ url: SETTINGS.url }), token: SECRET }),
    await admin('POST', targets, scim2({ url: SETTINGS.url, token: [SECRET] })),
    await admin('GET', targets),
    await admin('GET', `${targets}/${id}`),
    await admin('GET', `${base}/identity-providers`),
    await admin('GET', `${base}/identity-providers/${provider}`),
    await admin('POST', `${targets}/${id}/test`),
  ];
  const { sealedSecrets } = await storedTarget(api, asTenantId('acme'), id);
  for (const { text } of replies) {
    assert.ok(!text.includes(SECRET), text);
    assert.ok(!text.includes(sealedSecrets['token'] ?? 's1.'), 'nor sealed');
  }
  const documents = await api.connection.collection('policies').find({}).toArray();
  assert.ok(documents.length > 2 && !JSON.stringify(documents).includes(SECRET));
});

test('a secret that a PUT leaves out, or sends back as it was shown, is kept; null removes it', async (context) => {
  const api = await startAdmin(context);
  const { tenant, admin, targets } = await withIdentityProvider(api);
  const created = await admin('POST', targets, scim2());
  const id = textAt(created, 'id');
  const sealedFirst = (await storedTarget(api, tenant, id)).sealedSecrets['token'];
  const { id: _id, ...shown } = created.body;

  const sentBack = await admin('PUT', `${targets}/${id}`, { ...shown, name: 'Renamed' });
  assert.deepEqual([sentBack.status, sentBack.body['name']], [200, 'Renamed']);
  assert.deepEqual(sentBack.body['settings'], shown['settings']);
  assert.equal((await storedTarget(api, tenant, id)).sealedSecrets['token'], sealedFirst);

  await admin('PUT', `${targets}/${id}`, scim2({ url: 'https://TARGET.example:443/scim/v3' }));
  assert.equal((await storedTarget(api, tenant, id)).sealedSecrets['token'], sealedFirst);

  await admin('PUT', `${targets}/${id}`, scim2({ ...SETTINGS, token: 'another-secret' }));
  const stored = await storedTarget(api, tenant, id);
  const sealed = stored.sealedSecrets['token'] ?? '';
  assert.equal(api.sealer.unseal(sealed, targetSecretContext(tenant, stored, 'token')), 'another-secret');

  const removed = await admin('PUT', `${targets}/${id}`, scim2({ ...SETTINGS, token: null }));
  assert.deepEqual(removed.body['settings'], { url: SETTINGS.url, timeoutMs: 10_000 });
  assert.deepEqual((await storedTarget(api, tenant, id)).sealedSecrets, {});
});

test('a secret goes to no other address than the one that it was given for', async (context) => {
  const tested: Target[] = [];
  const api = await startAdmin(context, {
    testTarget: async (_tenant, target) => {
      tested.push(target);
    },
  });
  const { tenant, admin, targets } = await withIdentityProvider(api);
  const created = await admin('POST', targets, scim2());
  const path = `${targets}/${textAt(created, 'id')}`;
  const before = await storedTarget(api, tenant, textAt(created, 'id'));
  const addresses = ['https://elsewhere.example', 'http://target.example', 'https://target.example:8443/scim/v2'];
  for (const url of addresses)
    for (const token of [undefined, { set: true }]) {
      const refused = await admin('PUT', path, scim2({ url, token }));
      assert.deepEqual([refused.status, pathsOf(refused)], [400, ['settings.token']], url);
      assert.match(refused.text, /Send this secret again/);
    }
  assert.deepEqual(await storedTarget(api, tenant, textAt(created, 'id')), before);
  const [url = ''] = addresses;
  assert.equal((await admin('PUT', path, scim2({ url, token: null }))).status, 200);
  assert.equal((await admin('PUT', path, scim2({ url, token: 'another-secret' }))).status, 200);
  assert.equal((await admin('POST', `${path}/test`)).status, 200);
  const [target] = tested;
  assert(target !== undefined);
  const place = targetSecretContext(tenant, { ...target, settings: before.settings }, 'token');
  assert.throws(() => api.sealer.unseal(target.sealedSecrets['token'] ?? '', place));
});

test('a placeholder without a kept secret behind it is refused', async (context) => {
  const { admin, targets } = await withIdentityProvider(await startAdmin(context));
  const refused = await admin('POST', targets, scim2({ ...SETTINGS, password: { set: true } }));
  assert.equal(refused.status, 400);
  assert.deepEqual(pathsOf(refused), ['settings.password']);
});

test("a real connector's settings are checked, and its authentication is sealed as a whole", async (context) => {
  const { admin, targets } = await withIdentityProvider(await startAdmin(context, { findConnectorType }));
  const baseUrl = 'https://target.example/scim/v2';
  const authentication = { kind: 'basic', username: 'provost', password: SECRET };
  const created = await admin('POST', targets, scim2({ baseUrl, authentication }));
  assert.equal(created.status, 201, created.text);
  assert.ok(!created.text.includes(SECRET) && !created.text.includes('"provost"'));
  const path = `${targets}/${created.body['id']}`;
  const { id: _id, ...shown } = created.body;
  assert.equal((await admin('PUT', path, shown)).status, 200, 'what was read can be sent back');
  assert.equal((await admin('PUT', path, scim2({ baseUrl }))).status, 200);

  const refused = await admin('PUT', path, scim2({ baseUrl, authentication: { kind: 'bearer' }, pasword: SECRET }));
  assert.deepEqual(pathsOf(refused).sort(), ['settings.authentication.token', 'settings.pasword']);
  const removed = await admin('PUT', path, scim2({ baseUrl, authentication: null }));
  assert.deepEqual([removed.status, pathsOf(removed)], [400, ['settings.authentication']], 'it cannot do without');
});
