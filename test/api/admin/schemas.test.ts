import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asChangeId, asResourceId } from '../../../domain/ids.ts';
import type { Resource } from '../../../domain/scim/resource.ts';
import { fromStored, toStored } from '../../../domain/scim/stored-form.ts';
import { createResourceStore } from '../../../stores/resources.ts';
import { type Admin, pathsOf, startAdmin } from './fixture.ts';

const HR = 'urn:example:params:scim:schemas:extension:hr:2.0:User';
const BADGE = 'urn:example:params:scim:schemas:core:2.0:Badge';

const hr = {
  id: HR,
  name: 'HR',
  attributes: [
    { name: 'payrollId', uniqueness: 'server', caseExact: true },
    { name: 'skills', multiValued: true },
    { name: 'desk', type: 'complex', subAttributes: [{ name: 'floor', type: 'integer' }, { name: 'room' }] },
  ],
};
const badge = { id: BADGE, name: 'Badge', attributes: [{ name: 'number', required: true, uniqueness: 'server' }] };
const badges = { name: 'Badge', endpoint: '/Badges', schema: BADGE };

/** Puts a resource into the store as a client would have. */
const keep = ({ connection }: Admin, tenant: string, type: string, resource: object) =>
  createResourceStore(connection, { toStored, fromStored }).insert({
    id: asResourceId('r-1'),
    tenant: tenant as never,
    type,
    store: 'PRIMARY',
    version: 1,
    change: asChangeId('c-1'),
    created: '2026-01-01T00:00:00.000Z',
    lastModified: '2026-01-01T00:00:00.000Z',
    resource: resource as Resource,
    shadow: { id: 'r-1' },
    uniqueKeys: [],
  });

test('a schema is created with every default filled in, read, replaced and deleted', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const made = await admin('POST', `${base}/schemas`, hr);
  assert.equal(made.status, 201, made.text);
  assert.deepEqual((made.body['attributes'] as object[])[1], {
    name: 'skills',
    type: 'string',
    multiValued: true,
    description: '',
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
  });
  const place = `${base}/schemas/${HR}`;
  const read = await admin('GET', place);
  assert.deepEqual(read.body, made.body);
  assert.equal((await admin('GET', place, undefined, { 'if-none-match': read.headers.get('etag') ?? '' })).status, 304);
  const { id: _id, ...body } = hr;
  const replaced = await admin(
    'PUT',
    place,
    { ...body, name: 'People' },
    { 'if-match': read.headers.get('etag') ?? '' },
  );
  assert.deepEqual([replaced.status, replaced.body['name']], [200, 'People'], replaced.text);
  const late = await admin('PUT', place, body, { 'if-match': read.headers.get('etag') ?? '' });
  assert.equal(late.status, 412);
  assert.equal((await admin('POST', `${base}/schemas`, hr)).status, 409);
  assert.equal((await admin('DELETE', place)).status, 204);
  assert.equal((await admin('GET', place)).status, 404);
  assert.deepEqual((await admin('GET', `${base}/schemas`)).body, { items: [] });
});

