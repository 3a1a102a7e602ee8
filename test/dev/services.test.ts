import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '@temporalio/client';
import mongoose from 'mongoose';
import { startMongodb } from '../../dev/services/mongodb.ts';
import { recordedProcess } from '../../dev/services/process-record.ts';
import { startServices } from '../../dev/services/start-services.ts';
import { startTemporal } from '../../dev/services/temporal.ts';
import { ownEnvironment, recordFiles, scratchFolder, silent } from './scratch.ts';

const env = ownEnvironment();
const ports = { temporal: 0, mongodb: 0 };
const usual = {
  ports,
  durable: false,
  searchAttributes: { ProvostTenant: 'Keyword' },
  onProgress: silent,
  env,
} as const;

interface User {
  _id: string;
  userName?: string;
}

async function withUsers<T>(uri: string, use: (users: mongoose.mongo.Collection<User>) => Promise<T>) {
  const client = await mongoose.mongo.MongoClient.connect(uri);
  try {
    return await use(client.db('example').collection<User>('users'));
  } finally {
    await client.close();
  }
}

async function searchAttributes(address: string): Promise<string[]> {
  const connection = await Connection.connect({ address });
  try {
    const listed = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    return Object.keys(listed.customAttributes ?? {});
  } finally {
    await connection.close();
  }
}

test('both services start on free ports, refuse a second owner of their data and leave no process when stopped', async (t) => {
  const dataDir = scratchFolder(t);
  const services = await startServices({ ...usual, dataDir });
  t.after(services.stop);
  assert.equal(services.temporalUi, undefined);
  const records = recordFiles(dataDir);
  assert.ok(records.length >= 4, 'each process and each owner is on record');
  await assert.rejects(startServices({ ...usual, dataDir }), /is in use by process \d+/);
  await withUsers(services.mongodbUri, (users) => users.insertOne({ _id: 'one' }));

  const pids = records.map((file) => recordedProcess(file)?.pid).filter((pid) => pid !== process.pid);
  await services.stop();
  for (const pid of pids) assert.throws(() => process.kill(pid ?? 0, 0), { code: 'ESRCH' });
  assert.deepEqual(recordFiles(dataDir), []);
});

test('MongoDB keeps what it confirmed when it is killed, and comes back on the same port', async (t) => {
  const mongodb = await startMongodb({ ...usual, dataDir: scratchFolder(t) });
  t.after(mongodb.stop);
  await withUsers(mongodb.uri, async (users) => {
    for (let i = 0; i < 100; i++) await users.insertOne({ _id: `user ${i}` });
  });
  await mongodb.kill();
  await mongodb.restart();
  assert.equal(await withUsers(mongodb.uri, (users) => users.countDocuments()), 100);
});

test('MongoDB builds a unique index over documents that are already there', async (t) => {
  const mongodb = await startMongodb({ ...usual, dataDir: scratchFolder(t) });
  t.after(mongodb.stop);
  await withUsers(mongodb.uri, async (users) => {
    await users.insertMany(Array.from({ length: 500 }, (_, i) => ({ _id: `user ${i}`, userName: `name ${i}` })));
    await users.createIndex({ userName: 1 }, { unique: true });
    const again = users.insertOne({ _id: 'another', userName: 'name 7' });
    await assert.rejects(again, { code: 11000 });
  });
});

test('Temporal comes back with its data and takes a search attribute that is new', async (t) => {
  const dataDir = scratchFolder(t);
  const first = await startTemporal({ ...usual, dataDir });
  assert.deepEqual(await searchAttributes(first.address), ['ProvostTenant']);
  await first.kill();
  await first.restart();
  assert.deepEqual(await searchAttributes(first.address), ['ProvostTenant']);
  await first.stop();
  const more = { ...usual.searchAttributes, ProvostTargets: 'KeywordList' } as const;
  const second = await startTemporal({
    ...usual,
    ports: { temporal: 0, temporalUi: 0 },
    dataDir,
    searchAttributes: more,
  });
  t.after(second.stop);
  assert.deepEqual((await searchAttributes(second.address)).sort(), ['ProvostTargets', 'ProvostTenant']);
  assert.equal((await fetch(second.ui ?? '')).status, 200);
});
