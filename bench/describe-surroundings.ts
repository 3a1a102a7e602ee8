import { availableParallelism } from 'node:os';
import { Connection } from '@temporalio/client';
import mongoose from 'mongoose';

/** What the figures were measured on, in a sentence: without it they say nothing. */
export async function describeSurroundings(at: {
  readonly temporalAddress: string;
  readonly mongodbUri: string;
}): Promise<string> {
  const cores = availableParallelism();
  const parts = [`${cores} ${cores === 1 ? 'core' : 'cores'}`, `Node ${process.versions.node}`];
  const connection = await Connection.connect({ address: at.temporalAddress });
  const { serverVersion } = await connection.workflowService.getSystemInfo({});
  await connection.close();
  const client = await new mongoose.mongo.MongoClient(at.mongodbUri).connect();
  const info = await client.db('admin').command({ buildInfo: 1 });
  await client.close();
  const ferretdb = (info['ferretdb'] as { version?: string } | undefined)?.version;
  parts.push(`Temporal ${serverVersion} (development server, SQLite)`);
  parts.push(ferretdb === undefined ? `MongoDB ${info['version']}` : `FerretDB ${ferretdb} on PostgreSQL`);
  return `Measured on ${parts.join(', ')}; load generator, API, worker, target and both servers share the machine.`;
}
