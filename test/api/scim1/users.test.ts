import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { basicAuthorization, sender } from '../../end-to-end/tenant.ts';
import { CORE, ENTERPRISE, ENTERPRISE_2, errorOf, newTenant1 } from './client.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

/** The full user of Core Schema 1.1, in own words. */
const BARBARA = {
  schemas: [CORE, ENTERPRISE],
  externalId: '701984',
  userName: 'bjensen@example.com',
  name: {
    formatted: 'Ms. Barbara J Jensen III',
    familyName: 'Jensen',
    givenName: 'Barbara',
    middleName: 'Jane',
    honorificPrefix: 'Ms.',
    honorificSuffix: 'III',
  },
  displayName: 'Babs Jensen',
  nickName: 'Babs',
  profileUrl: 'https://login.example.com/bjensen',
  emails: [
    { value: 'bjensen@example.com', type: 'work', primary: true },
    { value: 'babs@jensen.org', type: 'home' },
  ],
  addresses: [{ type: 'work', streetAddress: '100 Plaza', locality: 'Hollywood', country: 'US', primary: true }],
  phoneNumbers: [{ value: '555-555-5555', type: 'work' }],
  title: 'Tour Guide',
  userType: 'Employee',
  preferredLanguage: 'en_US',
  active: true,
  x509Certificates: [{ value: 'MIIDQzCCAqygAwIBAgICEAAw' }],
  [ENTERPRISE]: {
    employeeNumber: '701984',
    costCenter: '4130',
    department: 'Tour Operations',
    manager: { managerId: '26118915-6090-4610-87e4-49d8ca9f808d' },
  },
};

test('a user is created with 201, Location and ETag, and reads as it was written', async () => {
  const { scim1 } = await newTenant1(provost.url);
  const created = await scim1('POST', '/Users', { ...BARBARA, password: 'Pw-1234567' });
  assert.equal(created.status, 201, created.text);
  assert.match(created.headers.get('content-type') ?? '', /^application\/json/);
  const { id, meta, ...attributes } = created.body;
  assert.deepEqual(attributes, BARBARA);
  const location = `${provost.config.api.publicUrl}/scim/v1/Users/${id}`;
  assert.equal(created.headers.get('location'), location);
  const { created: since, lastModified, ...facts } = meta as Record<string, unknown>;
  assert.deepEqual(facts, { location, version: 'W/"1"' });
  assert.equal(since, lastModified);
  assert.equal(created.headers.get('etag'), 'W/"1"');
  const read = await scim1('GET', `/Users/${id}`);
  assert.equal(read.status, 200);
  assert.deepEqual(read.body, created.body);
});

test('what 1.1 writes reads well by 2.0, and the other way round', async () => {
  const { scim1, scim } = await newTenant1(provost.url);
  const { body: one } = await scim1('POST', '/Users', BARBARA);
  const seen = await scim('GET', `/Users/${one['id']}`);
  assert.deepEqual(seen.body['schemas'], ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE_2]);
  assert.deepEqual(seen.body['emails'], BARBARA.emails);
  const enterprise = seen.body[ENTERPRISE_2] as { manager: { value: string }; department: string };
  assert.equal(enterprise.manager.value, BARBARA[ENTERPRISE].manager.managerId);
  assert.equal(enterprise.department, 'Tour Operations');

  const { body: two } = await scim('POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE_2],
    userName: 'two',
    emails: [{ value: 'two@x.test', type: 'other' }],
    [ENTERPRISE_2]: { manager: { value: String(one['id']) } },
  });
  const shown = await scim1('GET', `/Users/${two['id']}`);
  assert.deepEqual(shown.body['schemas'], [CORE, ENTERPRISE]);
  assert.equal((shown.body[ENTERPRISE] as { manager: { managerId: string } }).manager.managerId, one['id']);
  assert.doesNotMatch(shown.text, /urn:ietf|\$ref|resourceType|scim\/v2/);
});