test('what RFC 7643 does not allow of a schema, or what would clash, is refused with its path', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  await admin('POST', `${base}/schemas`, hr);
  const withAttributes = (...attributes: object[]) => ({ ...hr, id: 'urn:example:x:2.0:User', attributes });
  for (const [body, paths] of [
    [{ ...hr, id: 'hr' }, ['id']],
    [{ ...hr, id: 'urn:ietf:params:scim:schemas:core:2.0:User' }, ['id']],
    [{ ...hr, id: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:user' }, ['id']],
    [{ ...hr, id: 'urn:ietf:params:scim:api:messages:2.0:Error' }, ['id']],
    [{ ...hr, id: `${HR}:payrollId` }, ['id']],
    [
      withAttributes({ name: 'id' }, { name: 'Meta' }, { name: 'password' }),
      [0, 1, 2].map((n) => `attributes[${n}].name`),
    ],
    [withAttributes({ name: '1st' }, { name: 'a' }, { name: 'A' }), ['attributes[0].name', 'attributes[2].name']],
    [withAttributes({ name: 'a', type: 'complex' }), ['attributes[0].subAttributes']],
    [withAttributes({ name: 'a', subAttributes: [{ name: 'b' }] }), ['attributes[0].subAttributes']],
    [withAttributes({ name: 'a', type: 'reference' }), ['attributes[0].referenceTypes']],
    [withAttributes({ name: 'a', mutability: 'readOnly' }), ['attributes[0].mutability']],
    [withAttributes({ name: 'a', mutability: 'writeOnly' }), ['attributes[0].returned']],
    [withAttributes({ name: 'a', uniqueness: 'server', multiValued: true }), ['attributes[0].uniqueness']],
    [withAttributes({ name: 'a', uniqueness: 'global' }), ['attributes[0].uniqueness']],
    [
      withAttributes({
        name: 'a',
        type: 'complex',
        subAttributes: [
          { name: 'b', type: 'complex' },
          { name: 'c', multiValued: true },
        ],
      }),
      ['attributes[0].subAttributes[0].type', 'attributes[0].subAttributes[1].multiValued'],
    ],
    [withAttributes({ name: 'a', colour: 'red' }), ['attributes[0].colour']],
  ] as const) {
    const refused = await admin('POST', `${base}/schemas`, body);
    assert.deepEqual([refused.status, pathsOf(refused)], [400, paths], `${JSON.stringify(body)} ${refused.text}`);
  }
  const forEntra = { ...hr, id: 'urn:ietf:params:scim:schemas:extension:Custom:2.0:User' };
  assert.equal((await admin('POST', `${base}/schemas`, forEntra)).status, 201, 'where Entra ID wants extensions');
});

test('users get an extension, and the tenant a resource type of its own', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  await admin('POST', `${base}/schemas`, hr);
  await admin('POST', `${base}/schemas`, badge);
  const user = (await admin('GET', `${base}/resource-types/User`)).body;
  assert.equal(user['standard'], true);
  const { standard: _standard, name: _name, ...settings } = user;
  const extended = {
    ...settings,
    schemaExtensions: [...(settings['schemaExtensions'] as object[]), { schema: HR }],
  };
  const replaced = await admin('PUT', `${base}/resource-types/User`, extended);
  assert.equal(replaced.status, 200, replaced.text);
  const made = await admin('POST', `${base}/resource-types`, badges);
  assert.deepEqual([made.status, made.body['standard']], [201, false], made.text);
  const { items } = (await admin('GET', `${base}/resource-types`)).body as { items: { name: string }[] };
  assert.deepEqual(
    items.map(({ name }) => name),
    ['User', 'Group', 'Badge'],
  );
  const refused = await admin('DELETE', `${base}/schemas/${HR}`);
  assert.deepEqual([refused.status, refused.body['code'], pathsOf(refused)], [409, 'IN_USE', ['resource-types.User']]);
  assert.equal((await admin('DELETE', `${base}/resource-types/Badge`)).status, 204);
  assert.equal((await admin('DELETE', `${base}/resource-types/User`)).status, 400);
});

