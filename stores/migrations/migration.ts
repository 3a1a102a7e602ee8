import type { Connection } from 'mongoose';
import type { Sealer } from '../../domain/sealing.ts';

/** What a migration has done so far, in counts by what was done: `{ "entries given an id": 12 }`. */
export type MigrationCounts = Readonly<Record<string, number>>;

export interface MigrationContext {
  readonly connection: Connection;
  readonly sealer: Sealer;
  /** Nothing may be written: the counts say what would be done. */
  readonly isDryRun: boolean;
  now(): Date;
  /** Where an earlier run of this migration stopped, as {@link MigrationContext.saveProgress} recorded it. */
  readonly resumeAfter: string | undefined;
  /** What an earlier run of this migration had done when it stopped. */
  readonly counts: MigrationCounts;
  /**
   * Records how far the migration has come, and that this run still holds the lock. Called after each page.
   *
   * @throws MigrationLockLostError where another run took the lock over; this one must stop
   */
  saveProgress(after: string, counts: MigrationCounts): Promise<void>;
}

/**
 * One step from the stored form of an older release to the current one. It is idempotent (what is in the current form
 * already is left alone), resumable (it goes page by page and records where it is), and compatible with processes of
 * the older and of the current release that read and write beside it.
 */
export interface Migration {
  /** Never changed once released; migrations run in the order of {@link MIGRATIONS}, not of ids. */
  readonly id: string;
  /** What it changes, as an operator reads it. */
  readonly description: string;
  run(context: MigrationContext): Promise<MigrationCounts>;
}
