import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scim2Capabilities } from '../../../connectors/scim2/scim2-connector.ts';
import { scim2Settings } from '../../../connectors/scim2/settings.ts';
import { ProvostError } from '../../../domain/errors.ts';
import { DEFAULT_RETRY } from '../../../domain/policy.ts';
import { type Caller, pathsOf, startAdmin, textAt } from './fixture.ts';
import { SETTINGS, scim2, storedTarget, withIdentityProvider } from './with-identity-provider.ts';

const PLAIN_SCIM2 = { baseUrl: 'https://scim.example.com', authentication: { kind: 'none' } };

test('a target is created with defaults', async (context) => {
  const { admin, targets } = await withIdentityProvider(await startAdmin(context));
  const created = await admin('POST', targets, scim2());
  assert.equal(created.status, 201);
  assert.equal(created.headers.get('location'), `/admin/v1${targets}/${created.body['id']}`);
  const { id, ...rest } = created.body;
  assert.deepEqual(rest, {
    name: 'Okta users',
    connector: 'scim2',
    enabled: true,
    blocking: false,
    onFailure: 'park',
    deprovision: 'disable',
    resourceTypes: ['User'],
    matchBy: 'userName',
    mapping: { kind: 'like-for-like' },
    retry: DEFAULT_RETRY,
    concurrency: 10,
    settings: { url: SETTINGS.url, timeoutMs: 10_000, token: { set: true } },
  });
  assert.deepEqual((await admin('GET', `${targets}/${id}`)).body, created.body);
});

test('settings are checked by their connector, secrets included', async (context) => {
  const { admin, targets } = await withIdentityProvider(await startAdmin(context));
  const refused = await admin('POST', targets, scim2({ url: 'target', token: 'short', tokn: 'x' }));
  assert.deepEqual(pathsOf(refused).sort(), ['settings.token', 'settings.tokn', 'settings.url']);
  const unknown = await admin('POST', targets, { ...scim2(), connector: 'telepathy' });
  assert.deepEqual([unknown.status, pathsOf(unknown)], [400, ['connector']]);
});

test('each part of a target at fault is named with its path', async (context) => {
  const { admin, targets } = await withIdentityProvider(await startAdmin(context));
  const refused = await admin('POST', targets, {
    ...scim2(),
    onFailure: 'shrug',
    resourceTypes: ['User', 'Device'],
    matchBy: 'user name',
    concurrency: 0,
    retry: { initialIntervalMs: 5_000, maximumIntervalMs: 1_000 },
    mapping: {
      kind: 'rules',
      rules: [
        { target: 'userName', source: 'emails.value' },
        { target: 'userName' },
        { target: 'active', source: 'active', constant: true },
        { target: '__proto__.polluted', constant: 1 },
      ],
    },
  });
  assert.equal(refused.status, 400);
  assert.deepEqual(pathsOf(refused).sort(), [
    'concurrency',
    'mapping.rules[1].source',
    'mapping.rules[1].target',
    'mapping.rules[2].constant',
    'mapping.rules[3].target',
    'matchBy',
    'onFailure',
    'resourceTypes[1]',
    'retry.maximumIntervalMs',
  ]);
});

test('mapping rules are kept as they are given', async (context) => {
  const api = await startAdmin(context);
  const { tenant, admin, targets } = await withIdentityProvider(api);
  const rules = [
    { target: 'userName', source: 'emails.value', default: 'nobody@example.com' },
    { target: 'active', constant: false },
    { target: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department', source: 'title' },
  ];
  const created = await admin('POST', targets, { ...scim2(), mapping: { kind: 'rules', rules } });
  assert.deepEqual(created.body['mapping'], { kind: 'rules', rules });
  const stored = await storedTarget(api, tenant, textAt(created, 'id'));
  assert.deepEqual(stored.mapping, { kind: 'rules', rules });
});

test('a target keeps its connector and its id', async (context) => {
  const { admin, targets } = await withIdentityProvider(
    await startAdmin(context, {
      findConnectorType: () => ({
        settings: { safeParse: (data: object) => ({ success: true, data }) } as never,
        secrets: [],
        capabilities: () => scim2Capabilities(scim2Settings.parse(PLAIN_SCIM2)),
      }),
    }),
  );
  const id = textAt(await admin('POST', targets, scim2({})), 'id');
  const refused = await admin('PUT', `${targets}/${id}`, { ...scim2({}), connector: 'ldap' });
  assert.deepEqual([refused.status, pathsOf(refused)], [400, ['connector']]);
  assert.equal((await admin('PUT', `${targets}/${id}`, { ...scim2({}), id: 'other' })).status, 400);
});

test('what a service provider provisions to is only deleted by force, which removes the references', async (context) => {
  const { base, admin, provider, targets } = await withIdentityProvider(await startAdmin(context));
  const id = textAt(await admin('POST', targets, scim2()), 'id');
  const hr = textAt(await admin('POST', `${base}/service-providers`, { name: 'HR', outbound: [provider] }), 'id');

  for (const path of [`${targets}/${id}`, `${base}/identity-providers/${provider}`]) {
    for (const query of ['', '?force=false']) {
      const refused = await admin('DELETE', path + query);
      assert.deepEqual([refused.status, refused.body['code']], [409, 'IN_USE']);
      assert.deepEqual(pathsOf(refused), [`service-providers/${hr}`]);
    }
    assert.equal((await admin('DELETE', `${path}?force=true`)).status, 204);
    assert.equal((await admin('GET', path)).status, 404);
  }
  assert.deepEqual((await admin('GET', `${base}/service-providers/${hr}`)).body['outbound'], []);
});

test('what nobody provisions to is deleted at once', async (context) => {
  const { base, admin, provider, targets } = await withIdentityProvider(await startAdmin(context));
  const id = textAt(await admin('POST', targets, scim2()), 'id');
  assert.equal((await admin('DELETE', `${targets}/${id}`)).status, 204);
  assert.equal((await admin('DELETE', `${base}/identity-providers/${provider}`)).status, 204);
});

test('testing a target tells whether it works, and if not why', async (context) => {
  const outcomes: (() => void)[] = [];
  const asked: string[] = [];
  const { admin, targets, base, tenant } = await withIdentityProvider(
    await startAdmin(context, {
      testTarget: async (given, target) => {
        asked.push(`${given} ${target.id}`);
        outcomes.shift()?.();
      },
    }),
  );
  const id = textAt(await admin('POST', targets, scim2()), 'id');
  const attempt = (caller: Caller) => caller('POST', `${targets}/${id}/test`);

  assert.deepEqual((await attempt(admin)).body, { ok: true });
  outcomes.push(() => {
    throw new ProvostError('TARGET_UNAUTHORISED', 'The target did not accept the token.', {
      targetStatus: 401,
      targetDetail: 'bad token',
    });
  });
  const failed = await attempt(admin);
  assert.equal(failed.status, 200);
  assert.deepEqual(failed.body, {
    ok: false,
    error: {
      code: 'TARGET_UNAUTHORISED',
      message: 'The target did not accept the token.',
      targetStatus: 401,
      targetDetail: 'bad token',
    },
  });
  assert.deepEqual(asked, [`${tenant} ${id}`, `${tenant} ${id}`]);
  assert.equal((await admin('POST', `${base}/identity-providers/none/targets/${id}/test`)).status, 404);
});
