import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { CoreDependencies } from '../../../activities/index.ts';
import { createPersist } from '../../../activities/persist/index.ts';
import { createReport } from '../../../activities/report.ts';
import type { ReprojectionRequest } from '../../../activities/request-reprojection.ts';
import { createRestore } from '../../../activities/restore.ts';
import { createResourceRules } from '../../../domain/apply-change.ts';
import { acceptedOf, type ChangeBody, type Operation } from '../../../domain/change.ts';
import {
  asChangeId,
  asResourceId,
  asServiceProviderId,
  asTenantId,
  type ChangeId,
  type ResourceId,
} from '../../../domain/ids.ts';
import { type Policy, PRIMARY_STORE, type ServiceProvider } from '../../../domain/policy.ts';
import { GROUP_SCHEMA, type PatchOperation, USER_SCHEMA } from '../../../domain/scim/resource.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { createSealer } from '../../../platform/seal.ts';
import { ensureIndexes } from '../../../stores/connect.ts';
import { openStores, type Stores } from '../../../stores/open-stores.ts';
import { randomKeyRing } from '../../platform/keys.ts';
import { openFreshDatabase } from '../../stores/fresh-database.ts';

const AT = '2026-01-01T00:00:00.000Z';

const CLIENT: ServiceProvider = {
  id: asServiceProviderId('client'),
  name: 'Client',
  resident: true,
  mode: 'persist',
  userStore: PRIMARY_STORE,
  outbound: [],
  conformance: 'tolerant',
};

export type Core = Awaited<ReturnType<typeof openCore>>;

/** What a change asks for. Without `resource` it is about a new one. */
export interface Asked {
  readonly operation: Operation;
  readonly resourceType: 'User' | 'Group';
  readonly resource?: ResourceId;
  readonly body: ChangeBody;
  readonly expectedVersion?: string;
}

interface Written {
  readonly resourceType: string;
  readonly resourceId: ResourceId;
  readonly id: ChangeId;
}

/** The activities of the core queue over real stores, without a workflow: a test decides in which order they run. */
export async function openCore(context: TestContext) {
  const connection = await openFreshDatabase(context, 'test-core');
  const sealer = createSealer(randomKeyRing('one'));
  const stores = openStores(connection, sealer, { policyCacheMs: 0, now: Date.now });
  await ensureIndexes(connection);
  const tenant = asTenantId('acme');
  const policy: Policy = { tenant, version: 1, serviceProviders: [CLIENT], identityProviders: [] };
  const reprojections: ReprojectionRequest[] = [];

  /** @param replaced what of the stores does something else, to fail or to be overtaken say */
  const dependencies = (replaced: Partial<Stores> = {}): CoreDependencies => ({
    ...stores,
    ...replaced,
    policies: { at: async () => policy, current: async () => policy } as unknown as CoreDependencies['policies'],
    requestReprojection: async (request) => void reprojections.push(request),
    startJob: async () => undefined,
    announce: async () => undefined,
    rulesFor: (_policy, type) => createResourceRules(type === 'Group' ? GROUP_TYPE : USER_TYPE),
    observeDeviations: () => undefined,
    now: () => new Date(AT),
  });

  /** Records a change, as the API does before it hands it to a workflow. */
  async function accept({ operation, resourceType, resource, body, expectedVersion }: Asked) {
    const request = {
      id: asChangeId(randomUUID()),
      tenant,
      source: 'scim2' as const,
      actor: 'tester',
      serviceProvider: CLIENT.id,
      operation,
      resourceType,
      resourceId: resource ?? asResourceId(randomUUID()),
      body,
      ...(expectedVersion === undefined ? {} : { expectedVersion }),
      idempotencyKey: randomUUID(),
      fingerprint: 'none',
      receivedAt: AT,
    };
    await stores.changes.accept(request, policy.version, operation === 'delete');
    return acceptedOf(request, policy.version, operation === 'delete');
  }

  const persist = (change: Awaited<ReturnType<typeof accept>>, replaced?: Partial<Stores>) =>
    createPersist(dependencies(replaced))(change);

  /** @returns the change, written */
  async function apply(asked: Asked, replaced?: Partial<Stores>) {
    const change = await accept(asked);
    await persist(change, replaced);
    return change;
  }

  return {
    ...{ connection, stores, tenant, policy, reprojections, dependencies, accept, persist, apply },

    restore: ({ resourceType, resourceId, id }: Written, replaced?: Partial<Stores>) =>
      createRestore(dependencies(replaced))({ tenant, resourceType, resourceId, change: id }),

    settle: ({ resourceType, resourceId, id }: Written) =>
      createReport(dependencies())({
        tenant,
        resourceType,
        resourceId,
        reports: [{ change: id, state: 'settled', steps: [], facts: [] }],
      }),

    async addUser(userName: string): Promise<ResourceId> {
      const resource = { schemas: [USER_SCHEMA], userName };
      return (await apply({ operation: 'create', resourceType: 'User', body: { kind: 'create', resource } }))
        .resourceId;
    },

    async addGroup(displayName: string, ...members: readonly ResourceId[]): Promise<ResourceId> {
      const resource = { schemas: [GROUP_SCHEMA], displayName, members: members.map((value) => ({ value })) };
      return (await apply({ operation: 'create', resourceType: 'Group', body: { kind: 'create', resource } }))
        .resourceId;
    },

    members: async (group: ResourceId) =>
      (await stores.memberships.page(tenant, group, '', 100)).map(({ member }) => member),

    /** The edges of a group as they are stored, without the versions of it. */
    edges: async (group: ResourceId) =>
      (await connection.collection('memberships').find({ group }).sort({ _id: 1 }).toArray()).map(
        ({ version: _version, ...edge }) => edge,
      ),
  };
}

export const patchGroup = (group: ResourceId, ...operations: readonly PatchOperation[]): Asked => ({
  operation: 'patch',
  resourceType: 'Group',
  resource: group,
  body: { kind: 'patch', operations },
});

export const joining = (...ids: readonly ResourceId[]): PatchOperation => ({
  op: 'add',
  path: 'members',
  value: ids.map((value) => ({ value })),
});

export const leaving = (id: ResourceId): PatchOperation => ({ op: 'remove', path: `members[value eq "${id}"]` });

export const renaming = (displayName: string): PatchOperation => ({
  op: 'replace',
  path: 'displayName',
  value: displayName,
});

export const deletionOf = (resourceType: 'User' | 'Group', resource: ResourceId): Asked => ({
  operation: 'delete',
  resourceType,
  resource,
  body: { kind: 'delete' },
});
