import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { basicAuthorization, newTenant, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let tenant: TestTenant;
let authorization: string;
const lines: string[] = [];

before(async () => {
  provost = await startInstallation({ onLog: (line) => lines.push(line) });
  tenant = await newTenant(provost.url, {});
  authorization = basicAuthorization(tenant.credential.id, tenant.credential.secret);
});
after(() => provost.stop());

const post = async (path: string, body: string, headers: Record<string, string>) =>
  (await fetch(`${provost.url}${path}`, { method: 'POST', headers: { authorization, ...headers }, body })).status;

const WRITES: readonly (readonly [string, string])[] = [
  ['/scim/v2/Users', '{"userName":"by-a-page"}'],
  ['/scim/v2/Bulk', '{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[]}'],
  ['/scim/v1/Users', '{"userName":"by-a-page"}'],
  ['/services/RemoteUserStoreManagerService', '<x/>'],
  ['/admin/v1/tenants', '{}'],
];

test('what a page of another site makes a browser send is refused, in every protocol', async () => {
  for (const [path, body] of WRITES)
    for (const headers of [
      { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ] as Record<string, string>[])
      assert.equal(await post(path, body, headers), 403, `${path} ${JSON.stringify(headers)}`);
});

test('pages of this server, and programs, are let through', async () => {
  const create = (userName: string, headers: Record<string, string>) =>
    post('/scim/v2/Users', JSON.stringify({ userName }), { 'content-type': 'application/scim+json', ...headers });
  assert.equal(await create('by-own-page', { origin: provost.config.api.publicUrl }), 201);
  assert.equal(await create('by-same-origin', { origin: provost.url, 'sec-fetch-site': 'same-origin' }), 201);
  assert.equal(await create('by-program', {}), 201);
});

test('the route that is logged and measured is a template, however a caller writes the path', async () => {
  for (const path of [
    '/T/john.doe.1/scim2/ServiceProviderConfig',
    '/t/jane/scim2/ServiceProviderConfig',
    '/ScIm/V2/ServiceProviderConfig',
    '/T/john.doe.2/services/RemoteUserStoreManagerService?wsdl',
    '/t/john/wso2/scim/ServiceProviderConfigs',
    '/nothing/john.doe',
    '/scim/v2/john.doe/x/y',
  ])
    await (await fetch(`${provost.url}${path}`)).arrayBuffer();
  const routes = await until(
    'the requests in the log',
    () =>
      lines
        .map((line) => JSON.parse(line) as { msg: string; method: string; route: string })
        .filter(({ msg, method }) => msg === 'request' && method === 'GET')
        .map(({ route }) => route),
    (found) => found.length >= 7,
  );
  const known = new Set([
    '/t/:tenant/scim2/ServiceProviderConfig',
    '/scim/v2/ServiceProviderConfig',
    '/t/:tenant/services/:address',
    '/t/:tenant/wso2/scim/ServiceProviderConfigs',
    'unmatched',
  ]);
  assert.deepEqual(
    routes.filter((route) => !known.has(route)),
    [],
  );
  assert.ok(!lines.join('\n').includes('john.doe'));
});

test('metrics are not on the port that clients reach', async () => {
  assert.equal((await fetch(`${provost.url}/metrics`)).status, 404);
});
