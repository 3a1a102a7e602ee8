import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describedRoutes } from '../../../api/admin/admin-routes.ts';
import type { AdminDependencies } from '../../../api/admin/dependencies.ts';
import type { AdminRoute } from '../../../api/admin/route.ts';
import type { Role } from '../../../stores/credentials.ts';
import { type Caller, type Reply, startAdmin } from './fixture.ts';

const READERS: readonly Role[] = ['admin', 'operator', 'auditor'];
const WRITERS: readonly Role[] = ['admin', 'platform-admin'];
const OPERATORS: readonly Role[] = ['admin', 'operator'];
const ROLES: readonly Role[] = ['platform-admin', 'admin', 'operator', 'auditor'];

/** Who may, written down apart from the code that decides it. */
const ALLOWED: Readonly<Record<string, readonly Role[]>> = {
  createTenant: ['platform-admin'],
  listTenants: ['platform-admin'],
  readTenant: ['platform-admin'],
  listServiceProviders: ROLES,
  createServiceProvider: WRITERS,
  readServiceProvider: ROLES,
  replaceServiceProvider: WRITERS,
  deleteServiceProvider: WRITERS,
  listCredentials: ROLES,
  createCredential: WRITERS,
  deleteCredential: WRITERS,
  rotateCredential: WRITERS,
  listIdentityProviders: ROLES,
  createIdentityProvider: WRITERS,
  readIdentityProvider: ROLES,
  replaceIdentityProvider: WRITERS,
  deleteIdentityProvider: WRITERS,
  listTargets: ROLES,
  createTarget: WRITERS,
  readTarget: ROLES,
  replaceTarget: WRITERS,
  deleteTarget: WRITERS,
  testTarget: ['admin', 'operator', 'platform-admin'],
  testMapping: OPERATORS,
  provisionNow: OPERATORS,
  decideAccount: OPERATORS,
  listDeviations: ROLES,
  resetDeviations: WRITERS,
  readTargetState: READERS,
  pauseTarget: OPERATORS,
  resumeTarget: OPERATORS,
  releaseTarget: OPERATORS,
  extendQuarantine: OPERATORS,
  approveStagedDeletions: OPERATORS,
  rejectStagedDeletions: OPERATORS,
  readClaims: ROLES,
  replaceClaims: WRITERS,
  readSelfService: ROLES,
  replaceSelfService: WRITERS,
  listSchemas: ROLES,
  createSchema: WRITERS,
  readSchema: ROLES,
  replaceSchema: WRITERS,
  deleteSchema: WRITERS,
  listResourceTypes: ROLES,
  createResourceType: WRITERS,
  readResourceType: ROLES,
  replaceResourceType: WRITERS,
  deleteResourceType: WRITERS,
  listChanges: READERS,
  editStep: OPERATORS,
  retryAlike: OPERATORS,
  listLinksOfResource: READERS,
  listLinksOfTarget: READERS,
  readChange: READERS,
  listAttention: READERS,
  retryChange: OPERATORS,
  skipChange: OPERATORS,
  compensateChange: OPERATORS,
  readApprovalRules: ROLES,
  replaceApprovalRules: WRITERS,
  listApprovals: OPERATORS,
  readApproval: OPERATORS,
  askForApprovalAgain: OPERATORS,
  reassignApproval: OPERATORS,
  withdrawApproval: OPERATORS,
  listMyApprovals: ROLES,
  decideApproval: ROLES,
  withdrawOwnRequest: ROLES,
  readOwnDelegation: ROLES,
  replaceOwnDelegation: ROLES,
  deleteOwnDelegation: ROLES,
  listApprovalWebhooks: ROLES,
  createApprovalWebhook: WRITERS,
  replaceApprovalWebhookSecret: WRITERS,
  deleteApprovalWebhook: WRITERS,
  listDelegations: OPERATORS,
  replaceDelegation: OPERATORS,
  deleteDelegation: OPERATORS,
  startJob: OPERATORS,
  listJobs: READERS,
  readJob: READERS,
  cancelJob: OPERATORS,
  listFindings: READERS,
  countFindings: READERS,
  downloadFindings: READERS,
  readFinding: OPERATORS,
  decideFinding: OPERATORS,
  previewPolicyEdit: WRITERS,
  confirmPolicyEdit: WRITERS,
  listAudit: READERS,
  verifyAudit: READERS,
  listAdministrativeAudit: READERS,
  verifyAdministrativeAudit: READERS,
  dismissAuditAlarm: OPERATORS,
  readOpenApi: ROLES,
};

// Nothing is called: the routes are only looked at.
const { routes } = describedRoutes({} as AdminDependencies);

const ask = (caller: Caller, { method, path, body }: AdminRoute, tenant: string): Promise<Reply> =>
  caller(
    method.toUpperCase(),
    path.replace(':tenant', tenant).replaceAll(/:\w+/g, 'none'),
    body === undefined ? undefined : { unknown: true },
  );

