import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../platform/config.ts';
import {
  connectionBasics,
  connectTemporal,
  connectTemporalLazily,
  createTemporalClient,
  type TemporalSettings,
} from '../../platform/temporal.ts';
import { NotReadyError } from '../../platform/until-ready.ts';

const settings = (environment: Record<string, string> = {}): TemporalSettings =>
  loadConfig({ ...environment, PROVOST_ENCRYPTION_KEYS: `k:${randomBytes(32).toString('base64')}` }).temporal;

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : assert.fail('no port');
}

test('without any setting the connection is plain', async () => {
  assert.deepEqual(await connectionBasics(settings()), { address: '127.0.0.1:7233' });
});

test('an API key turns TLS on and travels with the connection', async () => {
  assert.deepEqual(await connectionBasics(settings({ TEMPORAL_API_KEY: 'key' })), {
    address: '127.0.0.1:7233',
    apiKey: 'key',
    tls: {},
  });
});

test('certificates are read from their files', async (context) => {
  const folder = join(tmpdir(), `provost-${randomBytes(6).toString('hex')}`);
  context.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(folder);
  const write = async (name: string) => {
    await writeFile(join(folder, name), name);
    return join(folder, name);
  };
  const { tls } = await connectionBasics(
    settings({
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: await write('ca'),
      TEMPORAL_TLS_CLIENT_CERT_PATH: await write('crt'),
      TEMPORAL_TLS_CLIENT_KEY_PATH: await write('key'),
      TEMPORAL_TLS_SERVER_NAME: 'temporal.example.com',
    }),
  );
  assert.deepEqual(tls, {
    serverRootCACertificate: Buffer.from('ca'),
    clientCertPair: { crt: Buffer.from('crt'), key: Buffer.from('key') },
    serverNameOverride: 'temporal.example.com',
  });
});

test('connecting to nothing ends at the deadline and says to whom', async () => {
  const address = `127.0.0.1:${await closedPort()}`;
  await assert.rejects(
    connectTemporal({ ...settings(), address, connectDeadlineMs: 400 }),
    (error) => error instanceof NotReadyError && error.message.includes(address),
  );
});

test('a lazy connection is made without a server, and so is the client of its namespace', async (context) => {
  const address = `127.0.0.1:${await closedPort()}`;
  const connection = await connectTemporalLazily({ ...settings(), address });
  context.after(() => connection.close());
  assert.equal(createTemporalClient(connection, { namespace: 'provost' }, {}).options.namespace, 'provost');
});
