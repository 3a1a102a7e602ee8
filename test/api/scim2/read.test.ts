import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineAttribute, type ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { namesIn, startReads } from './read-fixture.ts';

test('a resource is read with its ETag; If-None-Match with that tag is 304 without a body', async (context) => {
  const { add, get } = await startReads(context);
  const { id } = await add(USER_TYPE, { userName: 'anna' });
  const first = await get(`/Users/${id}`);
  assert.equal(first.status, 200);
  assert.equal(first.headers.get('etag'), 'W/"1"');
  assert.equal(first.body['userName'], 'anna');
  for (const tag of ['W/"1"', '"1"', 'W/"7", W/"1"', '*']) {
    const again = await get(`/Users/${id}`, { headers: { 'if-none-match': tag } });
    assert.deepEqual([again.status, again.text, again.headers.get('etag')], [304, '', 'W/"1"'], tag);
  }
  assert.equal((await get(`/Users/${id}`, { headers: { 'if-none-match': 'W/"2"' } })).status, 200);
});

test('HEAD answers as GET does, without a body', async (context) => {
  const { add, send } = await startReads(context);
  const { id } = await add(USER_TYPE, { userName: 'anna' });
  for (const path of [`/Users/${id}`, '/Users', '/Schemas', '/ServiceProviderConfig']) {
    const head = await send('HEAD', path);
    assert.deepEqual([head.status, head.text], [200, ''], path);
    assert.equal(head.headers.get('content-type'), 'application/scim+json');
  }
  assert.equal((await send('HEAD', '/Users/none')).status, 404);
});

test('what does not exist, and what was deleted, is 404 as a SCIM error', async (context) => {
  const { add, get, resources, tenant } = await startReads(context);
  const { id, change } = await add(USER_TYPE, { userName: 'anna' });
  await resources.remove(tenant, 'User', id, change, '2026-01-01T00:00:00.000Z');
  for (const path of [`/Users/${id}`, '/Users/none', `/Groups/${id}`, '/Nothing', '/Nothing/1', '/Schemas/none']) {
    const { status, body, headers } = await get(path);
    assert.deepEqual(
      [status, body['status'], body.schemas],
      [404, '404', ['urn:ietf:params:scim:api:messages:2.0:Error']],
      path,
    );
    assert.match(String(headers.get('content-type')), /^application\/scim\+json/);
    assert.notEqual(body.detail, '');
  }
});

test('an id is text, whatever is in it', async (context) => {
  const { get } = await startReads(context);
  for (const id of ['%7B%22%24ne%22%3Anull%7D', '..%2F..', '%24where', 'a%00b', '%20'])
    assert.equal((await get(`/Users/${id}`)).status, 404, id);
});

test('endpoints are found in any letter case', async (context) => {
  const { add, list } = await startReads(context);
  await add(USER_TYPE, { userName: 'anna' });
  assert.deepEqual(namesIn(await list('/users')), ['anna']);
});

test('groups and a type of the tenant’s own are read like users', async (context) => {
  const device: ResourceTypeDefinition = {
    id: 'Device',
    name: 'Device',
    endpoint: '/Devices',
    description: 'Device',
    schema: {
      id: 'urn:example:params:scim:schemas:core:2.0:Device',
      name: 'Device',
      description: 'Device',
      attributes: [defineAttribute('displayName', 'Name.'), defineAttribute('cores', 'Cores.', { type: 'integer' })],
    },
    extensions: [],
  };
  const { add, get, list } = await startReads(context, {
    schemas: {
      schemas: [device.schema],
      resourceTypes: [
        { name: 'Device', endpoint: '/Devices', description: 'Device', schema: device.schema.id, schemaExtensions: [] },
      ],
    },
  });
  const { id } = await add(device, { displayName: 'Rack 1', cores: 64 });
  await add(device, { displayName: 'Rack 2', cores: 8 });
  await add(GROUP_TYPE, { displayName: 'Staff' });
  assert.equal((await get(`/Devices/${id}`)).body['cores'], 64);
  assert.deepEqual(namesIn(await list('/Devices', { filter: 'cores ge 10' })), ['Rack 1']);
  assert.deepEqual(namesIn(await list('/Devices', { sortBy: 'cores' })), ['Rack 2', 'Rack 1']);
  assert.deepEqual(namesIn(await list('/Groups')), ['Staff']);
  const types = (await list('/ResourceTypes')).Resources.map((type) => type['endpoint']);
  assert.deepEqual(types, ['/Users', '/Groups', '/Devices']);
  assert.equal((await get(`/Schemas/${device.schema.id}`)).status, 200);
});

test('a filter on what is stored elsewhere is answered by who stores it', async (context) => {
  const { add, list, get } = await startReads(context, {
    dependencies: {
      virtual: (_tenant, type) =>
        type.name === 'User'
          ? { isVirtual: ({ keys }) => keys[0] === 'groups', query: async () => ({ 'k.userName': 'anna' }) }
          : undefined,
    },
  });
  await add(USER_TYPE, { userName: 'anna' });
  await add(USER_TYPE, { userName: 'bert' });
  assert.deepEqual(namesIn(await list('/Users', { filter: 'groups.value eq "g1"' })), ['anna']);
  assert.deepEqual(namesIn(await list('/Users', { filter: 'not (groups[value eq "g1"])' })), ['bert']);
  assert.equal((await get('/Users?sortBy=groups')).status, 400);
});
