import type { Connection } from 'mongoose';
import { isDuplicateKey } from '../connect.ts';

const LOCK = 'lock';
/** How long a run that does not report is believed to live. */
const LEASE_MS = 60_000;

/** Another run took the lock over, because this one had not reported for a minute. */
export class MigrationLockLostError extends Error {
  constructor() {
    super('Another run of the migrations has taken over. This run stops; what it did is kept.');
    this.name = 'MigrationLockLostError';
  }
}

export interface MigrationLock {
  /** @throws MigrationLockLostError */
  renew(): Promise<void>;
  release(): Promise<void>;
}

/** Takes the lock that lets one run at a time migrate. @returns undefined while another run holds it */
export async function takeLock(
  connection: Connection,
  owner: string,
  now: () => Date,
): Promise<MigrationLock | undefined> {
  const documents = connection.collection('migrations');
  const until = (): Date => new Date(now().getTime() + LEASE_MS);
  try {
    await documents.updateOne(
      { _id: LOCK as never, $or: [{ until: { $lt: now() } }, { owner }] },
      { $set: { owner, until: until() } },
      { upsert: true },
    );
  } catch (error) {
    if (isDuplicateKey(error)) return undefined;
    throw error;
  }
  return {
    async renew() {
      const { matchedCount } = await documents.updateOne({ _id: LOCK as never, owner }, { $set: { until: until() } });
      if (matchedCount === 0) throw new MigrationLockLostError();
    },
    async release() {
      await documents.deleteOne({ _id: LOCK as never, owner });
    },
  };
}
