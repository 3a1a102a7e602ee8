import { type Connection, Schema } from 'mongoose';
import { isDuplicateKey } from './connect.ts';

const schema = new Schema(
  { _id: { type: String, required: true }, at: { type: String, required: true } },
  { collection: 'bootstrap-marks', versionKey: false, strict: 'throw' },
);

export type BootstrapMarks = ReturnType<typeof createBootstrapMarks>;

/** Names of the administrators that the configuration has made here, whatever became of them. Of no tenant. */
export function createBootstrapMarks(connection: Connection) {
  const documents = connection.model('BootstrapMark', schema).collection;
  return {
    async has(name: string): Promise<boolean> {
      return (await documents.findOne({ _id: name as never })) !== null;
    },

    async add(name: string, at: string): Promise<void> {
      try {
        await documents.insertOne({ _id: name as never, at });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },
  };
}
