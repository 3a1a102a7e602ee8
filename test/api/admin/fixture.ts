import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import express from 'express';
import { z } from 'zod';
import { createAdminRoutes } from '../../../api/admin/admin-routes.ts';
import type { OperatorOrder } from '../../../api/admin/changes/operate.ts';
import type { AdminDependencies } from '../../../api/admin/dependencies.ts';
import { renderProblem } from '../../../api/admin/problem.ts';
import { createTenant, RESIDENT } from '../../../api/admin/tenants/create-tenant.ts';
import { takeJson } from '../../../api/body/take-json.ts';
import { authenticate } from '../../../api/identify/authenticate.ts';
import { createBearer } from '../../../api/identify/bearer.ts';
import { createCredentialsCache } from '../../../api/identify/credentials-cache.ts';
import { createSigningKeys } from '../../../api/oauth/signing-keys.ts';
import { createTokenRoutes } from '../../../api/oauth/token-routes.ts';
import { toProvostError } from '../../../api/to-provost-error.ts';
import { asChangeId, asTenantId, type TenantId } from '../../../domain/ids.ts';
import { USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { fromStored, toStored } from '../../../domain/scim/stored-form.ts';
import { createCredentialVerifier } from '../../../platform/credential-cache.ts';
import { createPasswords } from '../../../platform/passwords.ts';
import { createSealer } from '../../../platform/seal.ts';
import { createApprovalStore } from '../../../stores/approvals.ts';
import { openAuditTrail } from '../../../stores/audit.ts';
import { createAwaitedMemberStore } from '../../../stores/awaited-members.ts';
import { createChangeStore } from '../../../stores/changes.ts';
import { connectMongo } from '../../../stores/connect.ts';
import { createCredentialStore, type Role } from '../../../stores/credentials.ts';
import { createDelegationStore } from '../../../stores/delegations.ts';
import { createDeletionCountStore } from '../../../stores/deletion-counts.ts';
import { createDeviationStore } from '../../../stores/deviations.ts';
import { createFindingStore } from '../../../stores/findings.ts';
import { createJobStore } from '../../../stores/jobs.ts';
import { createLinkStore } from '../../../stores/links.ts';
import { createMembershipStore } from '../../../stores/memberships.ts';
import { createNoticeStore } from '../../../stores/notices.ts';
import { createPolicyStore } from '../../../stores/policies.ts';
import { createResourceStore } from '../../../stores/resources.ts';
import { createRetentionStore } from '../../../stores/retentions.ts';
import { createSecretStore } from '../../../stores/secrets.ts';
import { createSigningKeyStore } from '../../../stores/signing-keys.ts';
import { createStagedDeletionStore } from '../../../stores/staged-deletions.ts';
import { createStepEditStore } from '../../../stores/step-edits.ts';
import { createTargetStateStore } from '../../../stores/target-states.ts';
import { createWebhookStore } from '../../../stores/webhooks.ts';
import { randomKeyRing } from '../../platform/keys.ts';
import { toWrite } from '../../stores/fresh-store.ts';
import { noSignInLimits } from '../identify/no-sign-in-limits.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed where it is JSON. */
  readonly body: Record<string, unknown>;
}

/** Sends a request with an Authorization header of its own. */
export type Caller = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Reply>;

export type Admin = Awaited<ReturnType<typeof startAdmin>>;

