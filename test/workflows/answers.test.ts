import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { asChangeId } from '../../domain/ids.ts';
import { skipStepUpdate } from '../../workflows/messages.ts';
import { until } from '../until.ts';
import { startResourceWorker, step, type World } from './resource-worker.ts';

async function worker(context: TestContext, world: World) {
  const started = await startResourceWorker(world);
  context.after(() => started.stop());
  await started.startWorkers();
  return started;
}

test('a client that waits for a blocking target is answered when an operator skips it', async (context) => {
  const { change, apply, stateOf, handle } = await worker(context, {
    persist: () => ({ steps: [step({ blocking: true, onFailure: 'compensate' })] }),
    provision() {
      throw ApplicationFailure.nonRetryable('two accounts match', 'TARGET_AMBIGUOUS_MATCH');
    },
  });
  const answered = apply(change('asked'));
  await until('parked', () => stateOf('asked') === 'parked');
  const decision = { change: asChangeId('asked'), actor: 'operator', at: new Date().toISOString() };
  assert.equal(await handle.executeUpdate(skipStepUpdate, { args: [decision] }), 1);
  assert.equal((await answered).mode, 'persist-and-provision');
  await handle.result();
});

test('a change that waits behind one whose workflow is gone looks ever more rarely', async (context) => {
  const { change, apply, handle } = await worker(context, {
    persist: () => ({ steps: [], awaits: { kind: 'change', change: asChangeId('gone') } }),
  });
  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
  await assert.rejects(apply(change('behind', { receivedAt: anHourAgo })), WorkflowUpdateFailedError);
  const timers = async () =>
    ((await handle.fetchHistory()).events ?? []).flatMap(
      ({ timerStartedEventAttributes: timer }) => timer?.startToFireTimeout?.seconds ?? [],
    );
  const [seconds] = await until('its timer', timers, (some) => some.length > 0);
  assert.ok(Number(seconds) > 3_000, `${seconds} s`);
});