test('PUT replaces all, If-Match is held, If-None-Match spares the body', async () => {
  const { scim1 } = await newTenant1(provost.url);
  const { body } = await scim1('POST', '/Users', BARBARA);
  const path = `/Users/${body['id']}`;
  const replaced = await scim1(
    'PUT',
    path,
    { schemas: [CORE], userName: 'babs', title: 'Chief' },
    { 'if-match': 'W/"1"' },
  );
  assert.equal(replaced.status, 200, replaced.text);
  assert.equal(replaced.headers.get('etag'), 'W/"2"');
  assert.equal(replaced.body['title'], 'Chief');
  assert.equal(replaced.body['emails'], undefined);
  assert.deepEqual(replaced.body['schemas'], [CORE]);
  const late = await scim1('PUT', path, { schemas: [CORE], userName: 'late' }, { 'if-match': 'W/"1"' });
  assert.equal(late.status, 412);
  assert.equal(errorOf(late).code, '412');
  const same = await scim1('GET', path, undefined, { 'if-none-match': 'W/"2"' });
  assert.equal(same.status, 304);
});

test('PATCH merges, removes by meta.attributes, deletes by operation, and answers the user', async () => {
  const { scim1 } = await newTenant1(provost.url);
  const { body } = await scim1('POST', '/Users', BARBARA);
  const patched = await scim1('PATCH', `/Users/${body['id']}`, {
    schemas: [CORE],
    meta: { attributes: ['nickName', 'phoneNumbers', `${ENTERPRISE}:costCenter`] },
    name: { familyName: 'Jones' },
    emails: [
      { value: 'babs@jensen.org', operation: 'delete' },
      { value: 'bjensen@example.com', type: 'home' },
      { value: 'new@example.com' },
    ],
    active: false,
  });
  assert.equal(patched.status, 200, patched.text);
  assert.deepEqual(patched.body['name'], { ...BARBARA.name, familyName: 'Jones' });
  assert.deepEqual(patched.body['emails'], [
    { value: 'bjensen@example.com', type: 'home', primary: true },
    { value: 'new@example.com' },
  ]);
  assert.equal(patched.body['nickName'], undefined);
  assert.equal(patched.body['phoneNumbers'], undefined);
  assert.equal(patched.body['active'], false);
  const { costCenter: _removed, ...rest } = BARBARA[ENTERPRISE];
  assert.deepEqual(patched.body[ENTERPRISE], rest);
});

test('PATCH merges for a client of the strict profile of 2.0 as well', async () => {
  const { scim1 } = await newTenant1(provost.url, { conformance: 'strict' });
  const { body } = await scim1('POST', '/Users', { schemas: [CORE], userName: 'strict' });
  const patched = await scim1('PATCH', `/Users/${body['id']}`, {
    schemas: [CORE],
    emails: [
      { value: 'a@x.test', type: 'work' },
      { value: 'gone@x.test', operation: 'delete' },
    ],
  });
  assert.equal(patched.status, 200, patched.text);
  assert.deepEqual(patched.body['emails'], [{ value: 'a@x.test', type: 'work' }]);
});

test('DELETE answers 200 without a body; afterwards there is nobody', async () => {
  const { scim1 } = await newTenant1(provost.url);
  const { body } = await scim1('POST', '/Users', { schemas: [CORE], userName: 'gone' });
  const deleted = await scim1('DELETE', `/Users/${body['id']}`);
  assert.deepEqual([deleted.status, deleted.text], [200, '']);
  const missing = await scim1('GET', `/Users/${body['id']}`);
  assert.equal(missing.status, 404);
  assert.deepEqual(errorOf(missing), { description: 'There is no User with this id.', code: '404' });
  assert.equal((await scim1('DELETE', `/Users/${randomUUID()}`)).status, 404);
});

test('POST stands in for other methods by X-HTTP-Method-Override', async () => {
  const { scim1 } = await newTenant1(provost.url);
  const { body } = await scim1('POST', '/Users', { schemas: [CORE], userName: 'tunnel' });
  const path = `/Users/${body['id']}`;
  const by = (method: string) => ({ 'x-http-method-override': method });
  const patched = await scim1('POST', path, { schemas: [CORE], title: 'Patched' }, by('PATCH'));
  assert.deepEqual([patched.status, patched.body['title']], [200, 'Patched']);
  const replaced = await scim1('POST', path, { schemas: [CORE], userName: 'tunnel' }, by('put'));
  assert.deepEqual([replaced.status, replaced.body['title']], [200, undefined]);
  assert.equal((await scim1('POST', path, {}, by('TRACE'))).status, 405);
  assert.equal((await scim1('POST', path, undefined, by('DELETE'))).status, 200);
  assert.equal((await scim1('GET', path)).status, 404);
});

