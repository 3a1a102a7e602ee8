import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Agent } from 'undici';
import { type ClientCredentials, createAccessTokens } from '../../../connectors/http/access-token.ts';
import { until } from '../../until.ts';
import { failsWith, faultyTarget, listOf } from '../faulty.ts';
import type { Behaviour, FaultyTarget, ReceivedRequest } from '../faulty-target.ts';
import { connectorTo, signal } from '../scim2/sandbox-connector.ts';

const isTokenRequest = ({ path }: ReceivedRequest): boolean => path.endsWith('/token');

/** Gives `token-1`, `token-2`, …, and takes the newest until it is revoked. */
async function authorisationServer(t: TestContext, lifetimeSeconds: number, delayMs = 0) {
  let given = 0;
  let revoked = 0;
  const server = await faultyTarget(t, {
    behave: (request): Behaviour => {
      if (!isTokenRequest(request)) {
        const isGood = given > revoked && request.headers.authorization === `Bearer token-${given}`;
        return isGood ? { kind: 'answer', status: 200, body: listOf() } : { kind: 'answer', status: 401, body: {} };
      }
      given += 1;
      const body = { access_token: `token-${given}`, token_type: 'Bearer', expires_in: lifetimeSeconds };
      return { kind: 'answer', status: 200, body, delayMs };
    },
  });
  const revoke = (): void => {
    revoked = given;
  };
  return Object.assign(server, { revoke });
}

function tokensOf(t: TestContext, server: FaultyTarget, more: Partial<ClientCredentials> = {}) {
  const clock = { now: 1_000_000 };
  const dispatcher = new Agent();
  t.after(() => dispatcher.destroy());
  const tokens = createAccessTokens(
    {
      tokenUrl: `${server.url}/token`,
      clientId: 'client',
      clientSecret: 'secret',
      clientAuthentication: 'basic',
      ...more,
    },
    { dispatcher, timeoutMs: 500, now: () => clock.now },
  );
  return { tokens, clock };
}

test('a token is used until shortly before it expires, then renewed', async (t) => {
  const server = await authorisationServer(t, 600);
  const { tokens, clock } = tokensOf(t, server);
  assert.equal(await tokens.current(signal()), 'token-1');
  clock.now += 539_999;
  assert.equal(await tokens.current(signal()), 'token-1');
  clock.now += 1;
  assert.equal(await tokens.current(signal()), 'token-2');
  assert.equal(server.received.length, 2);
});

test('callers at the same time share one request for a token', async (t) => {
  const server = await authorisationServer(t, 600, 50);
  const { tokens } = tokensOf(t, server);
  const all = await Promise.all(Array.from({ length: 20 }, () => tokens.current(signal())));
  assert.deepEqual(new Set(all), new Set(['token-1']));
  assert.equal(server.received.length, 1);
});

test('one caller that is cancelled does not take the token from the others', async (t) => {
  const server = await authorisationServer(t, 600, 100);
  const { tokens } = tokensOf(t, server);
  const cancelling = new AbortController();
  const cancelled = tokens.current(cancelling.signal);
  const other = tokens.current(signal());
  cancelled.catch(() => undefined);
  await until('the request for a token', () => server.received.length === 1);
  cancelling.abort(new Error('not wanted'));
  await assert.rejects(cancelled, { message: 'not wanted' });
  assert.equal(await other, 'token-1');
  assert.equal(server.received.length, 1);
});

test('a refusal of an older token does not throw away the newer one', async (t) => {
  const server = await authorisationServer(t, 600);
  const { tokens } = tokensOf(t, server);
  const first = await tokens.current(signal());
  tokens.refuse(first);
  const second = await tokens.current(signal());
  tokens.refuse(first);
  assert.equal(await tokens.current(signal()), second);
});

