import mongoose, { type Connection } from 'mongoose';

export interface MongoOptions {
  readonly uri: string;
  readonly maxPoolSize: number;
  readonly serverSelectionTimeoutMs?: number;
}

/**
 * Opens the one connection pool of a process.
 *
 * @throws MongooseServerSelectionError when no server answers in time
 */
export async function connectMongo(options: MongoOptions): Promise<Connection> {
  const connection = mongoose.createConnection(options.uri, {
    maxPoolSize: options.maxPoolSize,
    minPoolSize: 2,
    serverSelectionTimeoutMS: options.serverSelectionTimeoutMs ?? 10_000,
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    // A write is answered once a majority holds it: an acknowledged change survives the loss of a server.
    writeConcern: { w: 'majority' },
  });
  await connection.asPromise();
  return connection;
}

/** Creates what indexes are missing. Safe to call from several processes at once. */
export async function ensureIndexes(connection: Connection): Promise<void> {
  for (const model of Object.values(connection.models)) await createMissing(model);
}

async function createMissing(model: mongoose.Model<unknown>): Promise<void> {
  try {
    await model.createIndexes();
  } catch (error) {
    // Another process made the same collection or index a moment ago: look again, once.
    if (!isAlreadyThere(error)) throw error;
    await model.createIndexes();
  }
}

const isAlreadyThere = (error: unknown): boolean =>
  error instanceof Error &&
  /already exists|duplicate key value violates unique constraint|tuple concurrently/i.test(error.message);

/** MongoDB's duplicate-key error (code 11000), whichever index spoke. */
export const isDuplicateKey = (error: unknown): error is Error & { readonly keyPattern?: Record<string, unknown> } =>
  error instanceof Error && 'code' in error && error.code === 11000;

/** Names of the driver's errors that say that no server answered, or not whole. */
const AWAY_NAMES: ReadonlySet<string> = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoPoolClosedError',
  'MongoPoolClearedError',
  'MongoClientClosedError',
  'MongoExpiredSessionError',
]);

/** A server that shuts down, steps down or is not writable yet; 1 and 8 are what it has no other name for. */
const AWAY_CODES: ReadonlySet<unknown> = new Set([
  1, 6, 7, 8, 50, 64, 89, 91, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436,
]);

/** Whether doing the same again helps once the database is back. */
export const isDatabaseAway = (error: unknown): boolean =>
  error instanceof Error &&
  (AWAY_NAMES.has(error.name) || ('code' in error && 'errorResponse' in error && AWAY_CODES.has(error.code)));
