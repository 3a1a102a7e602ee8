import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { ApplicationFailure, Client, Connection, WorkflowUpdateFailedError } from '@temporalio/client';
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

/** A client whose updates end as given, one after the other; the last one again and again. */
function clientThat(...outcomes: readonly (Error | number)[]) {
  const sent: string[] = [];
  const executeUpdate = async (update: { readonly name: string }): Promise<number> => {
    const outcome = outcomes[Math.min(sent.push(update.name), outcomes.length) - 1];
    if (typeof outcome === 'number') return outcome;
    throw outcome;
  };
  const handles: string[] = [];
  const getHandle = (id: string) => {
    handles.push(id);
    return { executeUpdate };
  };
  const client = { workflow: { getHandle }, withDeadline: (_at: number, call: () => unknown) => call() };
  return { sent, handles, temporal: client as unknown as Client };
}

const refusedWith = (type: string, message: string): Error =>
  new WorkflowUpdateFailedError('Workflow Update failed', ApplicationFailure.create({ type, message }));

test('a decision that meets a run handing over is sent again until the next run takes it', async () => {
  const busy = refusedWith('HANDING_OVER', 'The workflow is handing over to its next run.');
  const { temporal, sent, handles } = clientThat(busy, busy, 1);
  const operate = createOperate({ temporal, answerWithinMs: 5_000, now: Date.now });
  assert.equal(await operate.retry(ORDER), 1);
  assert.deepEqual(sent, ['retryStep', 'retryStep', 'retryStep']);
  assert.deepEqual(handles, [`user/acme/${ORDER.resourceId}`]);
});

test('a run that goes on handing over is given up in time', async () => {
  const { temporal } = clientThat(refusedWith('HANDING_OVER', 'The workflow is handing over to its next run.'));
  const operate = createOperate({ temporal, answerWithinMs: 200, now: Date.now });
  await assert.rejects(operate.skip(ORDER), (error) => isProvostError(error, 'HANDING_OVER'));
});

test('what the workflow refuses with is what the caller learns, and it is not asked twice', async () => {
  const { temporal, sent } = clientThat(refusedWith('OPERATION_NOT_WAITING', 'Nothing of this change waits.'));
  const operate = createOperate({ temporal, answerWithinMs: 5_000, now: Date.now });
  await assert.rejects(operate.compensate(ORDER), {
    code: 'OPERATION_NOT_WAITING',
    message: 'Nothing of this change waits.',
  });
  assert.deepEqual(sent, ['compensateChange']);
});
