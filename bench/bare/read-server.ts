/** Process: what anybody would write with express and MongoDB's driver to read the same documents by id and by userName. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import mongoose from 'mongoose';
import { readySignal, settingsOf } from '../process/child-side.ts';

const { uri, tenant } = settingsOf<{ uri: string; tenant: string }>();
const client = await new mongoose.mongo.MongoClient(uri, { maxPoolSize: 50, minPoolSize: 2 }).connect();
const users = client.db().collection<{ _id: string; r: object }>('resources');

const app = express();
app.get('/users/:id', async (request, response) => {
  const found = await users.findOne({ _id: request.params.id });
  if (found === null) response.status(404).json({});
  else response.json(found.r);
});
app.get('/users', async (request, response) => {
  const userName = String(request.query['userName']).toLowerCase();
  const found = await users
    .find({ tenant, type: 'User', 'k.userName': userName })
    .hint('tenant_1_type_1_k.userName_1__id_1') // as Provost has to: stores/list/index-hint.ts
    .limit(100)
    .toArray();
  response.json(found.map(({ r }) => r));
});

const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
readySignal({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, async () => {
  server.closeAllConnections();
  server.close();
  await client.close();
});
