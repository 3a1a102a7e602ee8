import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { ConfigurationError, loadConfig, unknownVariables } from '../../platform/config.ts';

const KEY = randomBytes(32).toString('base64');
const ENOUGH = { PROVOST_ENCRYPTION_KEYS: `k1:${KEY}` };

function problemsOf(environment: Record<string, string>): ConfigurationError {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  assert.fail('the configuration was accepted');
}

test('a key is enough to start with: everything else has a default', () => {
  const config = loadConfig(ENOUGH);
  assert.equal(config.api.port, 8080);
  assert.equal(config.api.publicUrl, 'http://127.0.0.1:8080');
  assert.equal(config.api.bodyLimitBytes, 1_048_576);
  assert.equal(config.changes.blockingWaitMs, 20_000);
  assert.equal(config.changes.continueAfterEvents, 4000);
  assert.deepEqual(config.outbound.allow, []);
  assert.equal(config.api.trustProxy, false);
  assert.equal(config.bootstrap.admin, undefined);
});

test('the first encryption key is the active one', () => {
  const config = loadConfig({ PROVOST_ENCRYPTION_KEYS: `new:${KEY}, old:${randomBytes(32).toString('base64')}` });
  assert.deepEqual(
    config.encryption.keys.map(({ id }) => id),
    ['new', 'old'],
  );
});

test('values of every kind are read in their unit', () => {
  const config = loadConfig({
    ...ENOUGH,
    PROVOST_PUBLIC_URL: 'https://id.example.com/provost/',
    PROVOST_TRUST_PROXY: '10.0.0.0/8, ::1',
    PROVOST_OUTBOUND_ALLOW: '*',
    PROVOST_ACCESS_TOKEN_LIFETIME_SECONDS: '900',
    PROVOST_UI_ORIGINS: 'https://temporal.example.com',
    PROVOST_BOOTSTRAP_ADMIN: 'admin:with:colons:inside',
    TEMPORAL_TLS: 'on',
  });
  assert.equal(config.api.publicUrl, 'https://id.example.com/provost');
  assert.deepEqual(config.api.trustProxy, ['10.0.0.0/8', '::1']);
  assert.equal(config.outbound.allow, 'any');
  assert.equal(config.oauth.accessTokenLifetimeMs, 900_000);
  assert.deepEqual(config.codec.uiOrigins, ['https://temporal.example.com']);
  assert.deepEqual(config.bootstrap.admin, { username: 'admin', password: 'with:colons:inside' });
  assert.equal(config.temporal.tls, true);
});

test('every problem is reported at once, by variable', () => {
  const { problems, message } = problemsOf({
    PROVOST_API_PORT: '70000',
    TEMPORAL_ADDRESS: 'no-port',
    PROVOST_WORKER_VERSIONING: 'yes',
    PROVOST_OUTBOUND_ALLOW: '10.0.0.0/33',
  });
  const variables = problems.map(({ variable }) => variable).sort();
  assert.deepEqual(variables, [
    'PROVOST_API_PORT',
    'PROVOST_ENCRYPTION_KEYS',
    'PROVOST_OUTBOUND_ALLOW',
    'PROVOST_WORKER_VERSIONING',
    'TEMPORAL_ADDRESS',
  ]);
  for (const variable of variables) assert.match(message, new RegExp(variable));
  assert.match(message, /an integer from 0 to 65535/);
});

test('a problem never repeats the value, so no secret is in it', () => {
  const secrets = {
    PROVOST_ENCRYPTION_KEYS: 'k1:c2hvcnQgc2VjcmV0',
    PROVOST_BOOTSTRAP_ADMIN: 'admin:hunter2',
    MONGODB_URI: 'mongo://provost:letmein@db/provost',
  };
  const error = problemsOf(secrets);
  assert.equal(error.problems.length, 3);
  assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /c2hvcnQ|hunter2|letmein/);
});

test('a key that is short, unnamed, repeated or followed by something is refused', () => {
  for (const value of ['', ',', KEY, `a:${KEY},a:${KEY}`, `a:${KEY}:x`, `a b:${KEY}`, `a:${KEY.slice(4)}`]) {
    assert.equal(problemsOf({ PROVOST_ENCRYPTION_KEYS: value }).problems[0]?.variable, 'PROVOST_ENCRYPTION_KEYS');
  }
});

test('an empty variable counts as not set', () => {
  assert.equal(loadConfig({ ...ENOUGH, PROVOST_API_PORT: '', PROVOST_CODEC_TOKEN: '' }).api.port, 8080);
});

test('a client certificate needs its key, and versioning needs a build id', () => {
  const { problems } = problemsOf({
    ...ENOUGH,
    TEMPORAL_TLS_CLIENT_CERT_PATH: '/cert.pem',
    PROVOST_WORKER_VERSIONING: 'on',
  });
  assert.deepEqual(
    problems.map(({ variable }) => variable),
    ['TEMPORAL_TLS_CLIENT_KEY_PATH', 'PROVOST_WORKER_BUILD_ID'],
  );
});

test('everybody cannot be trusted as a proxy', () => {
  assert.equal(problemsOf({ ...ENOUGH, PROVOST_TRUST_PROXY: 'true' }).problems[0]?.variable, 'PROVOST_TRUST_PROXY');
});

test('the configuration cannot be changed after it was read', () => {
  const config = loadConfig(ENOUGH);
  assert.throws(() => Object.assign(config.api, { port: 1 }), TypeError);
  assert.throws(() => Object.assign(config, { api: {} }), TypeError);
  assert.throws(() => Object.assign(config.encryption.keys, { 0: undefined }), TypeError);
});

test('a misspelt variable is found', () => {
  const environment = { PROVOST_API_PROT: '1', PROVOST_API_PORT: '1', PROVOST_DATA: '.', PATH: '/' };
  assert.deepEqual(unknownVariables(environment, ['PROVOST_DATA']), ['PROVOST_API_PROT']);
});