const isLetIn = ({ status }: Reply): boolean => status !== 401 && status !== 403;

test('the table of who may do what has every route', () => {
  assert.deepEqual(routes.map(({ operation }) => operation).sort(), Object.keys(ALLOWED).sort());
});

for (const role of [...ROLES, undefined]) {
  test(`a caller with ${role === undefined ? 'no role' : `the role ${role}`} gets to its own tenant's routes as the table says`, async (context) => {
    const { createTenant, basicCaller } = await startAdmin(context);
    const tenant = await createTenant('acme');
    const caller = await basicCaller(tenant, role === undefined ? [] : [role]);
    for (const route of routes) {
      const expected =
        route.permission === 'anybody' || (role !== undefined && ALLOWED[route.operation]?.includes(role));
      const reply = await ask(caller, route, tenant);
      if (route.operation === 'readOpenApi') assert.equal(reply.status, 200);
      else assert.equal(isLetIn(reply), expected, `${route.operation}: ${reply.status} ${reply.text}`);
      if (reply.status === 403) assert.equal(reply.body['code'], 'FORBIDDEN');
    }
  });
}

test('roles count for nothing in another tenant, but for configuration by a platform administrator', async (context) => {
  const { createTenant, basicCaller } = await startAdmin(context);
  const [home, other] = [await createTenant('home'), await createTenant('other')];
  const everything = await basicCaller(home, ['admin', 'operator', 'auditor']);
  const platform = await basicCaller(home, ROLES);
  for (const route of routes.filter(({ path }) => path.includes(':tenant'))) {
    const refused = await ask(everything, route, other);
    assert.equal(refused.status, 403, route.operation);
    const reply = await ask(platform, route, other);
    assert.equal(isLetIn(reply), ALLOWED[route.operation]?.includes('platform-admin'), route.operation);
  }
});

test('a caller of another tenant cannot tell whether a tenant exists', async (context) => {
  const { createTenant, basicCaller } = await startAdmin(context);
  const caller = await basicCaller(await createTenant('home'), ['admin']);
  await createTenant('other');
  const [existing, missing] = [
    await caller('GET', '/tenants/other/service-providers'),
    await caller('GET', '/tenants/missing/service-providers'),
  ];
  assert.equal(existing.text, missing.text);
  assert.equal(existing.status, 403);
});

test('whoever does not prove who he is gets the same 401 everywhere, with a challenge', async (context) => {
  const { createTenant, nobody, callerWith } = await startAdmin(context);
  await createTenant('acme');
  const wrong = callerWith(`Basic ${Buffer.from('nobody:guess').toString('base64')}`);
  const forged = callerWith('Bearer a.b.c');
  const texts = new Set<string>();
  for (const route of routes) {
    const replies = await Promise.all([nobody, forged].map((caller) => ask(caller, route, 'acme')));
    for (const reply of replies) {
      assert.equal(reply.status, 401, route.operation);
      assert.equal(reply.headers.get('content-type'), 'application/problem+json; charset=utf-8');
      assert.match(reply.headers.get('www-authenticate') ?? '', /Basic.*Bearer/);
      texts.add(reply.text);
    }
  }
  texts.add((await wrong('GET', '/openapi.json')).text);
  assert.equal(texts.size, 1, 'one wording');
});

test("a client's role counts only with the scope that goes with it in its token", async (context) => {
  const { createTenant, bearerCaller } = await startAdmin(context);
  const tenant = await createTenant('acme');
  const scopeOf: Record<Role, string> = {
    'platform-admin': 'admin',
    admin: 'admin',
    operator: 'operate',
    auditor: 'audit',
  };
  for (const role of ROLES) {
    for (const scope of ['scim', 'admin', 'operate', 'audit']) {
      const caller = await bearerCaller(tenant, [role], [scope]);
      for (const operation of ['listTenants', 'createServiceProvider', 'retryChange', 'listAudit']) {
        const route = routes.find((found) => found.operation === operation);
        assert.ok(route);
        const expected = scope === scopeOf[role] && ALLOWED[operation]?.includes(role);
        const reply = await ask(caller, route, tenant);
        assert.equal(isLetIn(reply), expected === true, `${role} with ${scope}: ${operation}`);
      }
    }
  }
});

test('a refusal names the missing scope, and comes before any word about the request itself', async (context) => {
  const { createTenant, bearerCaller } = await startAdmin(context);
  const tenant = await createTenant('acme');
  const caller = await bearerCaller(tenant, ['admin'], ['scim']);
  const reply = await caller('POST', `/tenants/${tenant}/service-providers`, { nonsense: true });
  assert.equal(reply.status, 403);
  assert.match(String(reply.body['detail']), /lacks the scope admin/);
  assert.equal(reply.body['errors'], undefined);
});
