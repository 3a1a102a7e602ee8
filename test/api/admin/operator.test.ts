import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProvostError } from '../../../domain/errors.ts';
import { asTargetId } from '../../../domain/ids.ts';
import { pathsOf, startAdmin } from './fixture.ts';
import { parkedAt, recordChange } from './recorded-changes.ts';

const TARGET = asTargetId('t-1');

test("an operator's decision reaches the resource's workflow under the operator's credential", async (context) => {
  const api = await startAdmin(context, { now: () => new Date('2026-01-01T00:00:00Z') });
  const { tenant, base } = await api.tenantWithAdmin();
  const operator = await api.basicCaller(tenant, ['operator']);
  const { id, resourceId } = await recordChange(api, tenant, parkedAt(TARGET));
  const decision = { change: id, actor: operator.id, at: '2026-01-01T00:00:00.000Z' };

  const retried = await operator('POST', `${base}/changes/${id}/retry`);
  const skipped = await operator('POST', `${base}/changes/${id}/skip`, { target: TARGET, comment: ' as agreed ' });
  const compensated = await operator('POST', `${base}/changes/${id}/compensate`, {});
  assert.deepEqual(
    [retried, skipped, compensated].map(({ status, body }) => [status, body]),
    [
      [200, { steps: 1 }],
      [200, { steps: 1 }],
      [200, { restored: true }],
    ],
  );
  const resource = { tenant, resourceType: 'User', resourceId };
  assert.deepEqual(api.orders, [
    { action: 'retry', order: { ...resource, decision } },
    { action: 'skip', order: { ...resource, decision: { ...decision, target: TARGET, comment: 'as agreed' } } },
    { action: 'compensate', order: { ...resource, decision } },
  ]);
});

test('a decision about a change that has ended is refused without asking the workflow', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  for (const state of ['settled', 'compensated', 'rejected'] as const) {
    const { id } = await recordChange(api, tenant, { state });
    const refused = await admin('POST', `${base}/changes/${id}/retry`);
    assert.deepEqual([refused.status, refused.body['code']], [409, 'OPERATION_NOT_WAITING']);
  }
  assert.deepEqual(api.orders, []);
});

test('what the workflow answers is what the operator is told', async (context) => {
  const failing = (error: ProvostError) => async () => {
    throw error;
  };
  const api = await startAdmin(context, {
    operate: {
      retry: failing(new ProvostError('OPERATION_NOT_WAITING', 'Nothing of this change waits for a decision.')),
      skip: failing(
        new ProvostError('ENGINE_UNAVAILABLE', 'The workflow engine does not answer.', { retryAfterMs: 4_500 }),
      ),
      compensate: failing(new ProvostError('ACKNOWLEDGEMENT_TIMEOUT', 'The decision was sent.')),
      moveApproval: failing(new ProvostError('ACKNOWLEDGEMENT_TIMEOUT', 'The decision was sent.')),
    },
  });
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const { id } = await recordChange(api, tenant, parkedAt(TARGET));
  const [retry, skip, compensate] = await Promise.all(
    ['retry', 'skip', 'compensate'].map((action) => admin('POST', `${base}/changes/${id}/${action}`)),
  );
  assert.deepEqual([retry?.status, retry?.body['code']], [409, 'OPERATION_NOT_WAITING']);
  assert.deepEqual([skip?.status, skip?.headers.get('retry-after')], [503, '5']);
  assert.deepEqual([compensate?.status, compensate?.body['code']], [503, 'ACKNOWLEDGEMENT_TIMEOUT']);
});

test('a change is taken back as a whole: there is no target to name', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const { id } = await recordChange(api, tenant, parkedAt(TARGET));
  const refused = await admin('POST', `${base}/changes/${id}/compensate`, { target: TARGET });
  assert.deepEqual([refused.status, pathsOf(refused)], [400, ['target']]);
});
