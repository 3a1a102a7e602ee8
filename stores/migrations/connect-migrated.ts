import type { Connection } from 'mongoose';
import { connectMongo, type MongoOptions } from '../connect.ts';
import { requireMigrations } from './require-migrations.ts';

/**
 * Opens the connection pool of a process that serves.
 *
 * @throws MigrationsPendingError where the database is of an older release; nothing stays open
 */
export async function connectMigrated(options: MongoOptions): Promise<Connection> {
  const connection = await connectMongo(options);
  try {
    await requireMigrations(connection, () => new Date());
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}