test('WSO2’s paths answer, with Locations of their own, the tenant’s path for its own tenant only', async () => {
  const tenant = await newTenant1(provost.url);
  const { authorization } = tenant;
  for (const base of ['/wso2/scim', `/t/${tenant.id}/wso2/scim`]) {
    const wso2 = sender(`${provost.url}${base}`, { authorization });
    const created = await wso2('POST', '/Users', { schemas: [], userName: base, wso2Extension: { department: 'IAM' } });
    assert.equal(created.status, 201, created.text);
    assert.equal(created.headers.get('location'), `${provost.config.api.publicUrl}${base}/Users/${created.body['id']}`);
    assert.deepEqual(created.body[ENTERPRISE], { department: 'IAM' });
  }
  const other = sender(`${provost.url}/t/somebody/wso2/scim`, { authorization });
  const refused = await other('GET', '/Users');
  assert.deepEqual([refused.status, errorOf(refused).code], [403, '403']);
});

test('failures are worded as 1.1 has them', async () => {
  const { scim1, credential } = await newTenant1(provost.url);
  const anonymous = await sender(`${provost.url}/scim/v1`, {})('GET', '/Users');
  assert.deepEqual([anonymous.status, errorOf(anonymous).code], [401, '401']);
  assert.match(anonymous.headers.get('www-authenticate') ?? '', /Basic realm=.*Bearer/);
  await scim1('POST', '/Users', { schemas: [CORE], userName: 'taken' });
  const cases: readonly [number, Promise<{ status: number; body: Record<string, unknown> }>][] = [
    [409, scim1('POST', '/Users', { schemas: [CORE], userName: 'TAKEN' })],
    [400, scim1('POST', '/Users', '{"userName":')],
    [400, scim1('POST', '/Users', '[]')],
    [400, scim1('POST', '/Users', { schemas: [CORE] })],
    [400, scim1('POST', '/Users', { schemas: [CORE], userName: 'HR/maya' })],
    [400, scim1('POST', '/Users', { schemas: [CORE], userName: 'x', active: 'perhaps' })],
    [400, scim1('GET', '/Users?filter=userName%20is%20x')],
    [400, scim1('GET', '/Users?filter=shoeSize%20eq%20%2244%22')],
    [400, scim1('GET', '/Users?sortBy=shoeSize')],
    [404, scim1('GET', '/Nothing')],
    [404, scim1('PATCH', `/Users/${randomUUID()}`, { schemas: [CORE], title: 'x' })],
    [415, scim1('POST', '/Users', 'userName=x', { 'content-type': 'application/x-www-form-urlencoded' })],
    [
      413,
      scim1('POST', '/Users', {
        schemas: [CORE],
        userName: 'big',
        title: 'x'.repeat(provost.config.api.bodyLimitBytes),
      }),
    ],
  ];
  for (const [status, sent] of cases) {
    const answer = await sent;
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.equal(errorOf(answer).code, String(status));
    assert.ok(errorOf(answer).description.length > 10);
  }
  const wrong = sender(`${provost.url}/scim/v1`, { authorization: basicAuthorization(credential.id, 'wrong') });
  assert.equal((await wrong('GET', '/Users')).status, 401);
});

test('credentials without the scope to write may not', async () => {
  const tenant = await newTenant1(provost.url);
  const made = await tenant.platform(
    'POST',
    `/tenants/${tenant.id}/service-providers/${tenant.serviceProvider}/credentials`,
    {
      kind: 'basic',
      scopes: ['scim:read'],
    },
  );
  const { id, secret } = made.body as { id: string; secret: string };
  const reader = sender(`${provost.url}/scim/v1`, { authorization: basicAuthorization(id, secret) });
  assert.equal((await reader('GET', '/Users')).status, 200);
  const refused = await reader('POST', '/Users', { schemas: [CORE], userName: 'no' });
  assert.deepEqual([refused.status, errorOf(refused).code], [403, '403']);
});

test('the same Idempotency-Key answers the first user', async () => {
  const { scim1, find } = await newTenant1(provost.url);
  const key = { 'idempotency-key': 'once' };
  const first = await scim1('POST', '/Users', { schemas: [CORE], userName: 'once' }, key);
  const second = await scim1('POST', '/Users', { schemas: [CORE], userName: 'once' }, key);
  assert.deepEqual([second.status, second.body['id']], [201, first.body['id']]);
  assert.equal((await find('Users', {})).totalResults, 1);
});
