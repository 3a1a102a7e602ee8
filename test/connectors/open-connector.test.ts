import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Connector } from '../../connectors/connector.ts';
import { createTargetTest } from '../../connectors/target-test.ts';
import { asTargetId, asTenantId } from '../../domain/ids.ts';
import { DEFAULT_RETRY, type Target } from '../../domain/policy.ts';
import { targetSecretContext } from '../../domain/target-secret-context.ts';
import { parseNetwork } from '../../platform/network.ts';
import { createSealer } from '../../platform/seal.ts';
import { createTargetConnector } from '../../worker/target-connector.ts';
import { randomKeyRing } from '../platform/keys.ts';
import { failsWith, faultyTarget, listOf } from './faulty.ts';
import type { FaultyTarget } from './faulty-target.ts';
import { signal } from './scim2/sandbox-connector.ts';

const ACME = asTenantId('acme');
const LOOPBACK = [parseNetwork('127.0.0.0/8')].filter((network) => network !== undefined);
const sealer = createSealer(randomKeyRing('k1'));

/** A target as the administration API stores it. */
function targetAt(baseUrl: string, settings: Record<string, unknown> = {}): Target {
  const id = asTargetId('t1');
  const authentication = { kind: 'bearer', token: 'secret-token' };
  const sealedFor = targetSecretContext(ACME, { id, settings: { baseUrl, ...settings } }, 'authentication');
  return {
    id,
    name: 'Directory',
    connector: 'scim2',
    enabled: true,
    blocking: false,
    onFailure: 'park',
    deprovision: 'disable',
    resourceTypes: ['User'],
    matchBy: 'userName',
    mapping: { kind: 'like-for-like' },
    retry: DEFAULT_RETRY,
    concurrency: 1,
    settings: { baseUrl, ...settings },
    sealedSecrets: { authentication: sealer.seal(authentication, sealedFor) },
  };
}

/** Lists nobody, to whoever knows the token. */
const emptyTarget = (t: TestContext): Promise<FaultyTarget> =>
  faultyTarget(t, {
    behave: ({ headers }) => ({
      kind: 'answer',
      status: headers.authorization === 'Bearer secret-token' ? 200 : 401,
      body: listOf(),
    }),
  });

const find = (connector: Connector) => connector.find('User', { attribute: 'userName', value: 'ada' }, signal());

test('the worker reaches a target with its sealed credentials', async (t) => {
  const { url } = await emptyTarget(t);
  const connectorOf = createTargetConnector(sealer, LOOPBACK);
  assert.deepEqual(await find(connectorOf(ACME, targetAt(url))), []);
});

test('the worker reaches no internal address unless its network is allowed', async (t) => {
  const target = await emptyTarget(t);
  const connectorOf = createTargetConnector(sealer, []);
  await failsWith(find(connectorOf(ACME, targetAt(target.url))), 'TARGET_ADDRESS_FORBIDDEN');
  await failsWith(
    connectorOf(ACME, targetAt(target.url)).create('User', { userName: 'ada' }, signal()),
    'TARGET_ADDRESS_FORBIDDEN',
  );
  assert.equal(target.connections, 0);
});

test('a token endpoint at an internal address is refused like a target', async (t) => {
  const target = await emptyTarget(t);
  const given = targetAt(target.url);
  const authentication = {
    kind: 'oauth-client-credentials',
    tokenUrl: `${target.url}/token`,
    clientId: 'c',
    clientSecret: 's',
  };
  const context = targetSecretContext(ACME, given, 'authentication');
  const oauth = { ...given, sealedSecrets: { authentication: sealer.seal(authentication, context) } };
  await failsWith(find(createTargetConnector(sealer, [])(ACME, oauth)), 'TARGET_ADDRESS_FORBIDDEN');
  assert.equal(target.connections, 0);
});

test('secrets of another tenant or target do not open, and the error holds none of them', async (t) => {
  const { url } = await emptyTarget(t);
  const connectorOf = createTargetConnector(sealer, LOOPBACK);
  for (const [tenant, id] of [
    ['other', 't1'],
    ['acme', 't2'],
  ] as const) {
    const opening = async () => connectorOf(asTenantId(tenant), { ...targetAt(url), id: asTargetId(id) });
    await failsWith(opening(), 'TARGET_MISCONFIGURED', { path: 'settings.authentication' });
  }
});

test('a secret does not open at another address, nor in the form of an older release', async (t) => {
  const { url } = await emptyTarget(t);
  const connectorOf = createTargetConnector(sealer, LOOPBACK);
  const target = targetAt(url);
  const opening = async (settings: object, own: object = {}) =>
    connectorOf(ACME, { ...target, ...own, settings: { ...target.settings, ...settings } });
  await opening({ requestTimeoutMs: 5_000 });
  for (const baseUrl of ['https://elsewhere.example', url.replace('http:', 'https:'), 'http://127.0.0.1:1'] as const)
    await failsWith(opening({ baseUrl }), 'TARGET_MISCONFIGURED', { path: 'settings.authentication' });
  const older = sealer.seal({ kind: 'bearer', token: 'secret-token' }, 'acme/targets/t1/authentication');
  const sealedSecrets = { authentication: older };
  await failsWith(opening({}, { sealedSecrets }), 'TARGET_MISCONFIGURED', { path: 'settings.authentication' });
});

test('settings that the connector takes no more are told by their path', async (t) => {
  const { url } = await emptyTarget(t);
  const connectorOf = createTargetConnector(sealer, LOOPBACK);
  const opening = async (target: Target) => connectorOf(ACME, target);
  await failsWith(opening(targetAt(url, { update: 'post' })), 'TARGET_MISCONFIGURED', { path: 'settings.update' });
  await failsWith(opening({ ...targetAt(url), connector: 'fax' }), 'TARGET_MISCONFIGURED', { path: 'connector' });
});

test('the test of a target says whether it can be used, and why not', async (t) => {
  const target = await emptyTarget(t);
  const tester = createTargetTest(sealer, LOOPBACK);
  t.after(() => tester.close());
  await tester.test(ACME, targetAt(target.url));

  target.script({ kind: 'answer', status: 401 });
  await failsWith(tester.test(ACME, targetAt(target.url)), 'TARGET_UNAUTHORISED', { targetStatus: 401 });
  target.script({ kind: 'answer', status: 200, body: '<html></html>' });
  await failsWith(tester.test(ACME, targetAt(target.url)), 'TARGET_MISCONFIGURED');

  const strict = createTargetTest(sealer, []);
  t.after(() => strict.close());
  await failsWith(strict.test(ACME, targetAt(target.url)), 'TARGET_ADDRESS_FORBIDDEN');
});

test('the test of a target does not outlast the patience of who asked', async (t) => {
  const target = await faultyTarget(t, { behave: () => ({ kind: 'hang' }) });
  const tester = createTargetTest(sealer, LOOPBACK, 200);
  t.after(() => tester.close());
  await failsWith(tester.test(ACME, targetAt(target.url, { requestTimeoutMs: 60_000 })), 'TARGET_UNAVAILABLE');
});
