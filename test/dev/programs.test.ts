import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mongodbEngine } from '../../dev/services/mongodb-engine.ts';
import { temporalProgram, waysToGetTemporal } from '../../dev/services/temporal-program.ts';
import { ownEnvironment, scratchFolder } from './scratch.ts';

function fakeProgram(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, '#!/bin/sh\nexit 1\n');
  chmodSync(path, 0o755);
  return path;
}

const unexpected = (message: string): never => assert.fail(`nothing was to be fetched: ${message}`);

test('a temporal program on PATH is used before the one in the cache', async (t) => {
  const folder = scratchFolder(t);
  const env = ownEnvironment({ PATH: join(folder, 'bin'), PROVOST_CACHE: join(folder, 'cache') });
  const cached = fakeProgram(join(folder, 'cache', 'temporal-sdk'), 'temporal-sdk-typescript-1.0.0');
  assert.equal(await temporalProgram(unexpected, env), cached);
  const onPath = fakeProgram(join(folder, 'bin'), 'temporal');
  assert.equal(await temporalProgram(unexpected, env), onPath);
});

test('a mongod program on PATH is used before the one in the cache', async (t) => {
  const folder = scratchFolder(t);
  const env = ownEnvironment({ PATH: join(folder, 'bin'), PROVOST_CACHE: join(folder, 'cache') });
  const cached = fakeProgram(join(folder, 'cache', 'mongod'), 'mongod-x64-debian-8.2.6');
  assert.deepEqual(await mongodbEngine(folder, unexpected, env), { kind: 'mongod', mongod: cached });
  const onPath = fakeProgram(join(folder, 'bin'), 'mongod');
  assert.deepEqual(await mongodbEngine(folder, unexpected, env), { kind: 'mongod', mongod: onPath });
});

const refused = { name: 'a download', find: () => Promise.reject(new Error('the network refuses')) };

test('where no Temporal server can be had the error says what was tried and what to do', async (t) => {
  const folder = scratchFolder(t);
  const env = ownEnvironment({ PATH: folder, PROVOST_CACHE: folder });
  const [, goInstall] = waysToGetTemporal(unexpected, env);
  assert.ok(goInstall);
  await assert.rejects(temporalProgram(unexpected, env, [refused, goInstall]), {
    name: 'CannotStartError',
    message: [
      'The Temporal server cannot be had here. Tried:',
      '  - a temporal program on PATH: there is none',
      '  - a temporal program in the cache: there is none',
      '  - a download: the network refuses',
      '  - go install: there is none',
      'Install the temporal CLI (https://docs.temporal.io/cli) or Go, or set TEMPORAL_ADDRESS to a server that runs.',
    ].join('\n'),
  });
});

test('where no MongoDB server can be had the error says what was tried and what to do', async (t) => {
  const folder = scratchFolder(t);
  const env = ownEnvironment({ PATH: folder, PROVOST_CACHE: folder });
  await assert.rejects(mongodbEngine(folder, unexpected, env, [refused]), {
    name: 'CannotStartError',
    message: /a download: the network refuses\nInstall MongoDB \(mongod on PATH\), or set MONGODB_URI/,
  });
});

test('data that FerretDB made is not left aside because a mongod appeared', async (t) => {
  const folder = scratchFolder(t);
  const env = ownEnvironment({ PATH: folder, PROVOST_CACHE: folder });
  fakeProgram(folder, 'mongod');
  const data = join(folder, 'data');
  mkdirSync(join(data, 'postgres'), { recursive: true });
  const build = { name: 'FerretDB on PostgreSQL', find: () => Promise.reject(new Error('no Go here')) };
  await assert.rejects(mongodbEngine(data, unexpected, env, [build]), /FerretDB on PostgreSQL: no Go here/);
});
