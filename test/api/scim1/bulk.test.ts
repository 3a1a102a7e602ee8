import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { CORE, errorOf, newTenant1 } from './client.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

interface Outcome {
  readonly method: string;
  readonly bulkId?: string;
  readonly location?: string;
  readonly status: { readonly code: string; readonly description?: string };
}

const outcomes = (body: Readonly<Record<string, unknown>>): readonly Outcome[] => body['Operations'] as Outcome[];

test('a bulk request of 1.1 creates, refers, patches and deletes, and answers each operation in order', async () => {
  const { scim1 } = await newTenant1(provost.url);
  const { body: old } = await scim1('POST', '/Users', { schemas: [CORE], userName: 'old' });
  const { body: kept } = await scim1('POST', '/Users', { schemas: [CORE], userName: 'kept', title: 'Guide' });
  const answer = await scim1('POST', '/Bulk', {
    schemas: [CORE],
    Operations: [
      { method: 'POST', path: '/Users', bulkId: 'alice', data: { schemas: [CORE], userName: 'PRIMARY/alice' } },
      { method: 'POST', path: '/Users', bulkId: 'bad', data: { schemas: [CORE], userName: 'HR/bob' } },
      {
        method: 'POST',
        path: '/Groups',
        bulkId: 'staff',
        data: { schemas: [CORE], displayName: 'Staff', members: [{ value: 'bulkId:alice' }] },
      },
      { method: 'PATCH', path: `/v1/Users/${kept['id']}`, data: { schemas: [CORE], meta: { attributes: ['title'] } } },
      { method: 'DELETE', path: `/Users/${old['id']}` },
    ],
  });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.body['schemas'], [CORE]);
  const all = outcomes(answer.body);
  assert.deepEqual(
    all.map(({ method, bulkId, status }) => [method, bulkId, status.code]),
    [
      ['POST', 'alice', '201'],
      ['POST', 'bad', '400'],
      ['POST', 'staff', '201'],
      ['PATCH', undefined, '200'],
      ['DELETE', undefined, '204'],
    ],
  );
  assert.match(all[1]?.status.description ?? '', /only one is PRIMARY/);
  const alice = new URL(all[0]?.location ?? '').pathname;
  assert.match(alice, /^\/scim\/v1\/Users\//);
  const shown = await scim1('GET', alice.slice('/scim/v1'.length));
  assert.equal(shown.body['userName'], 'alice');
  assert.equal((shown.body['groups'] as { display: string }[])[0]?.display, 'Staff');
  assert.equal((await scim1('GET', `/Users/${kept['id']}`)).body['title'], undefined);
  assert.equal((await scim1('GET', `/Users/${old['id']}`)).status, 404);
});

test('a bulk request that is none is refused in the form of 1.1', async () => {
  const { scim1, xml } = await newTenant1(provost.url);
  const empty = await scim1('POST', '/Bulk', { schemas: [CORE] });
  assert.deepEqual([empty.status, errorOf(empty).code], [400, '400']);
  const most = provost.config.api.bulkMaxOperations;
  const Operations = Array.from({ length: most + 1 }, () => ({ method: 'DELETE', path: '/Users/1' }));
  assert.equal((await scim1('POST', '/Bulk', { schemas: [CORE], Operations })).status, 413);
  assert.equal((await xml('POST', '/Bulk', '<Bulk/>')).status, 415);
  assert.equal((await scim1('GET', '/Bulk')).status, 405);
});

test('ServiceProviderConfigs says that Bulk is served, and how much of it', async () => {
  const { scim1 } = await newTenant1(provost.url);
  const { bulkMaxOperations, bulkMaxPayloadBytes } = provost.config.api;
  assert.deepEqual((await scim1('GET', '/ServiceProviderConfigs')).body['bulk'], {
    supported: true,
    maxOperations: bulkMaxOperations,
    maxPayloadSize: bulkMaxPayloadBytes,
  });
});
