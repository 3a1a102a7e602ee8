import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CarriedWork, OwedStep } from '../../workflows/messages.ts';
import { until } from '../until.ts';
import { startResourceWorker, step, TARGET, type World } from './resource-worker.ts';

async function worker(context: TestContext, world: World) {
  const started = await startResourceWorker(world);
  context.after(() => started.stop());
  return started;
}

/** A barrier that a test opens. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test('an update that comes before the first task of the next run waits behind a change that may be compensated', async (context) => {
  const asked = gate();
  context.after(asked.open);
  const { change, apply, startWorkers, persisted, provisioned } = await worker(context, {
    provision: () => asked.opened,
  });
  const undecided = change('undecided');
  const compensating = step({ onFailure: 'compensate' });
  const owed: OwedStep = { change: undecided.id, source: 'now', policyVersion: 1, step: compensating, urgent: false };
  const carried: CarriedWork = {
    inbox: [],
    changes: [
      {
        change: undecided,
        mode: 'persist-and-provision',
        steps: [compensating],
        outcomes: [],
        undoing: false,
        undone: false,
        facts: [],
      },
    ],
    lanes: [{ target: TARGET, owed: [owed], lookFirst: false, parkedSteps: [] }],
  };
  // Nothing polls yet: the update is in the run's first task.
  const answered = apply(change('update'), carried);
  await startWorkers();
  await until('the target of the undecided change', () => provisioned.length === 1);
  assert.deepEqual(persisted, [], 'nothing is written on top of it');
  asked.open();
  await answered;
  assert.deepEqual(persisted, ['update']);
});

test('what the run before had accepted is written before an update that comes before the first task', async (context) => {
  const { change, apply, startWorkers, persisted } = await worker(context, {});
  const inbox = ['first', 'second', 'third'].map((id) => change(id));
  const answered = apply(change('update'), { inbox, changes: [], lanes: [] });
  await startWorkers();
  await answered;
  assert.deepEqual(persisted, ['first', 'second', 'third', 'update']);
});
