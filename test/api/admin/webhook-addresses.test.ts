import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathsOf, startAdmin } from './fixture.ts';

test('the address of a webhook holds no user name and no password', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const path = `${base}/approval-webhooks`;
  for (const url of [
    'https://name:secret@hooks.example/in',
    'https://:secret@hooks.example/',
    'https://n@hooks.example',
  ]) {
    const refused = await admin('POST', path, { url });
    assert.deepEqual([refused.status, pathsOf(refused)], [400, ['url']], url);
    assert.doesNotMatch(refused.text, /secret/);
  }
  const created = await admin('POST', path, { url: 'https://hooks.example/in?key=x@y' });
  assert.deepEqual([created.status, created.body['url']], [201, 'https://hooks.example/in?key=x@y']);
});

test('a password in the address of a webhook that an older release took is not shown', async (context) => {
  const api = await startAdmin(context);
  const { base, admin, tenant } = await api.tenantWithAdmin();
  const older = { _id: 'w1', tenant, url: 'https://name:secret@hooks.example/in', values: false, secret: 's1.k.x' };
  await api.connection.collection('webhooks').insertOne(older as never);
  const listed = await admin('GET', `${base}/approval-webhooks`);
  assert.deepEqual(listed.body['items'], [{ id: 'w1', url: 'https://hooks.example/in', values: false }]);
});
