import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import express, { type ErrorRequestHandler } from 'express';
import { createCodecRoutes } from '../../../api/codec/codec-routes.ts';
import { isProvostError } from '../../../domain/errors.ts';
import { createPayloadCodec } from '../../../platform/payload-codec.ts';
import { randomKeyRing } from '../../platform/keys.ts';

const UI = 'http://127.0.0.1:8233';
const TOKEN = 'the-token';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function startCodec(context: TestContext, token: string | undefined = TOKEN) {
  const app = express();
  app.use(createCodecRoutes({ codec: createPayloadCodec(randomKeyRing('k1')), token, uiOrigins: [UI] }));
  app.use(((error, _request, response, _next) => {
    response.status(isProvostError(error) ? error.traits.status : 500).end();
  }) satisfies ErrorRequestHandler);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return (path: string, body: unknown, headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) =>
    fetch(`${base}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

test('what the endpoint encodes it decodes, and it is not in clear between', async (context) => {
  const post = await startCodec(context);
  const payload = { metadata: { encoding: base64('json/plain') }, data: base64('"ada@example.com"') };
  const encoded = await (await post('/codec/encode', { payloads: [payload] })).json();
  assert.ok(!JSON.stringify(encoded).includes(payload.data));
  const decoded = await (await post('/codec/decode', encoded)).json();
  assert.deepEqual(decoded, { payloads: [payload] });
});

test("a request without payloads is answered without payloads, as Temporal's CLI sends it for a query", async (context) => {
  const post = await startCodec(context);
  for (const body of [{}, { payloads: null }, { payloads: [] }]) {
    const response = await post('/codec/encode', body);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { payloads: [] });
  }
});

test('what is no list of payloads is refused', async (context) => {
  const post = await startCodec(context);
  for (const body of [[], { payloads: 'all' }]) assert.equal((await post('/codec/decode', body)).status, 400);
});

test('nobody decodes without the token; the path may carry it; without a token set the endpoint is closed', async (context) => {
  const post = await startCodec(context);
  const none = { payloads: [] };
  assert.equal((await post('/codec/decode', none, {})).status, 401);
  assert.equal((await post('/codec/decode', none, { authorization: 'Bearer another' })).status, 401);
  assert.equal((await post('/codec/another/decode', none, {})).status, 401);
  assert.equal((await post(`/codec/${TOKEN}/decode`, none, {})).status, 200);
});

test('only the Temporal UI may call from a browser', async (context) => {
  const post = await startCodec(context);
  const answerTo = async (origin: string): Promise<string | null> =>
    (await post(`/codec/${TOKEN}/decode`, { payloads: [] }, { origin })).headers.get('access-control-allow-origin');
  assert.equal(await answerTo(UI), UI);
  assert.equal(await answerTo('https://elsewhere.example'), null);
});