test('a resource type that would clash with what is served, or has no schema, is refused with its path', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  await admin('POST', `${base}/schemas`, hr);
  await admin('POST', `${base}/schemas`, badge);
  await admin('POST', `${base}/resource-types`, badges);
  const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
  for (const [body, status, paths] of [
    [{ ...badges, name: 'USER' }, 409, ['name']],
    [{ ...badges, name: 'badge' }, 409, ['name']],
    [{ ...badges, name: 'Schema', endpoint: '/Other' }, 400, ['name']],
    [{ ...badges, name: 'Other' }, 400, ['endpoint']],
    [{ ...badges, name: 'Other', endpoint: '/bulk' }, 400, ['endpoint']],
    [{ ...badges, name: 'Other', endpoint: '/Me' }, 400, ['endpoint']],
    [{ ...badges, name: 'Other', endpoint: '/a/b' }, 400, ['endpoint']],
    [{ ...badges, name: 'Other', endpoint: '/Others', schema: core }, 400, ['schema']],
    [{ ...badges, name: 'Other', endpoint: '/Others', schema: 'urn:x:none' }, 400, ['schema']],
    [
      {
        ...badges,
        name: 'Other',
        endpoint: '/Others',
        schemaExtensions: [{ schema: 'urn:x:none' }, { schema: HR }, { schema: HR }, { schema: BADGE }],
      },
      400,
      [0, 2, 3].map((index) => `schemaExtensions[${index}].schema`),
    ],
  ] as const) {
    const refused = await admin('POST', `${base}/resource-types`, body);
    assert.deepEqual([refused.status, pathsOf(refused)], [status, paths], `${JSON.stringify(body)} ${refused.text}`);
  }
  const moved = { endpoint: '/People', schema: BADGE, schemaExtensions: [] };
  assert.deepEqual(pathsOf(await admin('PUT', `${base}/resource-types/Group`, moved)), ['endpoint', 'schema']);
});

test('while resources exist, only what leaves them right can change', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  await admin('POST', `${base}/schemas`, badge);
  await admin('POST', `${base}/schemas`, hr);
  const withHr = { endpoint: '/Badges', schema: BADGE, schemaExtensions: [{ schema: HR }] };
  await admin('POST', `${base}/resource-types`, { name: 'Badge', ...withHr });
  const place = `${base}/schemas/${BADGE}`;
  const { id: _id, ...body } = badge;
  const [number] = body.attributes;
  assert.equal(
    (await admin('PUT', place, { ...body, attributes: [{ name: 'serial' }] })).status,
    200,
    'none exists yet',
  );
  assert.equal((await admin('PUT', place, body)).status, 200);

  await keep(api, tenant, 'Badge', { schemas: [BADGE, HR], number: '7', [HR]: { payrollId: 'p' } });
  for (const [attributes, paths] of [
    [[{ name: 'serial' }], ['attributes']],
    [[{ ...number, type: 'integer' }], ['attributes[0].type']],
    [[{ ...number, caseExact: true }], ['attributes[0].caseExact']],
    [[{ ...number, uniqueness: 'none' }], ['attributes[0].uniqueness']],
    [[number, { name: 'colour', required: true }], ['attributes[1].required']],
  ] as const) {
    const refused = await admin('PUT', place, { ...body, attributes });
    assert.deepEqual([refused.status, pathsOf(refused)], [400, paths], refused.text);
  }
  const grown = {
    ...body,
    attributes: [{ ...number, required: false, description: 'Its number' }, { name: 'colour' }],
  };
  assert.equal((await admin('PUT', place, grown)).status, 200, 'more attributes, and fewer that must be there');

  const gone = await admin('PUT', `${base}/resource-types/Badge`, { ...withHr, schemaExtensions: [] });
  assert.deepEqual([gone.status, pathsOf(gone)], [400, ['schemaExtensions']], gone.text);
  const required = await admin('PUT', `${base}/resource-types/Badge`, {
    ...withHr,
    schemaExtensions: [{ schema: HR, required: true }],
  });
  assert.deepEqual(pathsOf(required), ['schemaExtensions[0].required']);
  const deleted = await admin('DELETE', `${base}/resource-types/Badge`);
  assert.deepEqual([deleted.status, deleted.body['code']], [409, 'IN_USE']);
});

test('schemas take the role of an administrator to change, and are seen by an auditor', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base } = await api.tenantWithAdmin();
  const auditor = await api.basicCaller(tenant, ['auditor']);
  assert.equal((await auditor('GET', `${base}/schemas`)).status, 200);
  assert.equal((await auditor('POST', `${base}/schemas`, hr)).status, 403);
  assert.equal((await auditor('PUT', `${base}/resource-types/User`, {})).status, 403);
});
