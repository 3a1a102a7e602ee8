import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { type Connection, Schema } from 'mongoose';
import type { Sealer } from '../domain/sealing.ts';
import { isDuplicateKey } from './connect.ts';
import type { SealedCollection } from './sealed-places.ts';

const schema = new Schema(
  {
    _id: { type: String, required: true },
    secret: { type: String, required: true },
    createdAt: { type: String, required: true },
  },
  { collection: 'secrets', versionKey: false, strict: 'throw' },
);

export type SecretStore = ReturnType<typeof createSecretStore>;

/**
 * Random keys that the installation made for itself, one for each purpose, shared by all its processes. They are sealed,
 * so the database alone does not give them; and they outlive a rotation of the keys that seal them, so that what was
 * derived with them stays what it is.
 */
export function createSecretStore(connection: Connection, sealer: Sealer) {
  const documents = connection.model('Secret', schema).collection;
  const known = new Map<string, KeyObject>();

  async function find(name: string): Promise<KeyObject | undefined> {
    const held = known.get(name);
    if (held !== undefined) return held;
    const found = await documents.findOne({ _id: name as never });
    if (found === null) return undefined;
    const secret = sealer.unseal(found['secret'] as string, contextOf(name));
    const key = createSecretKey(secret as Uint8Array);
    known.set(name, key);
    return key;
  }

  return {
    /** @returns undefined where none was made. @throws Error where the key that sealed it is unknown */
    find,

    /** Finds the secret of this name, or makes it. */
    async obtain(name: string): Promise<KeyObject> {
      const held = await find(name);
      if (held !== undefined) return held;
      const secret = sealer.seal(new Uint8Array(randomBytes(32)), contextOf(name));
      try {
        await documents.insertOne({ _id: name, secret, createdAt: new Date().toISOString() } as never);
      } catch (error) {
        // Another process made it a moment ago.
        if (!isDuplicateKey(error)) throw error;
      }
      const made = await find(name);
      if (made === undefined) throw new Error(`The secret "${name}" was made and is not there.`);
      return made;
    },
  };
}

const contextOf = (name: string): string => `platform/secrets/${name}`;

export const SEALED_SECRETS: SealedCollection = {
  collection: 'secrets',
  placesIn: ({ _id }) => [['secret', contextOf(_id)]],
};