/** The administration API as an application mounts it, on a database of its own. Only Temporal and the target are not real. */
export async function startAdmin(context: TestContext, overrides: Partial<AdminDependencies> = {}) {
  const uri = new URL(process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:27017/');
  uri.pathname = `/test-admin-${randomUUID()}`;
  const connection = await connectMongo({ uri: uri.href, maxPoolSize: 10 });
  const sealer = createSealer(randomKeyRing('test'));
  const passwords = createPasswords();
  const policies = createPolicyStore(connection, { currentForMs: 60_000, now: Date.now });
  const credentials = createCredentialStore(connection);
  const findCredential = createCredentialsCache(credentials, Date.now);
  const changes = createChangeStore(connection, sealer);
  const jobs = createJobStore(connection);
  const secrets = createSecretStore(connection, sealer);
  const audit = openAuditTrail(connection, { sealer, secrets, changes, now: Date.now });
  const targetStates = createTargetStateStore(connection);
  const orders: { readonly action: string; readonly order: OperatorOrder }[] = [];
  const unexpected: unknown[] = [];

  const app = express();
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.set('report unexpected', (error: unknown) => unexpected.push(error));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const verifier = createCredentialVerifier(passwords);
  const basic = { findCredential, verifySecret: verifier.verify };
  const keys = createSigningKeys(createSigningKeyStore(connection, sealer), Date.now);
  const issuers = [{ kind: 'own' as const, issuer: url, audience: url, keys: keys.verificationKeys }];
  const identifyBearer = createBearer({ issuers, findCredential, now: Date.now });
  const order = (action: string) => async (given: OperatorOrder) => {
    orders.push({ action, order: given });
    return 1;
  };
  const resources = createResourceStore(connection, { toStored, fromStored });
  const dependencies: AdminDependencies = {
    policies,
    credentials,
    resources,
    deviations: createDeviationStore(connection),
    changes,
    approvals: createApprovalStore(connection, sealer),
    delegations: createDelegationStore(connection),
    notices: createNoticeStore(connection),
    webhooks: createWebhookStore(connection, sealer),
    links: createLinkStore(connection, sealer),
    memberships: createMembershipStore(connection),
    awaitedMembers: createAwaitedMemberStore(connection),
    findings: createFindingStore(connection, sealer),
    jobs,
    jobControl: {
      start: async ({ id, tenant, task, startedBy }) =>
        jobs.add({
          id,
          tenant,
          task,
          startedBy,
          state: 'running',
          startedAt: new Date().toISOString(),
          examined: 0,
          touched: 0,
        }),
      cancel: async () => undefined,
    },
    audit,
    stepEdits: createStepEditStore(connection, sealer),
    targetStates,
    retentions: createRetentionStore(connection, Date.now),
    stagedDeletions: createStagedDeletionStore(connection),
    deletionCounts: createDeletionCountStore(connection),
    waitingSteps: async () => 0,
    findConnectorType: (type) => (type === 'scim2' ? SCIM2 : undefined),
    sealer,
    hashSecret: passwords.hash,
    forgetCredential: findCredential.forget,
    testTarget: async () => undefined,
    accountDecisions: { put: async () => undefined },
    reproject: async () => asChangeId('change'),
    operate: {
      retry: order('retry'),
      skip: order('skip'),
      moveApproval: async () => 'waiting',
      compensate: async (given) => (await order('compensate')(given)) === 1,
    },
    now: () => new Date(),
    ...overrides,
  };
  const signIns = noSignInLimits;
  app.use(
    createTokenRoutes({
      ...basic,
      keys,
      issuer: url,
      audience: url,
      tokenLifetimeSeconds: 600,
      now: Date.now,
      signIns,
    }),
  );
  app.use(
    '/admin/v1',
    authenticate({ ...basic, identifyBearer, signIns }),
    ...takeJson({ limit: 1_000_000, isJson: (request) => request.is('application/json') !== false }),
    createAdminRoutes(dependencies),
  );
  app.use('/admin/v1', toProvostError, renderProblem);

  context.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await connection.dropDatabase();
    await connection.close();
    assert.deepEqual(unexpected, [], 'nothing failed that nobody expected');
  });

  async function credential(
    kind: 'basic' | 'client',
    roles: readonly Role[],
    scopes: readonly string[],
    tenant: TenantId,
  ) {
    const id = `c-${randomBytes(6).toString('hex')}`;
    const secret = randomBytes(32).toString('base64url');
    const createdAt = new Date().toISOString();
    const secretHash = await passwords.hash(secret);
    await credentials.add({ id, tenant, kind, serviceProvider: RESIDENT, scopes, roles, secretHash, createdAt });
    return { id, secret, authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
  }

  const callerWith =
    (authorization?: string): Caller =>
    (method, path, body, headers = {}) =>
      send(`${url}/admin/v1${path}`, method, body, {
        ...headers,
        ...(authorization === undefined ? {} : { authorization }),
      });

  async function newTenant(name: string): Promise<TenantId> {
    const id = asTenantId(name);
    await createTenant(policies, { id, name }, { by: 'test', at: new Date().toISOString() });
    return id;
  }

  async function basicCaller(tenant: TenantId, roles: readonly Role[]): Promise<Caller & { readonly id: string }> {
    const { authorization, id } = await credential('basic', roles, [], tenant);
    return Object.assign(callerWith(authorization), { id });
  }

  /** A client with these roles, and a token with only these scopes. */
  async function bearerCaller(tenant: TenantId, roles: readonly Role[], scopes: readonly string[]): Promise<Caller> {
    const { authorization } = await credential('client', roles, ['scim', 'admin', 'operate', 'audit'], tenant);
    const response = await fetch(`${url}/oauth2/token`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: scopes.join(' ') }),
    });
    assert.equal(response.status, 200);
    return callerWith(`Bearer ${((await response.json()) as { access_token: string }).access_token}`);
  }

  /** Stores a user as the persist activity does. @returns its id */
  async function addUser(tenant: TenantId, userName: string): Promise<string> {
    const user = toWrite(tenant, USER_TYPE, { userName }, {});
    await resources.insert(user);
    return user.id;
  }

  /** A tenant with an administrator of its own. */
  async function tenantWithAdmin(name = 'acme') {
    const tenant = await newTenant(name);
    return { tenant, admin: await basicCaller(tenant, ['admin']), base: `/tenants/${tenant}` };
  }

  return {
    url,
    connection,
    sealer,
    policies,
    credentials,
    addUser,
    changes,
    audit,
    stepEdits: createStepEditStore(connection, sealer),
    targetStates,
    /** What operators ordered. */
    orders,
    nobody: callerWith(),
    callerWith,
    createTenant: newTenant,
    basicCredential: (tenant: TenantId, roles: readonly Role[]) => credential('basic', roles, [], tenant),
    basicCaller,
    bearerCaller,
    tenantWithAdmin,
  };
}

/** A connector's settings as the registry describes them, with a secret that has a form of its own. */
const SCIM2 = {
  settings: z.strictObject({
    url: z.url(),
    token: z.string().min(8).optional(),
    password: z.string().min(8).optional(),
    timeoutMs: z.int().default(10_000),
  }),
  secrets: ['token', 'password'],
  capabilities: () => ({
    types: ['User', 'Group'],
    create: true,
    update: true,
    disable: true,
    delete: true,
    groups: true,
    patch: true,
    maxMembersPerRequest: 100,
  }),
};

async function send(url: string, method: string, body: unknown, headers: Record<string, string>): Promise<Reply> {
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}

/** A member of an answer that has to be text. */
export function textAt(reply: Reply, name: string): string {
  const value = reply.body[name];
  assert.equal(typeof value, 'string', `${name} of ${reply.text}`);
  return String(value);
}

/** Paths of what a problem says is wrong. */
export const pathsOf = (reply: Reply): string[] =>
  ((reply.body['errors'] ?? []) as { path: string }[]).map(({ path }) => path);
