import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { STORE } from '../../domain/change.ts';
import { ProvostError } from '../../domain/errors.ts';
import { asChangeId } from '../../domain/ids.ts';
import {
  compensateChangeUpdate,
  type OperatorDecision,
  retryStepUpdate,
  skipStepUpdate,
} from '../../workflows/messages.ts';
import { until } from '../until.ts';
import { startResourceWorker, step, type World } from './resource-worker.ts';

async function worker(context: TestContext, world: World, settings = {}) {
  const started = await startResourceWorker(world, settings);
  context.after(() => started.stop());
  await started.startWorkers();
  return started;
}

const decision = (change: string, own: Partial<OperatorDecision> = {}): [OperatorDecision] => [
  { change: asChangeId(change), actor: 'operator', at: new Date().toISOString(), ...own },
];

/** What the client of a change that failed is told. */
const refused = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'answered',
    (error: unknown) => {
      assert.ok(error instanceof WorkflowUpdateFailedError, String(error));
      assert.ok(error.cause instanceof ApplicationFailure);
      return error.cause.type ?? '';
    },
  );

const SLOW = { timeout: 90_000 };

test(
  'a change that cannot be stored, and nobody knows why, is parked: the next one is written, and it can be retried',
  SLOW,
  async (context) => {
    let isBroken = true;
    const { change, apply, persisted, reports, stateOf, handle } = await worker(context, {
      persist(sent) {
        if (sent.id === 'broken' && isBroken) throw new TypeError('no key for Ada Lovelace');
        return {};
      },
    });
    const broken = refused(apply(change('broken')));
    const next = apply(change('next'));
    assert.equal(await broken, 'UNEXPECTED_FAILURE');
    await next;
    assert.deepEqual(persisted, ['next']);
    await until('the record', () => stateOf('broken') === 'parked');
    const [parked] = reports.find(({ change: id }) => id === 'broken')?.steps ?? [];
    assert.deepEqual(
      parked?.result === 'parked' && [parked.target, parked.code, /Ada/.test(parked.message), parked.undoing],
      [STORE, 'UNEXPECTED_FAILURE', false, undefined],
    );
    isBroken = false;
    assert.equal(await handle.executeUpdate(retryStepUpdate, { args: decision('broken') }), 1);
    await until('the retried change', () => stateOf('broken') === 'settled');
    await handle.result();
  },
);

test(
  'a change that cannot be stored can be given up, and is sent again by its client as well',
  SLOW,
  async (context) => {
    let isBroken = true;
    const { change, apply, stateOf, handle, persisted } = await worker(context, {
      persist() {
        if (isBroken) throw new TypeError('broken');
        return {};
      },
    });
    const changes = ['given-up', 'sent-again'].map((id) => change(id));
    for (const one of changes) assert.equal(await refused(apply(one)), 'UNEXPECTED_FAILURE');
    await until('both parked', () => stateOf('given-up') === 'parked' && stateOf('sent-again') === 'parked');
    isBroken = false;
    await handle.executeUpdate(compensateChangeUpdate, { args: decision('given-up') });
    await until('given up', () => stateOf('given-up') === 'compensated');
    const { updateId: _same, ...again } = { updateId: 'x', ...changes[1] };
    await handle.executeUpdate('applyChange', { args: [again], updateId: 'again' });
    await until('stored', () => stateOf('sent-again') === 'settled');
    assert.deepEqual(persisted, ['sent-again']);
    await handle.result();
  },
);

test(
  'an outcome that cannot be recorded holds up neither other changes nor the next run, and is recorded by a retry',
  SLOW,
  async (context) => {
    let isBroken = true;
    const { change, apply, stateOf, reports, handle } = await worker(
      context,
      {
        async report({ reports: some }) {
          if (isBroken && some.some((report) => report.change === 'unheard' && report.recordOnly !== true))
            throw new TypeError('broken');
        },
      },
      { continueAfterEvents: 100 },
    );
    await apply(change('unheard'));
    await apply(change('other'));
    await until('the other', () => stateOf('other') === 'settled', Boolean, 60_000);
    await until('its record', () => stateOf('unheard') === 'parked');
    const [unheard] = reports.filter(({ change: id }) => id === 'unheard');
    assert.deepEqual(
      [unheard?.recordOnly, unheard?.steps.map(({ target, result }) => `${target} ${result}`)],
      [true, ['directory confirmed', 'store parked']],
    );
    isBroken = false;
    const { runId } = await handle.describe();
    for (let more = 1; (await handle.describe()).runId === runId; more += 1) await apply(change(`more-${more}`));
    // The next run tries by itself what an operator would have tried.
    await until('recorded', () => stateOf('unheard') === 'settled', Boolean, 60_000);
    await handle.result();
  },
);

const conflict = () => Promise.reject(new ProvostError('RESTORE_CONFLICT', 'Another User has this userName by now.'));

