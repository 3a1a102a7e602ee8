/** What a step keeps of what its target answers. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { driftedAttributes } from '../../../domain/reconciliation.ts';
import type { ScimObject } from '../../../domain/scim/resource.ts';
import { faultyTarget, listOf } from '../../connectors/faulty.ts';
import { connectorTo } from '../../connectors/scim2/sandbox-connector.ts';
import { type Steps, stepsOn } from './steps.ts';

/** A target whose accounts are named in lower case and known by their names. */
async function renaming(t: TestContext, isQuiet = false) {
  let held: ScimObject | undefined;
  const target = await faultyTarget(t, {
    behave: ({ method, path, body }) => {
      if (method === 'GET' && path.includes('filter')) return { kind: 'answer', status: 200, body: listOf() };
      if (method === 'POST') held = JSON.parse(body) as ScimObject;
      if (method === 'PATCH')
        for (const { path: name, value } of (JSON.parse(body) as { Operations: { path: string; value: string }[] })
          .Operations)
          held = { ...held, [name]: value };
      const name = String(held?.['userName']).toLowerCase();
      held = { ...held, userName: name, id: name };
      if (method === 'PATCH' && isQuiet) return { kind: 'answer', status: 204 };
      return { kind: 'answer', status: method === 'POST' ? 201 : 200, body: held };
    },
  });
  const writes = (): number => target.received.filter(({ method }) => method !== 'GET').length;
  return { steps: stepsOn(connectorTo(t, target.url)), writes, held: () => held ?? {} };
}

const drift = (steps: Steps, held: ScimObject): string[] => {
  const { content = {}, shown } = steps.link() ?? {};
  return driftedAttributes(content, held, shown);
};

const ada = { userName: 'Ada', title: 'Countess', active: true };

for (const isQuiet of [false, true]) {
  test(`values that a target writes its own way are no drift and not sent again${isQuiet ? ', where it answers nothing' : ''}`, async (t) => {
    const { steps, writes, held } = await renaming(t, isQuiet);
    await steps.present(ada, 1);
    assert.deepEqual(steps.link()?.shown, { userName: 'ada' });
    assert.deepEqual(drift(steps, held()), []);
    assert.equal(await steps.present(ada, 2), 'nothing');
    await steps.present({ ...ada, title: 'Analyst' }, 1);
    assert.deepEqual(drift(steps, held()), []);
    assert.equal(await steps.present({ ...ada, title: 'Analyst' }, 2), 'nothing');
    assert.equal(writes(), 2);
    assert.deepEqual(drift(steps, { ...held(), userName: 'someone' }), ['userName']);
  });
}

test('an account that gets another id with another name is known by it', async (t) => {
  const { steps } = await renaming(t);
  await steps.present(ada, 1);
  await steps.present({ ...ada, userName: 'Augusta' }, 1);
  assert.equal(steps.link()?.remoteId, 'augusta');
});

test('a value that the target left as it was, and an account that it left active, are drift', async (t) => {
  const before = { id: 'a1', userName: 'ada', title: 'Countess', active: true };
  const target = await faultyTarget(t, {
    behave: ({ method, path }) =>
      path.includes('filter')
        ? { kind: 'answer', status: 200, body: listOf() }
        : { kind: 'answer', status: method === 'POST' ? 201 : 200, body: before },
  });
  const steps = stepsOn(connectorTo(t, target.url));
  await steps.present({ userName: 'ada', title: 'Countess', active: true }, 1);
  await steps.present({ userName: 'ada', title: 'Analyst', active: false }, 1);
  assert.deepEqual(drift(steps, before), ['active', 'title']);
});
