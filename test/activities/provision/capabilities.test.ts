/** What a step does at a target that cannot do everything: nothing else in the place of it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Caller } from '../../../activities/provision/admission/gate.ts';
import { meterConnector } from '../../../activities/provision/admission/metered-connector.ts';
import { asksAPerson } from '../../../domain/errors.ts';
import { failsWith, faultyTarget, listOf } from '../../connectors/faulty.ts';
import { connectorTo, signal } from '../../connectors/scim2/sandbox-connector.ts';
import { stepsOn } from './steps.ts';

const account = { id: 'a1', userName: 'ada', active: true };

async function limited(t: TestContext, capabilities: Record<string, boolean>) {
  const target = await faultyTarget(t, {
    behave: ({ method, path }) =>
      method === 'GET' && path.includes('filter')
        ? { kind: 'answer', status: 200, body: listOf() }
        : { kind: 'answer', status: method === 'POST' ? 201 : 200, body: account },
  });
  const connector = meterConnector(connectorTo(t, target.url, { capabilities }), {
    caller: { signal: signal() } as Caller,
    gate: { takeTurn: async () => undefined },
    beforeAccountGoes: async () => undefined,
  });
  const sent = (): string[] => target.received.map(({ method }) => method).filter((method) => method !== 'GET');
  return { connector, sent };
}

const ada = { userName: 'ada', active: true };

test('what a target cannot do is left to a person, whatever its failure policy says', () => {
  assert.equal(asksAPerson('TARGET_UNSUPPORTED'), true);
});

test('an account that cannot be disabled is not deleted', async (t) => {
  const { connector, sent } = await limited(t, { disable: false });
  const steps = stepsOn(connector, { deprovision: 'disable' });
  await steps.present(ada, 1);
  await failsWith(steps.absent(1), 'TARGET_UNSUPPORTED');
  assert.deepEqual(sent(), ['POST']);
  assert.equal(steps.link()?.state, 'linked');
});

test('an account that cannot be deleted is not, also when its grace is over', async (t) => {
  const { connector, sent } = await limited(t, { delete: false });
  const steps = stepsOn(connector, { deprovision: 'delete' });
  await steps.present(ada, 1);
  await failsWith(steps.absent(1), 'TARGET_UNSUPPORTED');
  const graced = stepsOn(connector, { deprovision: 'disable', deleteAfterDays: 1e-12 });
  await graced.present(ada, 1);
  assert.equal(await graced.absent(1), 'disable');
  await failsWith(graced.absent(1), 'TARGET_UNSUPPORTED');
  assert.deepEqual(sent(), ['POST', 'POST', 'PATCH']);
});

test('a creation is taken back by disabling where the target deletes nothing', async (t) => {
  const { connector, sent } = await limited(t, { delete: false });
  const steps = stepsOn(connector, { deprovision: 'leave' });
  await steps.present(ada, 1);
  assert.equal(await steps.absent(1, true), 'disable');
  assert.deepEqual(sent(), ['POST', 'PATCH']);
});

test('a group whose members cannot be changed is neither emptied nor deleted in the place of that', async (t) => {
  const { connector } = await limited(t, { groups: false });
  await failsWith(stepsOn(connector, {}, { type: 'Group' }).present({ displayName: 'x' }, 1), 'TARGET_UNSUPPORTED');
});

test('nothing is sent that the target cannot take, and its guard is not asked', async (t) => {
  const { connector, sent } = await limited(t, { create: false, update: false, disable: false, delete: false });
  const update = { before: {}, after: { title: 'x' } };
  await failsWith(connector.create('User', ada, signal()), 'TARGET_UNSUPPORTED');
  await failsWith(connector.update('User', 'a1', update, signal()), 'TARGET_UNSUPPORTED');
  await failsWith(connector.disable('User', 'a1', signal()), 'TARGET_UNSUPPORTED');
  await failsWith(connector.enable('User', 'a1', signal()), 'TARGET_UNSUPPORTED');
  await failsWith(connector.delete('User', 'a1', signal()), 'TARGET_UNSUPPORTED');
  await failsWith(stepsOn(connector).present(ada, 1), 'TARGET_UNSUPPORTED');
  assert.deepEqual(sent(), []);
});
