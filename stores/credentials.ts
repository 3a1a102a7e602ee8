import { type Connection, Schema } from 'mongoose';
import { ProvostError } from '../domain/errors.ts';
import type { ResourceId, ServiceProviderId, TenantId } from '../domain/ids.ts';
import { isDuplicateKey } from './connect.ts';

/** What a caller may do besides its scopes: `platform-admin` manages tenants, the others act inside their own. */
export type Role = 'platform-admin' | 'admin' | 'operator' | 'auditor';

/**
 * Who may call: by HTTP Basic (`basic`), as an OAuth 2.0 client (`client`), or by a bearer token that is good until it is
 * deleted (`token`).
 */
export interface Credential {
  /** User name or client id; unique over all tenants, because it is what tells the tenant. */
  readonly id: string;
  readonly tenant: TenantId;
  readonly kind: 'basic' | 'client' | 'token';
  readonly serviceProvider: ServiceProviderId;
  readonly scopes: readonly string[];
  readonly roles: readonly Role[];
  /** argon2id, in PHC form. */
  readonly secretHash: string;
  readonly createdAt: string;
  /** The user whose credential it is: whom SCIM's `/Me` shows. */
  readonly user?: ResourceId;
}

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    kind: { type: String, required: true },
    serviceProvider: { type: String, required: true },
    scopes: { type: [String], required: true },
    roles: { type: [String], required: true },
    secretHash: { type: String, required: true },
    createdAt: { type: String, required: true },
    user: { type: String },
  },
  { collection: 'credentials', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, _id: 1 });

export type CredentialStore = ReturnType<typeof createCredentialStore>;

export function createCredentialStore(connection: Connection) {
  const documents = connection.model('Credential', schema).collection;
  const toCredential = (document: object): Credential => {
    const { _id, ...rest } = document as Omit<Credential, 'id'> & { _id: string };
    return { id: _id, ...rest };
  };

  return {
    /** By id alone: before a caller is known, so is no tenant. The only such query. */
    async findForAuthentication(id: string): Promise<Credential | undefined> {
      const found = await documents.findOne({ _id: id as never });
      return found === null ? undefined : toCredential(found);
    },

    async list(tenant: TenantId): Promise<Omit<Credential, 'secretHash'>[]> {
      const found = await documents
        .find({ tenant }, { projection: { secretHash: 0 } })
        .sort({ _id: 1 })
        .toArray();
      return found.map((document) => toCredential(document));
    },

    /** @throws ProvostError `UNIQUENESS` where the id is taken, by any tenant */
    async add(credential: Credential): Promise<void> {
      const { id, ...rest } = credential;
      try {
        await documents.insertOne({ _id: id, ...rest } as never);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        throw new ProvostError(
          'UNIQUENESS',
          'A credential with this name exists; choose another name.',
          {},
          { cause: error },
        );
      }
    },

    /** @returns false where the tenant has no such credential */
    async remove(tenant: TenantId, id: string): Promise<boolean> {
      return (await documents.deleteOne({ _id: id as never, tenant })).deletedCount > 0;
    },

    async removeOfServiceProvider(tenant: TenantId, serviceProvider: ServiceProviderId): Promise<void> {
      await documents.deleteMany({ tenant, serviceProvider });
    },
  };
}
