/** A change whose client stopped waiting comes a second time, by a signal: when it has ended and its record does not say so. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { asChangeId } from '../../domain/ids.ts';
import { retryStepUpdate } from '../../workflows/messages.ts';
import { until } from '../until.ts';
import { startResourceWorker, step, type World } from './resource-worker.ts';

async function worker(context: TestContext, world: World) {
  const started = await startResourceWorker(world);
  context.after(() => started.stop());
  await started.startWorkers();
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

/** A workflow task that waits for the database is continued, with what came meanwhile, after some eight seconds. */
const A_TASK = 40_000;
const SLOW = { timeout: 90_000 };

test('a change that comes again while its end cannot be recorded is not done again', SLOW, async (context) => {
  let isBroken = true;
  const { change, apply, submit, persisted, provisioned, stateOf, reports, handle } = await worker(context, {
    async report({ reports: some }) {
      if (isBroken && some.some(({ recordOnly }) => recordOnly !== true))
        throw ApplicationFailure.nonRetryable('broken', 'INTERNAL');
    },
  });
  const twice = change('twice');
  await apply(twice);
  await until('its end, which is parked', () => stateOf('twice') === 'parked');
  await submit(twice);
  await until('written again', () => persisted.length === 2);
  isBroken = false;
  const decision = { change: asChangeId('twice'), actor: 'operator', at: new Date().toISOString() };
  await handle.executeUpdate(retryStepUpdate, { args: [decision] });
  await handle.result();
  assert.equal(provisioned.length, 1);
  assert.deepEqual(
    reports.map(({ state }) => state),
    ['parked', 'settled'],
  );
});

for (const isTakenBack of [false, true]) {
  const how = isTakenBack ? 'compensated' : 'settled';
  test(
    `a change that comes again and is written again while its end, ${how}, is recorded is not done again`,
    SLOW,
    async (context) => {
      const [recording, writing] = [gate(), gate()];
      context.after(() => [recording.open(), writing.open()]);
      let times = 0;
      let isRecording = false;
      const { change, apply, submit, provisioned, reports, handle } = await worker(context, {
        async persist() {
          times += 1;
          if (times > 1) await writing.opened;
          return { steps: [step({ onFailure: 'compensate' })] };
        },
        async report({ reports: some }) {
          if (!some.some(({ state }) => state === how)) return;
          isRecording = true;
          await recording.opened;
        },
        provision({ source }) {
          if (isTakenBack && source === 'now') throw ApplicationFailure.nonRetryable('no', 'TARGET_REJECTED');
        },
      });
      const twice = change('twice');
      await apply(twice);
      const steps = isTakenBack ? 2 : 1;
      await until('its end', () => isRecording);
      await submit(twice);
      await until('written again', () => times === 2, Boolean, A_TASK);
      recording.open();
      await until('recorded', () => reports.some(({ state }) => state === how));
      writing.open();
      await handle.result();
      assert.equal(provisioned.length, steps);
      assert.equal(reports.filter(({ state }) => state === how).length, 1);
    },
  );
}
