import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServices } from '../../dev/services/start-services.ts';
import { startTemporal } from '../../dev/services/temporal.ts';
import { ownEnvironment, scratchFolder, silent } from './scratch.ts';

const env = ownEnvironment({ TEMPORAL_ADDRESS: 'temporal.example:7233', MONGODB_URI: 'mongodb://mongo.example/' });

test('servers that the environment names are used and nothing is started', async (t) => {
  const dataDir = join(scratchFolder(t), 'data');
  const ports = { temporal: 0, temporalUi: 0, mongodb: 0 };
  const services = await startServices({ dataDir, ports, searchAttributes: {}, onProgress: silent, env });
  assert.equal(services.temporalAddress, 'temporal.example:7233');
  assert.equal(services.mongodbUri, 'mongodb://mongo.example/');
  assert.equal(services.temporalUi, undefined);
  await services.stop();
  assert.equal(existsSync(dataDir), false);
});

test('a server that the environment names is not ours to kill', async (t) => {
  const dataDir = scratchFolder(t);
  const temporal = await startTemporal({
    dataDir,
    ports: { temporal: 0 },
    searchAttributes: {},
    onProgress: silent,
    env,
  });
  await assert.rejects(temporal.kill(), /given by TEMPORAL_ADDRESS is not Provost's to kill/);
});
