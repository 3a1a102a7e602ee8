import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Outcome, type RunOptions, runSteps } from '../../../activities/bulk/run-steps.ts';
import type { BulkStep } from '../../../domain/bulk/bulk-step.ts';
import type { ChangeRequest } from '../../../domain/change.ts';
import { isProvostError, ProvostError } from '../../../domain/errors.ts';

/** A change that is known by its name alone: nothing here looks into one. */
const changeNamed = (name: string): ChangeRequest => ({ id: name }) as unknown as ChangeRequest;

const step = (position: number, rest: Partial<BulkStep> = {}): BulkStep => ({
  position,
  shown: { operation: position, method: 'POST' },
  after: [],
  needs: [],
  work: { kind: 'change', change: changeNamed(`c${position}`), urgent: false },
  ...rest,
});

/** Applies changes as told, and keeps what began and ended in which order. */
function engine(fails: Readonly<Record<string, ProvostError>> = {}) {
  const log: string[] = [];
  const standing = { now: 0, most: 0 };
  const options = (rest: Partial<RunOptions> = {}): RunOptions => ({
    earlier: new Map(),
    mayFail: Number.POSITIVE_INFINITY,
    atOnce: 16,
    signal: new AbortController().signal,
    ended: () => undefined,
    async applyChange({ id }): Promise<Outcome> {
      log.push(`+${id}`);
      standing.now += 1;
      standing.most = Math.max(standing.most, standing.now);
      await turn();
      standing.now -= 1;
      log.push(`-${id}`);
      const error = fails[id];
      return error === undefined ? { version: 1 } : { error };
    },
    ...rest,
  });
  return { log, standing, options };
}

const conflict = new ProvostError('UNIQUENESS', 'taken');

test('steps that nothing connects run side by side, up to the bound', async () => {
  const { standing, options } = engine();
  const { results } = await runSteps(
    Array.from({ length: 40 }, (_, index) => step(index)),
    options({ atOnce: 5 }),
  );
  assert.equal(results.length, 40);
  assert.equal(standing.most, 5);
});

test('a step comes after those it waits for, also after one that failed, but not after a failure of what it needs', async () => {
  const { log, options } = engine({ c0: conflict });
  const { results, codes } = await runSteps(
    [step(0), step(1, { after: [0] }), step(2, { needs: [0] }), step(3, { needs: [1] })],
    options(),
  );
  assert.deepEqual(log, ['+c0', '-c0', '+c1', '-c1', '+c3', '-c3']);
  assert.deepEqual(codes, { 0: 'UNIQUENESS', 1: 'OK', 2: 'BULK_REFERENCE_FAILED', 3: 'OK' });
  assert.equal(results[2]?.error?.code, 'BULK_REFERENCE_FAILED');
});

test('what is needed may have been on an earlier page', async () => {
  const { options } = engine();
  const earlier = new Map([
    [0, 'OK'],
    [1, 'UNIQUENESS'],
  ]);
  const { codes } = await runSteps([step(2, { needs: [0] }), step(3, { needs: [1] })], options({ earlier }));
  assert.deepEqual(codes, { 2: 'OK', 3: 'BULK_REFERENCE_FAILED' });
});

test('where one error ends it, steps run one after the other and none begins after the error', async () => {
  const { log, standing, options } = engine({ c2: conflict });
  const { results, stopped } = await runSteps(
    [0, 1, 2, 3, 4].map((at) => step(at)),
    options({ mayFail: 1 }),
  );
  assert.deepEqual([results.length, stopped, standing.most], [3, true, 1]);
  assert.deepEqual(log.at(-1), '-c2');
});

test('where three errors end it, as many run side by side as could fail', async () => {
  const { standing, options } = engine({ c0: conflict, c1: conflict });
  const { results, stopped } = await runSteps(
    Array.from({ length: 10 }, (_, at) => step(at)),
    options({ mayFail: 3 }),
  );
  assert.deepEqual([results.length, stopped], [10, false]);
  assert.ok(standing.most <= 3, `${standing.most} at once`);
});

test('a circle that cannot be closed is taken away again, and what was begun is completed after a stop', async () => {
  const circle = (failing: Readonly<Record<string, ProvostError>>) => {
    const made = engine(failing);
    const steps = [
      step(0, { completedBy: 2 }),
      step(1, { completedBy: 3 }),
      step(2, { shown: { operation: 0, method: 'POST' }, needs: [0, 1], takeBack: changeNamed('t0') }),
      step(3, { shown: { operation: 1, method: 'POST' }, needs: [0, 1], takeBack: changeNamed('t1') }),
    ];
    return { ...made, steps };
  };
  const broken = circle({ c1: conflict });
  const { results } = await runSteps(broken.steps, broken.options());
  assert.deepEqual(
    results.map(({ operation, error }) => [operation, error?.code]),
    [
      [1, 'UNIQUENESS'],
      [0, 'BULK_REFERENCE_FAILED'],
    ],
  );
  assert.ok(broken.log.includes('+t0') && !broken.log.includes('+t1'), broken.log.join());

  const stopping = circle({ c1: conflict });
  const { codes } = await runSteps(stopping.steps, stopping.options({ mayFail: 1 }));
  assert.equal(codes[2], 'BULK_REFERENCE_FAILED', 'the first of the two was made, so it had to be looked after');
  assert.ok(stopping.log.includes('+t0'));
});

test('a failure is an answer although another request might succeed', async () => {
  const { options } = engine({ c0: new ProvostError('TARGET_UNAVAILABLE', 'busy') });
  const { results } = await runSteps([step(0)], options());
  assert.equal(results[0]?.error?.code, 'TARGET_UNAVAILABLE');
});

test('where the engine gives no answer, nothing more is begun and the page fails as a whole', async () => {
  const { log, options } = engine();
  const applyChange: RunOptions['applyChange'] = async (change, urgent) => {
    if (String(change.id) === 'c1') throw new ProvostError('ENGINE_UNAVAILABLE', 'no answer');
    return options().applyChange(change, urgent);
  };
  const steps = [step(0), step(1), step(2, { after: [1] }), step(3, { after: [2] })];
  await assert.rejects(runSteps(steps, options({ applyChange })), (error) =>
    isProvostError(error, 'ENGINE_UNAVAILABLE'),
  );
  assert.deepEqual(log, ['+c0', '-c0'], 'what was under way was waited for');
});
