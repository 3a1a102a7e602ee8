import { type Connection, Schema } from 'mongoose';
import { isDuplicateKey } from './connect.ts';

const schema = new Schema(
  {
    _id: { type: String, required: true },
    owner: { type: String, required: true },
    until: { type: Number, required: true },
  },
  { collection: 'leases', versionKey: false, strict: 'throw' },
);

export type LeaseStore = ReturnType<typeof createLeaseStore>;

/** Work of the whole installation that one process at a time does. Few, one document each. */
export function createLeaseStore(connection: Connection, now: () => number) {
  const documents = connection.model('Lease', schema).collection;
  return {
    /**
     * Takes a lease, or prolongs it.
     *
     * @param forMs how long it is kept from others if it is not prolonged
     * @returns false while another process has it
     */
    async take(name: string, owner: string, forMs: number): Promise<boolean> {
      try {
        await documents.updateOne(
          { _id: name as never, $or: [{ owner }, { until: { $lt: now() } }] },
          { $set: { owner, until: now() + forMs } },
          { upsert: true },
        );
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    /** Gives it back, so that another process need not wait for its end. */
    async release(name: string, owner: string): Promise<void> {
      await documents.deleteOne({ _id: name as never, owner });
    },
  };
}
