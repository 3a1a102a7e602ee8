import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { createOperate } from '../../../api/admin/changes/operate-by-temporal.ts';
import { isProvostError } from '../../../domain/errors.ts';
import { asChangeId, asResourceId, asTenantId } from '../../../domain/ids.ts';

const ORDER = {
  tenant: asTenantId('acme'),
  resourceType: 'User',
  resourceId: asResourceId(randomUUID()),
  decision: { change: asChangeId(randomUUID()), actor: 'operator', at: '2026-01-01T00:00:00.000Z' },
};

test('a decision for a workflow that is gone says that nothing waits', async (context) => {
  const connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233' });
  context.after(() => connection.close());
  const operate = createOperate({ temporal: new Client({ connection }), answerWithinMs: 5_000, now: Date.now });
  for (const send of [operate.retry, operate.skip, operate.compensate]) {
    await assert.rejects(send(ORDER), (error) => isProvostError(error, 'OPERATION_NOT_WAITING'));
  }
});

test('a decision while Temporal is away says that the engine does not answer, in time', async (context) => {
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  context.after(() => connection.close());
  const operate = createOperate({ temporal: new Client({ connection }), answerWithinMs: 500, now: Date.now });
  const started = performance.now();
  await assert.rejects(
    operate.retry(ORDER),
    (error) => isProvostError(error, 'ENGINE_UNAVAILABLE') || isProvostError(error, 'ACKNOWLEDGEMENT_TIMEOUT'),
  );
  assert.ok(performance.now() - started < 5_000);
});
