import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Connector } from '../../../connectors/connector.ts';
import { ERRORS, type ErrorCode } from '../../../domain/errors.ts';
import { failsWith, faultyTarget } from '../faulty.ts';
import type { FaultyTarget } from '../faulty-target.ts';
import { connectorTo, signal } from './sandbox-connector.ts';

const ada = { userName: 'ada@example.com' };
const change = { before: { title: 'a' }, after: { title: 'b' } };

const CALLS = {
  look: (connector) => connector.find('User', { attribute: 'userName', value: 'ada' }, signal()),
  create: (connector) => connector.create('User', ada, signal()),
  change: (connector) => connector.update('User', '1', change, signal()),
} satisfies Record<string, (connector: Connector) => Promise<unknown>>;

type Codes = Record<keyof typeof CALLS, ErrorCode | 'nothing'>;

const all = (code: ErrorCode): Codes => ({ look: code, create: code, change: code });
const writesUnknown: Codes = {
  look: 'TARGET_UNAVAILABLE',
  create: 'TARGET_OUTCOME_UNKNOWN',
  change: 'TARGET_OUTCOME_UNKNOWN',
};

/** The table of connectors/http/read-failure.ts. */
const STATUSES: Readonly<Record<number, Codes>> = {
  301: all('TARGET_MISCONFIGURED'),
  302: all('TARGET_MISCONFIGURED'),
  307: all('TARGET_MISCONFIGURED'),
  // A search that is refused is tried without its filter, and then this is what the target says.
  400: all('TARGET_REJECTED'),
  401: all('TARGET_UNAUTHORISED'),
  403: all('TARGET_REJECTED'),
  404: { look: 'nothing', create: 'TARGET_REJECTED', change: 'TARGET_NOT_FOUND' },
  405: all('TARGET_REJECTED'),
  408: all('TARGET_UNAVAILABLE'),
  409: all('TARGET_CONFLICT'),
  410: { look: 'TARGET_NOT_FOUND', create: 'TARGET_REJECTED', change: 'TARGET_NOT_FOUND' },
  412: all('TARGET_REJECTED'),
  413: all('TARGET_REJECTED'),
  422: all('TARGET_REJECTED'),
  425: all('TARGET_UNAVAILABLE'),
  429: all('TARGET_THROTTLED'),
  500: writesUnknown,
  501: all('TARGET_REJECTED'),
  502: writesUnknown,
  503: writesUnknown,
  504: writesUnknown,
  505: all('TARGET_REJECTED'),
  520: writesUnknown,
};

for (const [status, codes] of Object.entries(STATUSES)) {
  test(`what ${status} means, when looking, creating and changing`, async (t) => {
    const { target, connector } = await answering(t, Number(status));
    for (const [asked, code] of Object.entries(codes)) {
      const calling = CALLS[asked as keyof typeof CALLS](connector);
      if (code === 'nothing') assert.deepEqual(await calling, []);
      else await failsWith(calling, code, { targetStatus: Number(status) });
    }
    const creations = target.received.filter(({ method }) => method === 'POST');
    assert.equal(creations.length, 1, 'nothing is sent again by itself');
  });
}

test('what can help to do again is retried, and nothing else is', () => {
  const retried = Object.entries(ERRORS).filter(([code, traits]) => code.startsWith('TARGET_') && traits.retryable);
  assert.deepEqual(
    retried.map(([code]) => code),
    ['TARGET_THROTTLED', 'TARGET_UNAVAILABLE', 'TARGET_OUTCOME_UNKNOWN', 'TARGET_CLOSED'],
  );
});

for (const status of [429, 503, 500]) {
  test(`Retry-After with ${status} says when to come back`, async (t) => {
    const { connector } = await answering(t, status, { 'retry-after': '7' });
    const code = { 429: 'TARGET_THROTTLED', 503: 'TARGET_UNAVAILABLE', 500: 'TARGET_OUTCOME_UNKNOWN' } as const;
    await failsWith(CALLS.create(connector), code[status as 429], { retryAfterMs: 7_000 });
  });
}

test('403 with Retry-After is a limit, not a refusal', async (t) => {
  const { connector } = await answering(t, 403, { 'retry-after': '60' });
  await failsWith(CALLS.create(connector), 'TARGET_THROTTLED', { retryAfterMs: 60_000 });
});

test('400 with scimType uniqueness is a conflict', async (t) => {
  const { connector } = await answering(t, 400, {}, { scimType: 'uniqueness', detail: 'Taken.' });
  await failsWith(CALLS.create(connector), 'TARGET_CONFLICT', { targetDetail: 'uniqueness: Taken.' });
});

test('a redirect is not followed, credentials go nowhere else', async (t) => {
  const elsewhere = await faultyTarget(t);
  const { connector } = await answering(t, 307, { location: `${elsewhere.url}/Users` });
  for (const call of Object.values(CALLS)) await failsWith(call(connector), 'TARGET_MISCONFIGURED');
  assert.equal(elsewhere.received.length, 0);
});

test('what a target says comes without the values that were sent', async (t) => {
  const detail = 'User ada@example.com of Lovelace exists; token sandbox-token; write to admin@target.example';
  const { connector } = await answering(t, 400, {}, { detail });
  const content = { ...ada, name: { familyName: 'Lovelace' } };
  await failsWith(connector.create('User', content, signal()), 'TARGET_REJECTED', {
    targetDetail: 'User … of … exists; token …; write to …',
  });
});

test('a page of HTML is not repeated, and a long explanation is shortened', async (t) => {
  const html = await answering(t, 500, { 'content-type': 'text/html' }, '<html>ada</html>');
  await failsWith(CALLS.create(html.connector), 'TARGET_OUTCOME_UNKNOWN', { targetDetail: undefined as never });
  const long = await answering(t, 400, {}, { detail: 'no '.repeat(1_000) });
  await assert.rejects(CALLS.create(long.connector), (error: { facts: { targetDetail: string } }) => {
    assert.equal(error.facts.targetDetail.length, 500);
    return true;
  });
});

async function answering(
  t: TestContext,
  status: number,
  headers: Record<string, string> = {},
  body: object | string = {},
): Promise<{ readonly target: FaultyTarget; readonly connector: Connector }> {
  const target = await faultyTarget(t, { behave: () => ({ kind: 'answer', status, headers, body }) });
  return { target, connector: connectorTo(t, target.url) };
}
