import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { Sealer } from '../../domain/sealing.ts';
import { type MigrationLock, takeLock } from './lock.ts';
import type { Migration, MigrationCounts } from './migration.ts';
import { MIGRATIONS } from './migrations.ts';
import { createMigrationProgress, type MigrationProgress } from './progress.ts';
import { pendingMigrations } from './require-migrations.ts';

export interface MigrateOptions {
  readonly sealer: Sealer;
  now(): Date;
  /** Writes nothing, and says what would be done. */
  readonly isDryRun?: boolean;
  /** Runs also what has ended before: for what processes of the older release wrote since. */
  readonly again?: boolean;
  readonly migrations?: readonly Migration[];
  onProgress?(migration: Migration, counts: MigrationCounts): void;
  /** Called once where another run holds the lock, before waiting for it. */
  onWait?(): void;
}

export interface Migrated {
  readonly migration: Migration;
  readonly counts: MigrationCounts;
}

const LOOK_AGAIN_MS = 500;

/**
 * Brings the database to the current stored form: runs each migration that has not ended here, in order. Of several
 * runs at once one works and the others wait, then find nothing left. May be stopped and run again.
 *
 * @returns what was done, by migration
 */
export async function migrate(connection: Connection, options: MigrateOptions): Promise<readonly Migrated[]> {
  const { now, isDryRun = false, again = false, migrations = MIGRATIONS, onWait } = options;
  const lock = isDryRun ? undefined : await waitForLock(connection, now, onWait);
  try {
    const pending = again ? migrations : await pendingMigrations(connection, now, migrations, isDryRun);
    const done: Migrated[] = [];
    for (const migration of pending)
      done.push({ migration, counts: await runOne(connection, migration, options, lock) });
    return done;
  } finally {
    await lock?.release();
  }
}

async function waitForLock(
  connection: Connection,
  now: () => Date,
  onWait: (() => void) | undefined,
): Promise<MigrationLock> {
  const owner = randomUUID();
  for (let attempt = 1; ; attempt += 1) {
    const lock = await takeLock(connection, owner, now);
    if (lock !== undefined) return lock;
    if (attempt === 1) onWait?.();
    await pause(LOOK_AGAIN_MS);
  }
}

async function runOne(
  connection: Connection,
  migration: Migration,
  { sealer, now, isDryRun = false, onProgress }: MigrateOptions,
  lock: MigrationLock | undefined,
): Promise<MigrationCounts> {
  const progress: MigrationProgress = createMigrationProgress(connection);
  const before = (await progress.all()).get(migration.id);
  const resumed = before?.state === 'running' ? before : undefined;
  const startedAt = resumed?.startedAt ?? now().toISOString();
  const record = (counts: MigrationCounts) => ({ _id: migration.id, counts, startedAt });

  const counts = await migration.run({
    connection,
    sealer,
    isDryRun,
    now,
    resumeAfter: isDryRun ? undefined : resumed?.after,
    counts: isDryRun ? {} : (resumed?.counts ?? {}),
    async saveProgress(after, sofar) {
      if (!isDryRun) {
        await lock?.renew();
        // Run again after it ended, it stays ended: processes that serve meanwhile must not be refused.
        const state = before === undefined || before.state === 'running' ? 'running' : before.state;
        await progress.save({ ...record(sofar), state, after });
      }
      onProgress?.(migration, sofar);
    },
  });
  if (!isDryRun) {
    await lock?.renew();
    await progress.save({ ...record(counts), state: 'done', endedAt: now().toISOString() });
  }
  return counts;
}
