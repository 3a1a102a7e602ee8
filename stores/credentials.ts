import { randomUUID } from 'node:crypto';
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
  /**
   * User name or client id, unique over all tenants because it tells the tenant: `name@tenant` for a chosen name, random
   * for another. Names without a tenant are older, or an operator's own.
   */
  readonly id: string;
  readonly tenant: TenantId;
  readonly kind: 'basic' | 'client' | 'token';
  readonly serviceProvider: ServiceProviderId;
  readonly scopes: readonly string[];
  readonly roles: readonly Role[];
  /** argon2id, in PHC form. */
  readonly secretHash: string;
  readonly createdAt: string;
  /** Random, made anew by each rotation. What is issued to the credential carries it, and ends with it. */
  readonly binding: string;
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
    binding: { type: String },
  },
  { collection: 'credentials', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, serviceProvider: 1, _id: 1 });

/** Most credentials of a service provider that can be added; older ones may have more. */
export const MOST_CREDENTIALS = 500;
const MOST_LISTED = 10_000;

/** What may be shown of a credential. */
export type ListedCredential = Omit<Credential, 'secretHash' | 'binding'>;

export type CredentialStore = ReturnType<typeof createCredentialStore>;

export function createCredentialStore(connection: Connection) {
  const documents = connection.model('Credential', schema).collection;
  const toCredential = (document: object): Credential => {
    const { _id, ...rest } = document as Omit<Credential, 'id'> & { _id: string };
    return { id: _id, ...rest };
  };

  /** What older code stored has no binding until it is first used, or migrated. */
  async function bind(id: string): Promise<string | undefined> {
    await documents.updateOne({ _id: id as never, binding: { $exists: false } }, { $set: { binding: randomUUID() } });
    const found = await documents.findOne({ _id: id as never }, { projection: { binding: 1 } });
    return found?.['binding'];
  }

  return {
    /** By id alone: before a caller is known, so is no tenant. The only such query. */
    async findForAuthentication(id: string): Promise<Credential | undefined> {
      const found = await documents.findOne({ _id: id as never });
      if (found === null) return undefined;
      return toCredential(found['binding'] === undefined ? { ...found, binding: await bind(id) } : found);
    },

    async find(tenant: TenantId, id: string): Promise<Credential | undefined> {
      const found = await documents.findOne({ _id: id as never, tenant });
      return found === null ? undefined : toCredential(found);
    },

    /** Those of a service provider, by id. */
    async list(tenant: TenantId, serviceProvider: ServiceProviderId): Promise<ListedCredential[]> {
      const found = await documents
        .find({ tenant, serviceProvider }, { projection: { secretHash: 0, binding: 0 } })
        .sort({ _id: 1 })
        .limit(MOST_LISTED)
        .toArray();
      return found.map((document) => toCredential(document));
    },

    /** @throws ProvostError `UNIQUENESS` where the id is taken */
    async add(credential: Omit<Credential, 'binding'>): Promise<void> {
      const { id, ...rest } = credential;
      try {
        await documents.insertOne({ _id: id, ...rest, binding: randomUUID() } as never);
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

    /**
     * Gives a credential another secret. What was issued to it before ends.
     *
     * @returns false where it is not as it was read any more
     */
    async rotate(before: Credential, renewed: Pick<Credential, 'secretHash' | 'createdAt'>): Promise<boolean> {
      const { id, tenant, secretHash } = before;
      const { matchedCount } = await documents.updateOne(
        { _id: id as never, tenant, secretHash },
        { $set: { ...renewed, binding: randomUUID() } },
      );
      return matchedCount > 0;
    },

    /** @returns false where the tenant has no such credential */
    async remove(tenant: TenantId, id: string): Promise<boolean> {
      return (await documents.deleteOne({ _id: id as never, tenant })).deletedCount > 0;
    },

    /**
     * Removes the credentials of a service provider.
     *
     * @param sparing credentials with this role are left
     */
    async removeOfServiceProvider(
      tenant: TenantId,
      serviceProvider: ServiceProviderId,
      sparing: Role | undefined,
    ): Promise<void> {
      const spared = sparing === undefined ? {} : { roles: { $ne: sparing } };
      await documents.deleteMany({ tenant, serviceProvider, ...spared });
    },
  };
}
