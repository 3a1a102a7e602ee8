/** Which failures of a step say something of its target. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Caller } from '../../../../activities/provision/admission/gate.ts';
import { meterConnector } from '../../../../activities/provision/admission/metered-connector.ts';
import { ProvostError } from '../../../../domain/errors.ts';
import { failsWith, faultyTarget, listOf } from '../../../connectors/faulty.ts';
import type { Behaviour } from '../../../connectors/faulty-target.ts';
import { connectorTo, signal } from '../../../connectors/scim2/sandbox-connector.ts';
import { stepsOn } from '../steps.ts';

async function metered(
  t: TestContext,
  behave: () => Behaviour,
  own: Record<string, unknown> = {},
  cancellation = signal(),
) {
  const target = await faultyTarget(t, { behave });
  return meterConnector(connectorTo(t, target.url, own), {
    caller: { signal: cancellation } as Caller,
    gate: { takeTurn: async () => undefined },
    beforeAccountGoes: async () => {
      throw new ProvostError('DELETION_STAGED', 'too many');
    },
  });
}

const answer =
  (status: number, body?: object): (() => Behaviour) =>
  () => ({
    kind: 'answer',
    status,
    ...(body === undefined ? {} : { body }),
  });

test('an answer and a refusal show that the target works', async (t) => {
  const works = await metered(t, answer(200, listOf()));
  assert.equal(works.lastCall, undefined);
  await works.find('User', { attribute: 'userName', value: 'ada' }, signal());
  assert.equal(works.lastCall, 'answered');
  const refuses = await metered(t, answer(409));
  await failsWith(refuses.create('User', { userName: 'ada' }, signal()), 'TARGET_CONFLICT');
  assert.equal((refuses.lastCall as ProvostError).code, 'TARGET_CONFLICT');
});

test('what fails before a call says nothing of the target', async (t) => {
  const connector = await metered(t, answer(500), { capabilities: { update: false } });
  await failsWith(connector.read('User', '..', signal()), 'TARGET_REJECTED');
  await failsWith(connector.delete('User', 'a', signal()), 'DELETION_STAGED');
  await failsWith(connector.update('User', 'a', { before: {}, after: { title: 'x' } }, signal()), 'TARGET_UNSUPPORTED');
  const steps = stepsOn(connector, { matching: { rules: [{ attributes: ['title'] }], onNone: 'park' } });
  await failsWith(steps.present({ userName: 'ada' }, 1), 'TARGET_MATCH_UNDECIDED');
  assert.equal(connector.lastCall, undefined);
});

test('a question about an account that was found is asked of a target that works', async (t) => {
  const twice = listOf({ id: '1', userName: 'ada' }, { id: '2', userName: 'ada' });
  const connector = await metered(t, answer(200, twice));
  await failsWith(stepsOn(connector).present({ userName: 'ada' }, 1), 'TARGET_AMBIGUOUS_MATCH');
  assert.equal(connector.lastCall, 'answered');
});

test('a call that is cancelled from here says nothing of the target, though nobody knows what came of it', async (t) => {
  const cancellation = new AbortController();
  const hangs = (): Behaviour => {
    queueMicrotask(() => cancellation.abort(new Error('an urgent step comes')));
    return { kind: 'hang' };
  };
  const connector = await metered(t, hangs, {}, cancellation.signal);
  await failsWith(connector.create('User', { userName: 'ada' }, cancellation.signal), 'TARGET_OUTCOME_UNKNOWN');
  assert.equal(connector.lastCall, undefined);
});

test('an update that finds nothing to send is answered by the target all the same', async (t) => {
  const connector = await metered(t, answer(200, { id: 'a', userName: 'ada' }));
  const readOnly = { userName: 'ada', groups: [{ value: 'g' }] };
  await connector.update('User', 'a', { before: { userName: 'ada' }, after: readOnly }, signal());
  assert.equal(connector.lastCall, 'answered');
  const away = await metered(t, answer(503));
  const failing = away.update('User', 'a', { before: { userName: 'ada' }, after: readOnly }, signal());
  await failsWith(failing, 'TARGET_UNAVAILABLE');
  assert.equal((away.lastCall as ProvostError).code, 'TARGET_UNAVAILABLE');
});
