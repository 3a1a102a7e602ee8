import { type Connection, Schema } from 'mongoose';
import { ProvostError } from '../domain/errors.ts';
import type { TenantId } from '../domain/ids.ts';
import type { IdentityProvider, Policy, Target } from '../domain/policy.ts';
import { targetSecretContext } from '../domain/target-secret-context.ts';
import { isDuplicateKey } from './connect.ts';
import type { SealedCollection } from './sealed-places.ts';

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    version: { type: Number, required: true },
    name: { type: String },
    createdAt: { type: String, required: true },
    createdBy: { type: String, required: true },
    serviceProviders: { type: [Schema.Types.Mixed], required: true },
    identityProviders: { type: [Schema.Types.Mixed], required: true },
    outbound: { type: [String], default: undefined },
    approvals: { type: [Schema.Types.Mixed], default: undefined },
    selfService: { type: Schema.Types.Mixed },
    claims: { type: [Schema.Types.Mixed], default: undefined },
    schemas: { type: [Schema.Types.Mixed], default: undefined },
    resourceTypes: { type: [Schema.Types.Mixed], default: undefined },
  },
  { collection: 'policies', versionKey: false, strict: 'throw', minimize: false },
);
schema.index({ tenant: 1, version: -1 });
// What was written lately, of all tenants: processes ask for it each second.
schema.index({ createdAt: 1 });

/** Milliseconds by which the clocks of two processes may differ and neither misses what the other wrote. */
const CLOCKS_DIFFER_MS = 600_000;

/** Versions, and tenants' newest ones, that a process keeps. */
const MOST_KEPT = 1_000;

export type PolicyStore = ReturnType<typeof createPolicyStore>;

interface Head {
  readonly tenant: TenantId;
  readonly version: number;
  readonly createdAt: string;
}

export interface PolicyCacheOptions {
  /** How long a process may go on with a policy that another process has replaced, milliseconds. */
  readonly currentForMs: number;
  readonly now: () => number;
}

/** A tenant's policies, every version kept. A version is immutable, so it is cached for good; the newest one for a moment. */
export function createPolicyStore(connection: Connection, cache: PolicyCacheOptions) {
  const documents = connection.model('Policy', schema).collection;
  const versions = new Map<string, Policy>();
  const newest = new Map<TenantId, { readonly policy: Policy; readonly until: number }>();
  const heads = new Map<TenantId, number>();
  let headsAt: string | undefined;

  const remember = (policy: Policy): Policy => {
    const id = policyId(policy.tenant, policy.version);
    versions.delete(id);
    versions.set(id, policy);
    const [oldest] = versions.size > MOST_KEPT ? versions.keys() : [];
    if (oldest !== undefined) versions.delete(oldest);
    return policy;
  };

  /** What is known to be replaced is not the newest, however lately it was read. */
  const learn = (tenant: TenantId, version: number): void => {
    if ((newest.get(tenant)?.policy.version ?? version) < version) newest.delete(tenant);
  };

  const readNewest = async (tenant: TenantId): Promise<Policy> => {
    const [found] = await documents.find({ tenant }).sort({ version: -1 }).limit(1).toArray();
    if (found === undefined) throw new ProvostError('NOT_FOUND', 'There is no such tenant.');
    const policy = remember(toPolicy(found));
    const until = cache.now() + cache.currentForMs;
    if (newest.size >= MOST_KEPT) for (const [each, held] of newest) if (held.until <= cache.now()) newest.delete(each);
    newest.set(tenant, { policy, until });
    return policy;
  };

  return {
    /**
     * Never older than a version that this process has seen.
     *
     * @throws ProvostError `NOT_FOUND` where there is no such tenant
     */
    async current(tenant: TenantId): Promise<Policy> {
      const held = newest.get(tenant);
      return held !== undefined && held.until > cache.now() ? held.policy : readNewest(tenant);
    },

    /** {@link current}, read anew: for whoever misses something that may just have been added. */
    renewed: readNewest,

    /** @throws ProvostError `NOT_FOUND` where the tenant has no such version */
    async at(tenant: TenantId, version: number): Promise<Policy> {
      learn(tenant, version);
      const held = versions.get(policyId(tenant, version));
      if (held !== undefined) return remember(held);
      const found = await documents.findOne({ _id: policyId(tenant, version) as never, tenant });
      if (found === null) throw new ProvostError('NOT_FOUND', `The tenant has no policy version ${version}.`);
      return remember(toPolicy(found));
    },

    /**
     * Writes the version after `policy.version - 1`.
     *
     * @throws ProvostError `CONCURRENT_WRITE` where somebody else wrote that version first
     */
    async write(policy: Policy, author: { readonly by: string; readonly at: string }): Promise<void> {
      try {
        await documents.insertOne({
          _id: policyId(policy.tenant, policy.version),
          ...policy,
          identityProviders: policy.identityProviders.map(toStoredProvider),
          createdAt: author.at,
          createdBy: author.by,
        } as never);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        newest.delete(policy.tenant);
        throw new ProvostError(
          'CONCURRENT_WRITE',
          'Somebody else edited the configuration at the same time; try again.',
          {},
          { cause: error },
        );
      }
      newest.delete(policy.tenant);
      remember(policy);
    },

    /**
     * Every tenant there is, with its newest version: what a worker needs to know which queues to serve. For processes,
     * not for requests. After the first time it reads what was written lately alone.
     */
    async newestVersions(): Promise<{ tenant: TenantId; version: number }[]> {
      const found = headsAt === undefined ? await allHeads() : await headsSince(headsAt);
      for (const { tenant, version, createdAt } of found) {
        if (version > (heads.get(tenant) ?? 0)) heads.set(tenant, version);
        learn(tenant, version);
        if (createdAt > (headsAt ?? '')) headsAt = createdAt;
      }
      return [...heads].map(([tenant, version]) => ({ tenant, version }));
    },
  };

  async function allHeads(): Promise<Head[]> {
    const newestOfEach = { _id: '$tenant', version: { $max: '$version' }, createdAt: { $max: '$createdAt' } };
    const found = await documents.aggregate([{ $group: newestOfEach }]).toArray();
    return found.map(({ _id, ...rest }) => ({ ...rest, tenant: _id }) as unknown as Head);
  }

  async function headsSince(at: string): Promise<Head[]> {
    const since = new Date(Math.min(Date.parse(at), cache.now()) - CLOCKS_DIFFER_MS).toISOString();
    const projection = { _id: 0, tenant: 1, version: 1, createdAt: 1 };
    return (await documents.find({ createdAt: { $gte: since } }, { projection }).toArray()) as unknown as Head[];
  }
}

