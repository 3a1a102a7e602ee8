import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from './installation.ts';
import { newTenant, patchOf, replacing, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(async () => {
  await provost.stop();
});

const HR = 'urn:example:params:scim:schemas:extension:hr:2.0:User';
const BADGE = 'urn:example:params:scim:schemas:core:2.0:Badge';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';

const HR_SCHEMA = {
  id: HR,
  name: 'HR',
  attributes: [
    { name: 'payrollId', uniqueness: 'server', caseExact: true },
    { name: 'nationalId', uniqueness: 'server' },
    { name: 'hiredAt', type: 'dateTime', mutability: 'immutable' },
    { name: 'grade', type: 'integer' },
    { name: 'secret', mutability: 'writeOnly', returned: 'never' },
    { name: 'notes', returned: 'request' },
    { name: 'skills', multiValued: true },
    {
      name: 'desks',
      type: 'complex',
      multiValued: true,
      subAttributes: [{ name: 'value' }, { name: 'type' }, { name: 'floor', type: 'integer' }],
    },
  ],
};

const configure = async ({ admin }: TestTenant, method: string, path: string, body: unknown): Promise<void> => {
  const answer = await admin(method, path, body);
  assert.ok(answer.status < 300, `${method} ${path} ${answer.text}`);
};

/** A tenant whose users have an HR extension. */
async function withHr(wish: Parameters<typeof newTenant>[1] = { mode: 'persist' }) {
  const tenant = await newTenant(provost.url, wish);
  await configure(tenant, 'POST', '/schemas', HR_SCHEMA);
  const { standard: _s, name: _n, ...user } = (await tenant.admin('GET', '/resource-types/User')).body;
  const schemaExtensions = [...(user['schemaExtensions'] as object[]), { schema: HR }];
  await configure(tenant, 'PUT', '/resource-types/User', { ...user, schemaExtensions });
  return tenant;
}

const search = async ({ scim }: TestTenant, path: string, filter: string): Promise<unknown[]> => {
  const answer = await scim('GET', `${path}?filter=${encodeURIComponent(filter)}`);
  assert.equal(answer.status, 200, `${filter} ${answer.text}`);
  return (answer.body['Resources'] as Record<string, unknown>[]).map(
    (resource) => resource['userName'] ?? resource['number'],
  );
};

test('an extension of the tenant’s own is discovered, kept, found, patched and shown as its schema says', async () => {
  const tenant = await withHr();
  const { scim } = tenant;
  const types = (await scim('GET', '/ResourceTypes/User')).body['schemaExtensions'] as { schema: string }[];
  assert.ok(types.some(({ schema }) => schema === HR));
  const schema = await scim('GET', `/Schemas/${HR}`);
  assert.deepEqual([schema.status, schema.body['name']], [200, 'HR']);

  const created = await scim('POST', '/Users', {
    schemas: [USER, HR],
    userName: 'ada',
    [HR]: {
      payrollId: 'P-1',
      hiredAt: '2026-01-31T08:00:00Z',
      grade: 7,
      secret: 'hush',
      notes: 'on leave',
      skills: ['Maths', 'Looms'],
      desks: [{ value: 'A1', type: 'main', floor: 2 }],
    },
  });
  assert.equal(created.status, 201, created.text);
  assert.deepEqual(created.body['schemas'], [USER, HR]);
  assert.deepEqual(created.body[HR], {
    payrollId: 'P-1',
    hiredAt: '2026-01-31T08:00:00Z',
    grade: 7,
    skills: ['Maths', 'Looms'],
    desks: [{ value: 'A1', type: 'main', floor: 2 }],
  });
  const path = `/Users/${created.body['id']}`;
  assert.deepEqual((await scim('GET', `${path}?attributes=${HR}:notes`)).body[HR], { notes: 'on leave' });
  assert.equal((await scim('GET', `${path}?attributes=${HR}:secret`)).body[HR], undefined);

  await scim('POST', '/Users', { userName: 'bob', [HR]: { payrollId: 'p-1', grade: 3 } });
  for (const [filter, found] of [
    [`${HR}:grade gt 5`, ['ada']],
    [`${HR}:payrollId eq "p-1"`, ['bob']],
    [`${HR}:PAYROLLID eq "P-1"`, ['ada']],
    [`${HR}:skills eq "maths"`, ['ada']],
    [`${HR}:desks[type eq "main" and floor eq 2]`, ['ada']],
    [`${HR}:hiredAt lt "2026-02-01T00:00:00+01:00"`, ['ada']],
    [`${HR} pr`, ['ada', 'bob']],
  ] as const)
    assert.deepEqual((await search(tenant, '/Users', filter)).sort(), found, filter);
  const sorted = await scim('GET', `/Users?sortBy=${HR}:grade&sortOrder=descending`);
  assert.deepEqual(
    (sorted.body['Resources'] as { userName: string }[]).map(({ userName }) => userName),
    ['ada', 'bob'],
  );

  const patched = await scim(
    'PATCH',
    path,
    patchOf(
      { op: 'replace', path: `${HR}:grade`, value: 8 },
      { op: 'add', path: `${HR}:skills`, value: ['Poetry'] },
      { op: 'replace', path: `${HR}:desks[type eq "main"].floor`, value: 3 },
      { op: 'Add', value: { [`${HR}:notes`]: 'back' } },
    ),
  );
  assert.equal(patched.status, 200, patched.text);
  const now = (await scim('GET', `${path}?attributes=${HR}:grade,${HR}:skills,${HR}:desks,${HR}:notes`)).body[HR];
  assert.deepEqual(now, {
    grade: 8,
    notes: 'back',
    skills: ['Maths', 'Looms', 'Poetry'],
    desks: [{ value: 'A1', type: 'main', floor: 3 }],
  });
  const moved = await scim('PATCH', path, replacing(`${HR}:hiredAt`, '2020-01-01T00:00:00Z'));
  assert.deepEqual([moved.status, moved.body['scimType']], [400, 'mutability']);
  const wrong = await scim('PATCH', path, replacing(`${HR}:grade`, 'high'));
  assert.deepEqual([wrong.status, wrong.body['scimType']], [400, 'invalidValue']);
});

test('unique attributes of a tenant’s own are unique as letter case counts for them, and the refusal names them', async () => {
  const tenant = await withHr();
  const { scim } = tenant;
  const first = await scim('POST', '/Users', { userName: 'a', [HR]: { payrollId: 'P-1', nationalId: 'N-1' } });
  assert.equal(first.status, 201, first.text);
  assert.equal((await scim('POST', '/Users', { userName: 'b', [HR]: { payrollId: 'p-1' } })).status, 201);
  for (const [attribute, value] of [
    ['payrollId', 'P-1'],
    ['nationalId', 'n-1'],
  ] as const) {
    const taken = await scim('POST', '/Users', { userName: `c-${attribute}`, [HR]: { [attribute]: value } });
    assert.deepEqual([taken.status, taken.body['scimType']], [409, 'uniqueness'], taken.text);
    assert.ok(String(taken.body['detail']).includes(`${HR}:${attribute}`), taken.text);
  }
  const named = await scim('POST', '/Users', { userName: 'A' });
  assert.match(String(named.body['detail']), /userName/);
  const path = `/Users/${first.body['id']}`;
  assert.equal((await scim('DELETE', path)).status, 204);
  const again = await scim('POST', '/Users', { userName: 'd', [HR]: { payrollId: 'P-1' } });
  assert.equal(again.status, 201, 'what was deleted is free again');
});

test('a resource type of the tenant’s own has the whole life of a resource, and other tenants do not know it', async () => {
  const tenant = await newTenant(provost.url, { mode: 'persist-and-provision' });
  const { scim } = tenant;
  assert.equal((await scim('GET', '/Badges')).status, 404);
  await configure(tenant, 'POST', '/schemas', {
    id: BADGE,
    name: 'Badge',
    attributes: [
      { name: 'number', required: true, uniqueness: 'server' },
      { name: 'doors', multiValued: true },
      { name: 'active', type: 'boolean' },
    ],
  });
  await configure(tenant, 'POST', '/resource-types', { name: 'Badge', endpoint: '/Badges', schema: BADGE });
  const made = await scim('POST', '/Badges', { schemas: [BADGE], number: 'B-7', doors: ['north'], externalId: 'x' });
  assert.equal(made.status, 201, made.text);
  const meta = made.body['meta'] as Record<string, unknown>;
  assert.deepEqual([meta['resourceType'], made.headers.get('etag')], ['Badge', 'W/"1"']);
  const path = `/Badges/${made.body['id']}`;
  assert.ok(String(made.headers.get('location')).endsWith(path));
  assert.equal((await scim('POST', '/Badges', { schemas: [BADGE], number: 'b-7' })).status, 409);
  const missing = await scim('POST', '/Badges', { schemas: [BADGE] });
  assert.deepEqual([missing.status, missing.body['scimType']], [400, 'invalidValue']);
  assert.deepEqual(await search(tenant, '/Badges', 'doors eq "NORTH" and number sw "b-"'), ['B-7']);
  const found = await scim('POST', '/.search', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
    filter: 'externalId eq "x"',
  });
  assert.equal(found.body['totalResults'], 1);
  const patched = await scim('PATCH', path, patchOf({ op: 'add', path: 'doors', value: ['south'] }));
  assert.deepEqual([patched.status, patched.body['doors']], [200, ['north', 'south']]);
  const put = await scim('PUT', path, { schemas: [BADGE], number: 'B-8' });
  assert.deepEqual([put.status, put.body['doors'], put.body['number']], [200, undefined, 'B-8']);
  assert.equal((await scim('PATCH', '/Badges', {})).status, 405);
  const group = await scim('POST', '/Groups', { displayName: 'Staff', members: [{ value: made.body['id'] }] });
  assert.deepEqual([group.status, group.body['scimType']], [400, 'invalidValue'], 'a badge is no member');
  assert.equal((await scim('DELETE', path)).status, 204);
  assert.equal((await scim('GET', path)).status, 404);

  const other = await newTenant(provost.url, { mode: 'persist' });
  assert.equal((await other.scim('GET', '/Badges')).status, 404);
  assert.equal((await other.scim('GET', `/Schemas/${BADGE}`)).status, 404);
});

test('a service provider that is strict refuses what the tenant’s schemas do not have', async () => {
  const tenant = await withHr({ mode: 'persist', conformance: 'strict' });
  const unknown = { schemas: [USER, HR], userName: 'a', [HR]: { shoeSize: 44 } };
  const refused = await tenant.scim('POST', '/Users', unknown);
  assert.deepEqual([refused.status, refused.body['scimType']], [400, 'invalidSyntax'], refused.text);
  const kept = await tenant.scim('POST', '/Users', { ...unknown, [HR]: { grade: 1 } });
  assert.equal(kept.status, 201, kept.text);
});
