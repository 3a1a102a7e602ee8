import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BasicAuthSecurity, type Client, createClientAsync } from 'soap';
import { claimPort } from '../../../dev/services/ports.ts';
import { ADMIN } from '../../end-to-end/environment.ts';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { newTenant } from '../../end-to-end/tenant.ts';
import { run } from '../../python-environment.ts';
import { soapClient } from './soap-client.ts';
import { pythonWithZeep } from './zeep.ts';

let provost: TestInstallation;
before(async () => {
  // A port of its own, so that the addresses in the descriptions are true.
  const port = await claimPort({ port: 0, wantedBy: 'the API', variable: 'PROVOST_API_PORT' });
  provost = await startInstallation({ env: { PROVOST_API_PORT: String(port) } });
});
after(() => provost.stop());

/** The methods of a client that node-soap makes from the description. */
async function nodeSoap(service: string, id: string, secret: string) {
  const client: Client = await createClientAsync(`${provost.url}/services/${service}?wsdl`);
  client.setSecurity(new BasicAuthSecurity(id, secret));
  return async (operation: string, parameters: object = {}): Promise<unknown> => {
    const method: unknown = client[`${operation}Async`];
    assert.ok(typeof method === 'function', `the description has no ${operation}`);
    const [result] = (await method.call(client, parameters)) as [{ return?: unknown } | null];
    return result?.return;
  };
}

const CLAIM = 'http://wso2.org/claims/';

/** What a fault says. */
const refused = (words: RegExp) => (error: unknown) =>
  words.test(
    (error as { root?: { Envelope?: { Body?: { Fault?: { faultstring?: string } } } } }).root?.Envelope?.Body?.Fault
      ?.faultstring ?? String(error),
  );

test('the counts of users, roles and claims are those that there are', async () => {
  const { credential, authorization } = await newTenant(provost.url, { mode: 'persist' });
  const soap = soapClient(provost.url, authorization);
  for (const userName of ['ann', 'anna', 'bea']) {
    const claims = { claims: [[`${CLAIM}title`, userName === 'bea' ? 'Dr' : 'Ms']] as const };
    assert.equal((await soap('addUser', { userName, credential: 'x', claims })).status, 202);
  }
  for (const roleName of ['a', 'internal/a', 'Internal/b', 'Application/c'])
    assert.equal((await soap('addRole', { roleName })).status, 202);
  const count = await nodeSoap('UserStoreCountService', credential.id, credential.secret);
  assert.deepEqual(await count('countUsers', { filter: '*' }), [{ key: 'PRIMARY', value: '3' }].map(typed));
  for (const [filter, expected] of [
    ['ann*', 2],
    ['ann', 1],
    ['*a', 2],
    ['a*a', 1],
    ['?nn', 1],
    ['*n*', 2],
  ] as const)
    assert.equal(Number(await count('countUsersInDomain', { filter, domain: 'PRIMARY' })), expected, filter);
  assert.deepEqual(
    await count('countRoles', { filter: '*' }),
    [
      { key: 'PRIMARY', value: '1' },
      { key: 'Internal', value: '3' },
      { key: 'Application', value: '1' },
    ].map(typed),
  );
  assert.equal(Number(await count('countRolesInDomain', { filter: 'a', domain: 'internal' })), 1);
  const byTitle = { claimURI: `${CLAIM}title`, valueFilter: 'M*', domain: 'PRIMARY' };
  assert.equal(Number(await count('countByClaimInDomain', byTitle)), 2);
  await assert.rejects(count('countClaim', { claimURI: 'urn:none', valueFilter: '*' }), refused(/^30005/));
});

/** node-soap keeps the type that an answer names. */
const typed = (pair: object): object => ({ attributes: { 'xsi:type': 'ax:PairDTO' }, ...pair });

