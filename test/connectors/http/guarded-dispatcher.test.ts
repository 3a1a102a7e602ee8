import assert from 'node:assert/strict';
import type { LookupAddress, lookup } from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { request } from 'undici';
import { createGuardedDispatcher } from '../../../connectors/http/guarded-dispatcher.ts';
import type { AllowedAddresses } from '../../../connectors/http/internal-addresses.ts';
import { createTenantDispatchers } from '../../../connectors/http/tenant-dispatchers.ts';
import { isProvostError } from '../../../domain/errors.ts';
import { parseAllowedNetwork, parseNetwork } from '../../../platform/network.ts';

const LOOPBACK = [parseNetwork('127.0.0.1')].filter((network) => network !== undefined);

interface Listener {
  readonly port: number;
  readonly sockets: () => number;
  readonly requests: () => number;
}

/** Counts what arrives. */
async function listener(t: TestContext): Promise<Listener> {
  let sockets = 0;
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.end('{}');
  });
  server.on('connection', () => {
    sockets += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, sockets: () => sockets, requests: () => requests };
}

function dispatcherOf(t: TestContext, allow: AllowedAddresses, resolve?: (hostname: string) => LookupAddress[]) {
  const resolver = (hostname: string, _options: object, done: (error: null, found: LookupAddress[]) => void): void =>
    done(null, resolve?.(hostname) ?? []);
  const dispatcher = createGuardedDispatcher({
    allow,
    ...(resolve === undefined ? {} : { lookup: resolver as unknown as typeof lookup }),
  });
  t.after(() => dispatcher.destroy());
  return dispatcher;
}

const isForbidden = (error: unknown): boolean => {
  assert(isProvostError(error, 'TARGET_ADDRESS_FORBIDDEN'), String(error));
  assert.match(error.message, /PROVOST_OUTBOUND_ALLOW/);
  return true;
};

test('an internal address in the URL is refused, however it is written, and nothing connects', async (t) => {
  const { port, sockets } = await listener(t);
  const dispatcher = dispatcherOf(t, []);
  const hosts = ['127.0.0.1', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433', '0', '[::1]', 'localhost'];
  for (const host of hosts) await assert.rejects(request(`http://${host}:${port}/`, { dispatcher }), isForbidden, host);
  await assert.rejects(request(`https://127.0.0.1:${port}/`, { dispatcher }), isForbidden);
  assert.equal(sockets(), 0);
});

test('a name that resolves to an internal address is refused', async (t) => {
  const { port, sockets } = await listener(t);
  const dispatcher = dispatcherOf(t, [], () => [{ address: '127.0.0.1', family: 4 }]);
  await assert.rejects(request(`http://scim.example.com:${port}/`, { dispatcher }), isForbidden);
  await assert.rejects(request(`https://scim.example.com:${port}/`, { dispatcher }), isForbidden);
  assert.equal(sockets(), 0);
});

test('a name is judged each time it is connected to, so that rebinding it gains nothing', async (t) => {
  const { port, requests } = await listener(t);
  let address = '127.0.0.1';
  const dispatcher = dispatcherOf(t, LOOPBACK, () => [{ address, family: 4 }]);
  const send = () =>
    request(`http://rebound.example.com:${port}/`, { dispatcher, headers: { connection: 'close' } }).then(({ body }) =>
      body.text(),
    );
  assert.equal(await send(), '{}');
  address = '127.0.0.2';
  await assert.rejects(send(), isForbidden);
  assert.equal(requests(), 1);
});

test('of several addresses of a name only the allowed ones are connected to', async (t) => {
  const { port, requests } = await listener(t);
  const dispatcher = dispatcherOf(t, LOOPBACK, () => [
    { address: '::1', family: 6 },
    { address: '169.254.169.254', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ]);
  const { statusCode, body } = await request(`http://several.example.com:${port}/`, { dispatcher });
  await body.dump();
  assert.equal(statusCode, 200);
  assert.equal(requests(), 1);
});

test('an allowed address is reached, and connections are kept for the next requests', async (t) => {
  const { port, sockets, requests } = await listener(t);
  const dispatcher = dispatcherOf(t, LOOPBACK);
  for (let sent = 0; sent < 50; sent += 1) {
    const { body } = await request(`http://127.0.0.1:${port}/`, { dispatcher });
    await body.dump();
  }
  assert.equal(requests(), 50);
  // An answer is read to its end a moment before its connection is free again, so the pool may take a second one.
  assert(sockets() <= 2, `${sockets()} connections`);
});

test('a public address is not called by plain http, as literal or by name, and nothing is resolved to say more', async (t) => {
  const dispatcher = dispatcherOf(t, [], () => [{ address: '203.0.114.1', family: 4 }]);
  for (const url of ['http://203.0.114.1/', 'http://scim.example.com/', 'http://scim.example.com:8080/'])
    await assert.rejects(request(url, { dispatcher }), (error: unknown) => {
      assert(isForbidden(error));
      assert.match(String(error), /Use https/);
      return true;
    });
});

test('a network that is kept to a port is reached by that port alone, also by name', async (t) => {
  const [open, closed] = [await listener(t), await listener(t)];
  const allow = [parseAllowedNetwork(`127.0.0.1:${open.port}`)].filter((network) => network !== undefined);
  const dispatcher = dispatcherOf(t, allow, () => [{ address: '127.0.0.1', family: 4 }]);
  for (const host of ['127.0.0.1', 'scim.example.com']) {
    await (await request(`http://${host}:${open.port}/`, { dispatcher })).body.dump();
    await assert.rejects(request(`http://${host}:${closed.port}/`, { dispatcher }), isForbidden);
  }
  assert.deepEqual([open.requests(), closed.sockets()], [2, 0]);
});

test('a network that is kept to a tenant is reached by that one alone, and connections are not shared', async (t) => {
  const { port, requests } = await listener(t);
  const allow = [parseAllowedNetwork('acme@127.0.0.1')].filter((network) => network !== undefined);
  const dispatchers = createTenantDispatchers(allow);
  t.after(() => dispatchers.destroy());
  const url = `http://127.0.0.1:${port}/`;
  await (await request(url, { dispatcher: dispatchers.of('acme') })).body.dump();
  await assert.rejects(request(url, { dispatcher: dispatchers.of('globex') }), isForbidden);
  assert.equal(requests(), 1);
});
