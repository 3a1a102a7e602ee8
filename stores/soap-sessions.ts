import { type Connection, Schema } from 'mongoose';
import type { TenantId } from '../domain/ids.ts';

/** A SOAP client that has signed in. Its token is not kept: only who has it can present it. */
export interface SoapSession {
  /** Digest of the token. */
  readonly id: string;
  readonly tenant: TenantId;
  /** Who signed in, as a principal names it: id of a credential, or a person. */
  readonly credential: string;
  /** Digest of what proved it; another secret or password ends the session. */
  readonly proof: string;
  readonly createdAt: Date;
  /** Nothing counts after this. */
  readonly expiresAt: Date;
}

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    credential: { type: String, required: true },
    proof: { type: String, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'soap-sessions', versionKey: false, strict: 'throw' },
);
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
schema.index({ tenant: 1, credential: 1, expiresAt: -1 });

/** Sessions of one credential at a time; beyond, those end that would end first. */
const MOST_SESSIONS = 100;

export type SoapSessionStore = ReturnType<typeof createSoapSessionStore>;

export function createSoapSessionStore(connection: Connection) {
  const documents = connection.model('SoapSession', schema).collection;

  return {
    async add({ id, ...rest }: SoapSession): Promise<void> {
      await documents.insertOne({ _id: id, ...rest } as never);
      const { tenant, credential } = rest;
      const beyond = await documents
        .find({ tenant, credential }, { projection: { _id: 1 } })
        .sort({ expiresAt: -1 })
        .skip(MOST_SESSIONS)
        .limit(MOST_SESSIONS)
        .toArray();
      if (beyond.length > 0) await documents.deleteMany({ tenant, _id: { $in: beyond.map(({ _id }) => _id) } });
    },

    /** By id alone: before a caller is known, so is no tenant. */
    async find(id: string): Promise<SoapSession | undefined> {
      const found = await documents.findOne({ _id: id as never });
      if (found === null) return undefined;
      const { _id, ...rest } = found as unknown as Omit<SoapSession, 'id'> & { readonly _id: string };
      return { id: _id, ...rest };
    },

    async extend(tenant: TenantId, id: string, expiresAt: Date): Promise<void> {
      await documents.updateOne({ _id: id as never, tenant }, { $set: { expiresAt } });
    },

    async remove(tenant: TenantId, id: string): Promise<void> {
      await documents.deleteOne({ _id: id as never, tenant });
    },
  };
}
