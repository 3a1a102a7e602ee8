import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import express, { type ErrorRequestHandler } from 'express';
import { createCodecRoutes } from '../../../api/codec/codec-routes.ts';
import { toProvostError } from '../../../api/to-provost-error.ts';
import { isProvostError } from '../../../domain/errors.ts';
import { createPayloadCodec } from '../../../platform/payload-codec.ts';
import { randomKeyRing } from '../../platform/keys.ts';
import { noSignInLimits } from '../identify/no-sign-in-limits.ts';

const UI = 'http://127.0.0.1:8233';
const TOKEN = 'the-token';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function startCodec(context: TestContext, token = TOKEN) {
  const app = express();
  const codec = createPayloadCodec(randomKeyRing('k1'), { accept: 'any' });
  app.use(
    createCodecRoutes({ codec, token: token === '' ? undefined : token, uiOrigins: [UI], signIns: noSignInLimits }),
  );
  app.use(toProvostError);
  app.use(((error, _request, response, _next) => {
    response.status(isProvostError(error) ? error.traits.status : 500).end();
  }) satisfies ErrorRequestHandler);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const raw = (path: string, body: string | Uint8Array, headers: Record<string, string>) =>
    fetch(`${base}${path}`, { method: 'POST', headers, body });
  const post = (path: string, body: unknown, headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) =>
    raw(path, JSON.stringify(body), headers);
  return Object.assign(post, { raw });
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

test('nobody decodes without the token; the path may carry it', async (context) => {
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

test('the token is asked before anything of the body is read, and a compressed body is refused', async (context) => {
  const post = await startCodec(context);
  const compressed = gzipSync(JSON.stringify({ payloads: [] }));
  const send = (body: string | Uint8Array, headers: Record<string, string>) => post.raw('/codec/decode', body, headers);
  assert.equal((await send('{x', {})).status, 401);
  assert.equal((await send(compressed, { 'content-encoding': 'gzip' })).status, 401);
  const authorization = `Bearer ${TOKEN}`;
  assert.equal((await send('{x', { authorization })).status, 400);
  assert.equal((await send(compressed, { authorization, 'content-encoding': 'gzip' })).status, 415);
});

test("a payload that cannot be read is the caller's fault", async (context) => {
  const post = await startCodec(context);
  const encrypted = { encoding: base64('binary/encrypted'), 'encryption-key-id': base64('k1') };
  for (const payload of [
    { metadata: encrypted, data: base64('nothing that was encrypted') },
    { metadata: { ...encrypted, 'encryption-key-id': base64('another') }, data: base64('x') },
    { metadata: { encoding: 7 }, data: base64('x') },
    { metadata: {}, data: 'not base64!' },
    'text',
    null,
  ])
    assert.equal((await post('/codec/decode', { payloads: [payload] })).status, 400, JSON.stringify(payload));
});

test('without a token set there is no endpoint', async (context) => {
  const post = await startCodec(context, '');
  assert.equal((await post('/codec/decode', { payloads: [] })).status, 404);
});
