import { endOldFerretdb, runFerretdb } from './ferretdb.ts';
import { endOldMongod, runMongod } from './mongod.ts';
import { type MongodbEngine, mongodbEngine } from './mongodb-engine.ts';
import { ownService } from './owned-service.ts';
import { claimPort } from './ports.ts';
import type { OnProgress } from './progress.ts';
import { foreignService, type ServiceHandle } from './service-handle.ts';

export interface MongodbOptions {
  readonly dataDir: string;
  /** 0 picks a free port. */
  readonly ports: { readonly mongodb: number };
  /** Default true. False trades surviving a power cut for speed; a killed process loses nothing either way. */
  readonly durable?: boolean;
  readonly onProgress: OnProgress;
  readonly env?: NodeJS.ProcessEnv;
}

export interface MongodbService extends ServiceHandle {
  readonly uri: string;
  /** `given` by MONGODB_URI, or what was started. */
  readonly engine: 'given' | MongodbEngine['kind'];
}

/** The server that `MONGODB_URI` names, or else one of our own: MongoDB, or FerretDB where there is none to be had. */
export async function startMongodb(options: MongodbOptions): Promise<MongodbService> {
  const { dataDir, onProgress, durable = true, env = process.env } = options;
  const given = env['MONGODB_URI'];
  if (given) return { uri: given, engine: 'given', ...foreignService('A MongoDB server', 'MONGODB_URI') };

  let { mongodb: port } = options.ports;
  let engine: MongodbEngine | undefined;
  const handle = await ownService({
    dataDir,
    name: 'mongodb',
    onProgress,
    async start(folder) {
      engine ??= await mongodbEngine(folder, onProgress, env);
      await Promise.all([endOldFerretdb(folder), endOldMongod(folder)]);
      port = await claimPort({ port, wantedBy: 'the MongoDB server', variable: 'PROVOST_MONGODB_PORT' });
      return engine.kind === 'mongod'
        ? runMongod({ ...engine, folder, port, onProgress })
        : runFerretdb({ ...engine, folder, port, durable, onProgress });
    },
  });
  const kind = engine?.kind ?? 'mongod';
  // MongoDB answers before its journal has the write unless asked; PostgreSQL's log always has it.
  const uri = `mongodb://127.0.0.1:${port}/${kind === 'mongod' ? '?journal=true' : ''}`;
  return { uri, engine: kind, ...handle };
}