const policyId = (tenant: TenantId, version: number): string => `${tenant}@${version}`;

const toPolicy = (document: object): Policy => {
  const {
    tenant,
    version,
    name,
    serviceProviders,
    identityProviders,
    outbound,
    claims,
    approvals,
    selfService,
    schemas,
    resourceTypes,
  } = document as Policy;
  return {
    tenant,
    version,
    ...(name === undefined ? {} : { name }),
    serviceProviders,
    identityProviders: identityProviders.map(fromStoredProvider),
    ...(outbound === undefined ? {} : { outbound }),
    ...(claims === undefined ? {} : { claims }),
    ...(approvals === undefined ? {} : { approvals }),
    ...(selfService === undefined ? {} : { selfService }),
    ...(schemas === undefined ? {} : { schemas }),
    ...(resourceTypes === undefined ? {} : { resourceTypes }),
  };
};

/**
 * A target as it is stored. Its secrets are in `boundSecrets`, sealed to the addresses that they may be sent to. Releases up
 * to 0.1.0 kept them in `sealedSecrets`, sealed to the target alone; that form is never opened here.
 */
type StoredTarget = Target & { readonly boundSecrets?: Target['sealedSecrets'] };

const toStoredProvider = (provider: IdentityProvider): object => ({
  ...provider,
  targets: provider.targets.map(({ sealedSecrets, ...target }) => ({
    ...target,
    sealedSecrets: {},
    boundSecrets: sealedSecrets,
  })),
});

const fromStoredProvider = (provider: IdentityProvider): IdentityProvider => ({
  ...provider,
  targets: provider.targets.map(
    ({ boundSecrets, ...target }: StoredTarget): Target => ({
      ...target,
      sealedSecrets: boundSecrets ?? target.sealedSecrets,
    }),
  ),
});

/** Secrets of targets, in every version: a change that is under way goes by the version that it was decided on. */
export const SEALED_POLICIES: SealedCollection = {
  collection: 'policies',
  placesIn: ({ tenant, identityProviders }) =>
    (identityProviders as Policy['identityProviders']).flatMap(({ targets }, provider) =>
      targets.flatMap((target: StoredTarget, index) =>
        Object.keys(target.boundSecrets ?? {}).map(
          (name) =>
            [
              `identityProviders.${provider}.targets.${index}.boundSecrets.${name}`,
              targetSecretContext(tenant as TenantId, target, name),
            ] as const,
        ),
      ),
    ),
};