test('claims are read by who may view users, and written by administrators alone', async () => {
  const { credential, admin, serviceProvider, authorization } = await newTenant(provost.url, { mode: 'persist' });
  const made = await admin('POST', `/service-providers/${serviceProvider}/credentials`, {
    kind: 'basic',
    scopes: ['scim'],
    roles: [],
  });
  const { id, secret } = made.body as { id: string; secret: string };
  const limited = await nodeSoap('RemoteClaimManagerService', id, secret);
  const mapping = { claim: { claimUri: 'urn:test:desk', displayTag: 'Desk' }, mappedAttribute: 'nickName' };
  assert.equal(await limited('getAttributeName', { claimURI: `${CLAIM}emailaddress` }), 'emails.value');
  await assert.rejects(limited('addNewClaimMapping', { mapping }), refused(/takes the role admin/));
  const full = await nodeSoap('RemoteClaimManagerService', credential.id, credential.secret);
  await full('addNewClaimMapping', { mapping });
  const soap = soapClient(provost.url, authorization);
  await soap('addUser', { userName: 'anna', credential: 'x' });
  const set = { userName: 'anna', claimURI: 'urn:test:desk', claimValue: '12' };
  assert.equal((await soap('setUserClaimValue', set)).status, 202);
  const { items } = (await admin('GET', '/claims')).body as { items: { claim: string; attribute: string }[] };
  assert.equal(items.find(({ claim }) => claim === 'urn:test:desk')?.attribute, 'nickName');
  const bad = { claim: { claimUri: 'no uri' }, mappedAttribute: 'nickName' };
  await assert.rejects(full('addNewClaimMapping', { mapping: bad }), refused(/A claim is a URI/));
});

test('zeep reads tenants from the description', async (context) => {
  const zeep = await pythonWithZeep();
  if ('missing' in zeep) return context.skip(zeep.missing);
  const { id } = await newTenant(provost.url, { mode: 'persist' });
  const wsdl = `${provost.url}/services/RemoteTenantManagerService?wsdl`;
  const script = fileURLToPath(new URL('./drive_tenants.py', import.meta.url));
  await run(zeep.python, [script, wsdl, ADMIN.username, ADMIN.password, id], { timeout: 60_000 });
});

test('tenants are for platform administrators: read, made, and never with a password', async () => {
  const tenant = await newTenant(provost.url, { mode: 'persist' });
  const platform = await nodeSoap('RemoteTenantManagerService', ADMIN.username, ADMIN.password);
  const own = await nodeSoap('RemoteTenantManagerService', tenant.credential.id, tenant.credential.secret);
  for (const operation of ['getAllTenants', 'getSuperTenantDomain'])
    await assert.rejects(own(operation), refused(/platform-admin/), operation);
  await assert.rejects(own('getTenantId', { domain: tenant.id }), refused(/platform-admin/));
  const number = Number(await platform('getTenantId', { domain: tenant.id.toUpperCase() }));
  assert.equal(await platform('getDomain', { tenantId: number }), tenant.id);
  assert.equal(await platform('isTenantActive', { tenantId: number }), true);
  assert.equal(await platform('isTenantActive', { tenantId: 1 }), false);
  assert.equal(Number(await platform('getTenantId', { domain: 'nobody' })), -1);
  const domain = `${tenant.id}-b`;
  const made = Number(await platform('addTenant', { tenant: { domain } }));
  assert.equal(await platform('getDomain', { tenantId: made }), domain);
  await platform('activateTenant', { tenantId: made });
  await platform('updateTenant', { tenant: { domain, id: made, active: true } });
  for (const [operation, parameters, words] of [
    ['addTenant', { tenant: { domain } }, /exists/],
    ['addTenant', { tenant: { domain: 'has.dots' } }, /Use 1 to 63 characters/],
    ['addTenant', { tenant: { domain: 'other', adminName: 'a', adminPassword: 'p' } }, /no administrator by name/],
    ['updateTenant', { tenant: { domain: 'other', id: made } }, /cannot be changed/],
    ['deactivateTenant', { tenantId: made }, /none can be deactivated/],
    ['deleteTenant', { tenantId: made }, /not deleted/],
    ['activateTenant', { tenantId: 1 }, /no tenant of this number/],
  ] as const)
    await assert.rejects(platform(operation, parameters), refused(words), operation);
  const listed = (await platform('getAllTenants')) as { domain: string }[];
  assert.ok(listed.some((one) => one.domain === domain));
  const one = (await platform('getTenant', { tenantId: made })) as { domain: string; id: number; active: boolean };
  assert.deepEqual([one.domain, Number(one.id), String(one.active)], [domain, made, 'true']);
});
