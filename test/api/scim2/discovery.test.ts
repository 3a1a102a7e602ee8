import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startReads } from './read-fixture.ts';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0';
const EXTENSIONS = [
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  'urn:provost:params:scim:schemas:extension:user:2.0:User',
];
const BASE = 'https://scim.example.test/scim/v2';

test('ServiceProviderConfig needs no authentication and says what is served', async (context) => {
  const { get } = await startReads(context);
  const { status, body } = await get('/ServiceProviderConfig', { as: 'nobody' });
  assert.equal(status, 200);
  const { authenticationSchemes, ...rest } = body;
  assert.deepEqual(rest, {
    schemas: [`${CORE}:ServiceProviderConfig`],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: 1_000 },
    changePassword: { supported: true },
    sort: { supported: true },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: 100,
      maxPageSize: 1_000,
      cursorTimeout: 3_600,
    },
    meta: { resourceType: 'ServiceProviderConfig', location: `${BASE}/ServiceProviderConfig` },
  });
  assert.deepEqual(
    (authenticationSchemes as { type: string }[]).map(({ type }) => type),
    ['oauthbearertoken', 'httpbasic'],
  );
});

test('bulk is announced with its limits where it is served', async (context) => {
  const { get } = await startReads(context, {
    dependencies: { features: { bulk: { maxOperations: 1_000, maxPayloadSize: 1_048_576 } } },
  });
  const { body } = await get('/ServiceProviderConfig');
  assert.deepEqual(body['bulk'], { supported: true, maxOperations: 1_000, maxPayloadSize: 1_048_576 });
});

test('ResourceTypes lists User and Group, each readable by its name', async (context) => {
  const { get, list } = await startReads(context);
  const all = await list('/ResourceTypes');
  assert.deepEqual(all.schemas, ['urn:ietf:params:scim:api:messages:2.0:ListResponse']);
  assert.deepEqual([all.totalResults, all.itemsPerPage], [2, 2]);
  const user = {
    schemas: [`${CORE}:ResourceType`],
    id: 'User',
    name: 'User',
    endpoint: '/Users',
    description: 'User Account',
    schema: `${CORE}:User`,
    schemaExtensions: EXTENSIONS.map((schema) => ({ schema, required: false })),
    meta: { resourceType: 'ResourceType', location: `${BASE}/ResourceTypes/User` },
  };
  assert.deepEqual(all.Resources[0], user);
  assert.deepEqual((await get('/ResourceTypes/User')).body, user);
  assert.equal((await get('/ResourceTypes/Unicorn')).status, 404);
});

test('Schemas lists each schema once, each readable by its URN in any letter case', async (context) => {
  const { get, list } = await startReads(context);
  const ids = (await list('/Schemas')).Resources.map((schema) => schema['id']);
  assert.deepEqual(ids, [`${CORE}:User`, ...EXTENSIONS, `${CORE}:Group`]);
  for (const id of ids) {
    const { status, body } = await get(`/Schemas/${String(id).toUpperCase()}`);
    assert.deepEqual([status, body['id']], [200, id]);
    assert.deepEqual(body['meta'], { resourceType: 'Schema', location: `${BASE}/Schemas/${id}` });
  }
});

test('every attribute of every schema says what RFC 7643 §7 wants of it', async (context) => {
  const { list } = await startReads(context);
  const check = (attribute: Record<string, unknown>, path: string): void => {
    for (const name of ['name', 'type', 'description', 'mutability', 'returned', 'uniqueness'])
      assert.equal(typeof attribute[name], 'string', `${path} ${name}`);
    for (const name of ['multiValued', 'required', ...(attribute['type'] === 'complex' ? [] : ['caseExact'])])
      assert.equal(typeof attribute[name], 'boolean', `${path} ${name}`);
    assert.equal(attribute['type'] === 'reference', attribute['referenceTypes'] !== undefined, path);
    assert.equal(attribute['type'] === 'complex', attribute['subAttributes'] !== undefined, path);
    for (const sub of (attribute['subAttributes'] ?? []) as Record<string, unknown>[])
      check(sub, `${path}.${String(sub['name'])}`);
  };
  for (const schema of (await list('/Schemas')).Resources)
    for (const attribute of schema['attributes'] as Record<string, unknown>[])
      check(attribute, `${String(schema['name'])}.${String(attribute['name'])}`);
});

test('a filter on a discovery endpoint is 403 (RFC 7644 §4)', async (context) => {
  const { get } = await startReads(context);
  for (const path of [
    '/ServiceProviderConfig',
    '/ResourceTypes',
    '/ResourceTypes/User',
    '/Schemas',
    `/Schemas/${CORE}:User`,
  ]) {
    const { status, body } = await get(`${path}?filter=name%20eq%20%22User%22`);
    assert.deepEqual([status, body['status']], [403, '403'], path);
  }
});

test('ResourceTypes and Schemas take authentication, and no scope', async (context) => {
  const { get } = await startReads(context, { scopes: [] });
  for (const path of ['/ResourceTypes', '/Schemas']) {
    assert.equal((await get(path)).status, 200, path);
    const refused = await get(path, { as: 'nobody' });
    assert.equal(refused.status, 401, path);
    assert.ok(refused.headers.has('www-authenticate'));
  }
});

test('a discovery document that the client has is 304', async (context) => {
  const { get } = await startReads(context);
  const tag = (await get('/Schemas')).headers.get('etag') ?? '';
  assert.match(tag, /^W\/".+"$/);
  const again = await get('/Schemas', { headers: { 'if-none-match': tag } });
  assert.deepEqual([again.status, again.text], [304, '']);
  assert.equal((await get('/ResourceTypes', { headers: { 'if-none-match': tag } })).status, 200);
});
