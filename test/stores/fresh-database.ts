import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Connection } from 'mongoose';
import { connectMongo } from '../../stores/connect.ts';

/** A database that is dropped after the test. */
export async function openFreshDatabase(context: TestContext, name: string): Promise<Connection> {
  const uri = new URL(process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:27017/');
  uri.pathname = `/${name}-${randomUUID()}`;
  const connection = await connectMongo({ uri: uri.href, maxPoolSize: 10 });
  context.after(async () => {
    await connection.dropDatabase();
    await connection.close();
  });
  return connection;
}