/** The target refuses the first change, which is compensated; `restore` is what comes of that in the store. */
async function withCompensation(context: TestContext, restore: NonNullable<World['restore']>, blocking = false) {
  const started = await worker(context, {
    persist: () => ({ steps: [step({ onFailure: 'compensate', blocking })] }),
    restore,
    provision({ source, change }) {
      if (source === 'now' && change === 'rename')
        throw ApplicationFailure.nonRetryable('no such department', 'TARGET_REJECTED');
    },
  });
  return started;
}

test('a compensation whose name is taken is parked with a code of its own, and its client is answered', async (context) => {
  const { change, apply, stateOf, reports, handle, persisted } = await withCompensation(context, conflict, true);
  assert.equal(await refused(apply(change('rename'))), 'TARGET_REJECTED');
  await until('parked', () => stateOf('rename') === 'parked');
  const parked = reports.findLast(({ change: id }) => id === 'rename')?.steps.find(({ target }) => target === STORE);
  assert.deepEqual(parked?.result === 'parked' && [parked.code, parked.undoing], ['RESTORE_CONFLICT', true]);
  assert.equal(
    await refused(handle.executeUpdate(compensateChangeUpdate, { args: decision('rename') })),
    'OPERATION_NOT_WAITING',
  );
  await handle.executeUpdate(retryStepUpdate, { args: decision('rename', { target: STORE }) });
  await until('parked again', () => reports.filter(({ state }) => state === 'parked').length >= 2);
  await apply(change('later'));
  assert.deepEqual(persisted, ['rename', 'later'], 'the resource is not held');
});

test('a parked compensation is restored by a retry once the name is free', async (context) => {
  let isTaken = true;
  const { change, apply, stateOf, handle } = await withCompensation(context, () =>
    isTaken ? conflict() : Promise.resolve(true),
  );
  await apply(change('rename'));
  await until('parked', () => stateOf('rename') === 'parked');
  isTaken = false;
  assert.equal(await handle.executeUpdate(retryStepUpdate, { args: decision('rename') }), 1);
  await until('compensated', () => stateOf('rename') === 'compensated');
  await handle.result();
});

test('a parked compensation is skipped: what is stored stays, and the target is compared with it', async (context) => {
  const { change, apply, stateOf, handle, reports, provisioned } = await withCompensation(context, ({ keep }) =>
    keep === true ? Promise.resolve(false) : conflict(),
  );
  await apply(change('rename'));
  await until('parked', () => stateOf('rename') === 'parked');
  assert.equal(await handle.executeUpdate(skipStepUpdate, { args: decision('rename', { target: STORE }) }), 1);
  await until('compensated', () => stateOf('rename') === 'compensated');
  assert.equal(reports.findLast(({ change: id }) => id === 'rename')?.undo?.store, 'kept');
  assert.deepEqual([provisioned.at(-1)?.source, provisioned.at(-1)?.lookFirst], ['before', true]);
  await handle.result();
});

test('a parked compensation is edited: the store is restored with other values, and the target is compared with it', async (context) => {
  const { change, apply, stateOf, handle, provisioned } = await withCompensation(context, ({ edited }) =>
    edited === true ? Promise.resolve(true) : conflict(),
  );
  await apply(change('rename'));
  await until('parked', () => stateOf('rename') === 'parked');
  await handle.executeUpdate(retryStepUpdate, { args: decision('rename', { target: STORE, edited: true }) });
  await until('compensated', () => stateOf('rename') === 'compensated');
  assert.equal(provisioned.at(-1)?.lookFirst, true);
  await handle.result();
});

test('a compensation that an operator orders and that cannot be done tells them, and goes with its resource to the next run', async (context) => {
  const started = await startResourceWorker(
    {
      persist: () => ({ steps: [step()] }),
      restore: conflict,
      provision({ change }) {
        if (change === 'rename') throw ApplicationFailure.nonRetryable('no', 'TARGET_REJECTED');
      },
    },
    { continueAfterEvents: 60 },
  );
  context.after(() => started.stop());
  await started.startWorkers();
  const { change, apply, stateOf, handle, reports } = started;
  await apply(change('rename'));
  await until('parked', () => stateOf('rename') === 'parked');
  const ordered = handle.executeUpdate(compensateChangeUpdate, { args: decision('rename') });
  assert.equal(await refused(ordered), 'RESTORE_CONFLICT');
  const { runId } = await handle.describe();
  for (let more = 1; (await handle.describe()).runId === runId; more += 1) {
    await apply(change(`more-${more}`)).catch((error: unknown) => assert.match(String(error), /Update failed/));
  }
  const before = reports.filter(({ change: id }) => id === 'rename').length;
  assert.equal(await handle.executeUpdate(retryStepUpdate, { args: decision('rename') }), 1);
  await until('parked again', () => reports.filter(({ change: id }) => id === 'rename').length > before);
});
