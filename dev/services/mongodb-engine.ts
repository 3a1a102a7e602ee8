import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withBuildLock } from './build-lock.ts';
import { cacheFolder } from './cache-folder.ts';
import { buildFerretdb, builtFerretdb } from './ferretdb-program.ts';
import { findOnPath } from './find-program.ts';
import { firstWay, type Way } from './first-way.ts';
import { downloadedMongod, downloadMongod } from './mongod-program.ts';
import { installedPostgres, waysToInstallPostgres } from './postgres-install.ts';
import type { PostgresInstallation } from './postgres-installation.ts';
import type { OnProgress } from './progress.ts';

/** What serves MongoDB's protocol here. */
export type MongodbEngine =
  | { readonly kind: 'mongod'; readonly mongod: string }
  | { readonly kind: 'ferretdb'; readonly ferretdb: string; readonly postgres: PostgresInstallation };

const ADVICE = 'Install MongoDB (mongod on PATH), or set MONGODB_URI to a server that runs.';

const GO_ADVICE = 'Install Go (https://go.dev/dl), with which FerretDB is built.';
const POSTGRES_ADVICE = 'Install the package postgresql-18-documentdb where your distribution has it.';

/**
 * Picks the engine: what is there already before what must be fetched or built, MongoDB's own server before others.
 *
 * @param folder where the data is: data that one engine made is never left aside because another one appeared
 */
export async function mongodbEngine(
  folder: string,
  onProgress: OnProgress,
  env: NodeJS.ProcessEnv = process.env,
  toGet = waysToGetMongodb(onProgress, env),
): Promise<MongodbEngine> {
  const cache = cacheFolder(env);
  const ready = [
    mongod('a mongod program on PATH', async () => findOnPath('mongod', env)),
    mongod('a mongod program in the cache', async () => downloadedMongod(cache)),
    { name: 'FerretDB and PostgreSQL in the cache', find: async () => preparedFerretdb(cache) },
  ];
  for (const way of suited(ready, folder)) {
    const found = await way.find();
    if (found) return found;
  }
  return withBuildLock(join(cache, 'mongodb'), 'the MongoDB server', onProgress, () =>
    firstWay('A MongoDB server', suited([...ready, ...toGet], folder), ADVICE),
  );
}

export function waysToGetMongodb(onProgress: OnProgress, env: NodeJS.ProcessEnv): Way<MongodbEngine>[] {
  const cache = cacheFolder(env);
  return [
    mongod('a download of mongod', () => downloadMongod(cache, onProgress)),
    { name: 'FerretDB on PostgreSQL', find: () => prepareFerretdb(cache, onProgress, env) },
  ];
}

/** The ways that lead to the engine which made the data, if there is data. */
function suited(ways: readonly Way<MongodbEngine>[], folder: string): Way<MongodbEngine>[] {
  const made = existsSync(join(folder, 'mongod')) ? 'mongod' : existsSync(join(folder, 'postgres')) ? 'FerretDB' : '';
  return ways.filter(({ name }) => name.includes(made));
}

const mongod = (name: string, find: () => Promise<string | undefined>): Way<MongodbEngine> => ({
  name,
  async find() {
    const found = await find();
    return found === undefined ? undefined : { kind: 'mongod', mongod: found };
  },
});

function preparedFerretdb(cache: string): MongodbEngine | undefined {
  const ferretdb = builtFerretdb(cache);
  const postgres = installedPostgres(cache);
  return ferretdb && postgres ? { kind: 'ferretdb', ferretdb, postgres } : undefined;
}

async function prepareFerretdb(
  cache: string,
  onProgress: OnProgress,
  env: NodeJS.ProcessEnv,
): Promise<MongodbEngine | undefined> {
  const postgres =
    installedPostgres(cache) ??
    (await firstWay('PostgreSQL with DocumentDB', waysToInstallPostgres(cache, onProgress), POSTGRES_ADVICE));
  const ferretdb = builtFerretdb(cache) ?? (await buildFerretdb(cache, onProgress, env));
  if (!ferretdb) throw new Error(GO_ADVICE);
  return { kind: 'ferretdb', ferretdb, postgres };
}
