import type { Connection } from 'mongoose';
import type { Migration } from './migration.ts';
import { MIGRATIONS } from './migrations.ts';
import { createMigrationProgress } from './progress.ts';

/** The database is of an older release. */
export class MigrationsPendingError extends Error {
  readonly pending: readonly string[];

  constructor(pending: readonly string[]) {
    super(
      `The database was written by an older release and has to be migrated first (${pending.join(', ')}). ` +
        'Run "npm run migrate" with the same environment, then start again. See docs/guides/upgrade.md.',
    );
    this.name = 'MigrationsPendingError';
    this.pending = pending;
  }
}

/**
 * Asks that every migration has run here, before a process serves. On an empty database it records that none is needed.
 *
 * @throws MigrationsPendingError
 */
export async function requireMigrations(
  connection: Connection,
  now: () => Date,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const pending = await pendingMigrations(connection, now, migrations);
  if (pending.length > 0) throw new MigrationsPendingError(pending.map(({ id }) => id));
}

/** The migrations that have not ended here, in order; none on an empty database, which is recorded unless it is a dry run. */
export async function pendingMigrations(
  connection: Connection,
  now: () => Date,
  migrations: readonly Migration[] = MIGRATIONS,
  isDryRun = false,
): Promise<readonly Migration[]> {
  const progress = createMigrationProgress(connection);
  const left = async (): Promise<readonly Migration[]> => {
    const records = await progress.all();
    return migrations.filter(({ id }) => (records.get(id)?.state ?? 'running') === 'running');
  };
  const pending = await left();
  if (pending.length === 0) return pending;
  const isEmpty = await progress.isEmptyDatabase();
  if (isEmpty) {
    if (isDryRun) return [];
    await progress.saveNotNeeded(
      pending.map(({ id }) => id),
      now().toISOString(),
    );
    return [];
  }
  // A process that found the database empty recorded that before it wrote anything else: what is there now counts.
  return left();
}