test('a target that refuses a token is asked once more with a new one, by all callers together', async (t) => {
  const server = await authorisationServer(t, 600);
  const tokenUrl = `${server.url}/token`;
  const authentication = { kind: 'oauth-client-credentials', tokenUrl, clientId: 'c', clientSecret: 's' };
  const connector = connectorTo(t, server.url, { authentication });
  const find = () => connector.find('User', { attribute: 'userName', value: 'ada' }, signal());
  await find();
  const requestsForTokens = () => server.received.filter(isTokenRequest).length;
  assert.equal(requestsForTokens(), 1);

  server.revoke();
  await Promise.all(Array.from({ length: 5 }, find));
  assert.equal(requestsForTokens(), 2);
});

test('a target that refuses new tokens too refuses the credentials', async (t) => {
  const server = await faultyTarget(t, {
    behave: (request) =>
      isTokenRequest(request)
        ? { kind: 'answer', status: 200, body: { access_token: 't' } }
        : { kind: 'answer', status: 401 },
  });
  const tokenUrl = `${server.url}/token`;
  const authentication = { kind: 'oauth-client-credentials', tokenUrl, clientId: 'c', clientSecret: 's' };
  const creating = connectorTo(t, server.url, { authentication }).create('User', { userName: 'ada' }, signal());
  await failsWith(creating, 'TARGET_UNAUTHORISED');
  assert.equal(server.received.filter(({ method, path }) => method === 'POST' && !path.endsWith('/token')).length, 2);
});

test('client id and secret are sent as RFC 6749 wants them, in the header or in the form', async (t) => {
  const server = await authorisationServer(t, 600);
  const odd = { clientId: 'a:b c', clientSecret: 'ü+&', scope: 'scim', audience: 'aud', resource: 'urn:r' };
  await tokensOf(t, server, odd).tokens.current(signal());
  await tokensOf(t, server, { ...odd, clientAuthentication: 'post' }).tokens.current(signal());
  const [inHeader, inForm] = server.received;
  const basic = Buffer.from(inHeader?.headers.authorization?.slice('Basic '.length) ?? '', 'base64').toString();
  assert.equal(basic, 'a%3Ab+c:%C3%BC%2B%26');
  const given = { grant_type: 'client_credentials', scope: 'scim', audience: 'aud', resource: 'urn:r' };
  assert.deepEqual(Object.fromEntries(new URLSearchParams(inHeader?.body)), given);
  assert.equal(inForm?.headers.authorization, undefined);
  assert.deepEqual(Object.fromEntries(new URLSearchParams(inForm?.body)), {
    ...given,
    client_id: odd.clientId,
    client_secret: odd.clientSecret,
  });
});

const FAILURES = {
  TARGET_UNAUTHORISED: {
    kind: 'answer',
    status: 401,
    body: { error: 'invalid_client', error_description: 'secret is bad' },
  },
  TARGET_THROTTLED: { kind: 'answer', status: 429, headers: { 'retry-after': '3' } },
  TARGET_UNAVAILABLE: { kind: 'drop' },
  TARGET_MISCONFIGURED: { kind: 'answer', status: 200, body: '<html></html>' },
} as const satisfies Record<string, Behaviour>;

for (const [code, behaviour] of Object.entries(FAILURES)) {
  test(`a token endpoint that fails means ${code}: the target itself got nothing`, async (t) => {
    const server = await faultyTarget(t, { behave: () => behaviour });
    const facts = {
      TARGET_UNAUTHORISED: { targetStatus: 401, targetDetail: '… is bad' },
      TARGET_THROTTLED: { retryAfterMs: 3_000 },
      TARGET_UNAVAILABLE: {},
      TARGET_MISCONFIGURED: {},
    }[code as keyof typeof FAILURES];
    await failsWith(tokensOf(t, server).tokens.current(signal()), code as keyof typeof FAILURES, facts);
  });
}

test('a token endpoint that does not answer in time is unavailable, and asked again the next time', async (t) => {
  const server = await authorisationServer(t, 600);
  const { tokens } = tokensOf(t, server);
  server.script({ kind: 'hang' });
  await failsWith(tokens.current(signal()), 'TARGET_UNAVAILABLE');
  assert.equal(await tokens.current(signal()), 'token-1');
});
