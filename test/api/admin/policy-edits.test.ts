import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPolicyEdits } from '../../../api/admin/policy-edits.ts';
import { RESIDENT } from '../../../api/admin/tenants/create-tenant.ts';
import { isProvostError, ProvostError } from '../../../domain/errors.ts';
import { asTenantId } from '../../../domain/ids.ts';
import { createPolicyStore } from '../../../stores/policies.ts';
import { startAdmin, textAt } from './fixture.ts';

test('every edit is the next version of the configuration, and its author is recorded', async (context) => {
  const { connection, tenantWithAdmin } = await startAdmin(context);
  const { base, admin } = await tenantWithAdmin();
  const created = await admin('POST', `${base}/service-providers`, { name: 'HR' });
  const deleted = await admin('DELETE', `${base}/service-providers/${textAt(created, 'id')}`);
  assert.deepEqual([created.headers.get('etag'), deleted.headers.get('etag')], ['W/"2"', 'W/"3"']);

  const documents = await connection.collection('policies').find({}).sort({ version: 1 }).toArray();
  assert.deepEqual(
    documents.map(({ version, createdBy, serviceProviders }) => [version, createdBy, serviceProviders.length]),
    [
      [1, 'test', 1],
      [2, admin.id, 2],
      [3, admin.id, 1],
    ],
  );
  assert.ok(
    documents.every(({ name }) => name === 'acme'),
    'the name goes along',
  );
});

test('an edit decided on an older version is refused, one on the newest is taken', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const read = await admin('GET', `${base}/service-providers/resident`);
  const etag = read.headers.get('etag') ?? '';
  await admin('POST', `${base}/identity-providers`, { name: 'Okta' });

  const late = await admin('PUT', `${base}/service-providers/resident`, { name: 'Late' }, { 'if-match': etag });
  assert.deepEqual([late.status, late.body['code']], [412, 'VERSION_MISMATCH']);
  assert.equal((await admin('GET', `${base}/service-providers/resident`)).body['name'], 'Resident');

  const inTime = { 'if-match': (await admin('GET', `${base}/service-providers`)).headers.get('etag') ?? '' };
  assert.equal((await admin('PUT', `${base}/service-providers/resident`, { name: 'In time' }, inTime)).status, 200);
  const any = { 'if-match': '*' };
  assert.equal((await admin('PUT', `${base}/service-providers/resident`, { name: 'Any' }, any)).status, 200);
});

test('a reader who has the newest version is told so', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const etag = (await admin('GET', `${base}/service-providers`)).headers.get('etag') ?? '';
  const again = await admin('GET', `${base}/service-providers`, undefined, { 'if-none-match': etag });
  assert.deepEqual([again.status, again.text], [304, '']);
  await admin('POST', `${base}/identity-providers`, { name: 'Okta' });
  assert.equal((await admin('GET', `${base}/service-providers`, undefined, { 'if-none-match': etag })).status, 200);
});

test('edits that come at the same time all take effect, one version each', async (context) => {
  const { policies, tenantWithAdmin } = await startAdmin(context);
  const { tenant, base, admin } = await tenantWithAdmin();
  const names = Array.from({ length: 20 }, (_, index) => `SP ${index}`);
  const replies = await Promise.all(names.map((name) => admin('POST', `${base}/service-providers`, { name })));

  assert.deepEqual([...new Set(replies.map(({ status }) => status))], [201]);
  assert.equal(new Set(replies.map(({ headers }) => headers.get('etag'))).size, 20, 'no two wrote the same version');
  const policy = await policies.current(tenant);
  assert.equal(policy.version, 21);
  assert.deepEqual(policy.serviceProviders.map(({ name }) => name).sort(), ['Resident', ...names].sort());
});

test('of edits with the same If-Match exactly one takes effect', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const replies = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      admin('POST', `${base}/service-providers`, { name: `SP ${index}` }, { 'if-match': 'W/"1"' }),
    ),
  );
  assert.deepEqual(replies.map(({ status }) => status).sort(), [201, ...Array.from({ length: 7 }, () => 412)]);
});

test('what another process wrote counts at once, although this one holds an older version in its cache', async (context) => {
  const { policies, connection, tenantWithAdmin } = await startAdmin(context); // caches for a minute
  const { tenant, base, admin } = await tenantWithAdmin();
  const held = await policies.current(tenant);
  const elsewhere = createPolicyStore(connection, { currentForMs: 0, now: Date.now });
  const author = { by: 'another process', at: new Date().toISOString() };
  const renamed = held.serviceProviders.map((provider) => ({ ...provider, name: 'Renamed' }));
  await elsewhere.write({ ...held, version: 2 }, author);
  await elsewhere.write({ ...held, version: 3, serviceProviders: renamed }, author);

  const read = await admin('GET', `${base}/service-providers/resident`);
  assert.deepEqual([read.headers.get('etag'), read.body['name']], ['W/"3"', 'Renamed']);
  const edited = await admin('POST', `${base}/service-providers`, { name: 'HR' }, { 'if-match': 'W/"3"' });
  assert.equal(edited.status, 201);
});

test('an edit that always loses gives up in the end, and tells the caller to try again', async (context) => {
  let attempts = 0;
  const api = await startAdmin(context);
  const { base, admin } = await api.tenantWithAdmin();
  const losing = {
    ...api.policies,
    write: async () => {
      attempts += 1;
      throw new ProvostError('CONCURRENT_WRITE', 'Somebody else edited the configuration at the same time; try again.');
    },
  };
  const { edit } = createPolicyEdits({ policies: losing, record: async () => undefined, now: () => new Date() });
  const [tenant, serviceProvider] = [asTenantId('acme'), RESIDENT];
  const principal = { tenant, credential: 'c', serviceProvider, scopes: [], roles: [], method: 'basic' } as const;

  await assert.rejects(
    edit({ tenant, principal }, (policy) => ({ policy, result: undefined })),
    (error) => isProvostError(error, 'CONCURRENT_WRITE'),
  );
  assert.equal(attempts, 40);
  assert.equal((await admin('GET', `${base}/service-providers`)).headers.get('etag'), 'W/"1"');
});
