import { type Connection, Schema } from 'mongoose';
import type { Sealer } from '../domain/sealing.ts';
import { isDuplicateKey } from './connect.ts';
import type { SealedCollection } from './sealed-places.ts';

/** A key with which access tokens are signed, as a JWK. The private half is sealed. */
export interface SigningKey {
  readonly kid: string;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  readonly privateJwk: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
  /** From when on it signs; it is published before, so that everybody who verifies has it by then. */
  readonly signsFrom: string;
  /** Higher ones are newer. */
  readonly order: number;
}

const schema = new Schema(
  {
    _id: { type: String, required: true },
    publicJwk: { type: Schema.Types.Mixed, required: true },
    privateJwk: { type: String, required: true },
    createdAt: { type: String, required: true },
    signsFrom: { type: String },
    order: { type: Number, required: true },
  },
  { collection: 'signing-keys', versionKey: false, strict: 'throw', minimize: false },
);
schema.index({ order: 1 }, { unique: true });

export type SigningKeyStore = ReturnType<typeof createSigningKeyStore>;

/** Rotation removes old ones, so there are a handful. */
const MOST_KEYS = 100;

/** The issuer's keys, shared by every API process. The newest signs; older ones still verify until they are removed. */
export function createSigningKeyStore(connection: Connection, sealer: Sealer) {
  const documents = connection.model('SigningKey', schema).collection;

  return {
    /** Newest first. */
    async list(): Promise<SigningKey[]> {
      const found = await documents.find({}).sort({ order: -1 }).limit(MOST_KEYS).toArray();
      return found.map((document) => ({
        kid: String(document['_id']),
        publicJwk: document['publicJwk'] as Record<string, unknown>,
        privateJwk: sealer.unseal(document['privateJwk'] as string, context(String(document['_id']))) as Record<
          string,
          unknown
        >,
        createdAt: document['createdAt'] as string,
        signsFrom: (document['signsFrom'] ?? document['createdAt']) as string,
        order: document['order'] as number,
      }));
    },

    /** @returns false where another process added the key of this order first */
    async add(key: SigningKey): Promise<boolean> {
      try {
        await documents.insertOne({
          _id: key.kid,
          publicJwk: key.publicJwk,
          privateJwk: sealer.seal(key.privateJwk, context(key.kid)),
          createdAt: key.createdAt,
          signsFrom: key.signsFrom,
          order: key.order,
        } as never);
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    /** @returns false where there is no such key */
    async remove(kid: string): Promise<boolean> {
      return (await documents.deleteOne({ _id: kid as never })).deletedCount > 0;
    },
  };
}

const context = (kid: string): string => `platform/signing-keys/${kid}`;

export const SEALED_SIGNING_KEYS: SealedCollection = {
  collection: 'signing-keys',
  placesIn: ({ _id }) => [['privateJwk', context(_id)]],
};
