import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Connector } from '../../connectors/connector.ts';
import { asTenantId, type TenantId } from '../../domain/ids.ts';
import type { Target } from '../../domain/policy.ts';
import { createConnectors } from '../../worker/connectors.ts';

const ACME = asTenantId('acme');
const target = {
  id: 't1',
  connector: 'scim2',
  settings: { baseUrl: 'a' },
  sealedSecrets: { key: 's1' },
} as unknown as Target;
const edited = { ...target, settings: { baseUrl: 'b' } };

/** Remembers what was built and closed, by number. */
function counting(closing: () => Promise<void> = async () => undefined) {
  const closed: number[] = [];
  const logged: string[] = [];
  const clock = { now: 0 };
  let built = 0;
  const build = (_tenant: TenantId, _target: Target): Connector => {
    built += 1;
    const number = built;
    const close = (): Promise<void> => {
      closed.push(number);
      return closing();
    };
    return { close } as unknown as Connector;
  };
  const connectors = createConnectors({ build, now: () => clock.now, log: (message) => logged.push(message) });
  const use = (tenant: TenantId, of: Target): Promise<Connector> =>
    connectors.withConnector(tenant, of, async (connector) => connector);
  return { closed, logged, clock, built: () => built, connectors, use };
}

test('a target keeps its connector, and with it its connections and tokens', async () => {
  const { use, built } = counting();
  const first = await use(ACME, target);
  const renamed = { ...structuredClone(target), name: 'another name', concurrency: 3 };
  assert.equal(await use(ACME, renamed), first);
  assert.equal(built(), 1);
});

test('settings and secrets that were edited make another connector, and the old one is closed', async () => {
  const { connectors, use, built, closed } = counting();
  await use(ACME, target);
  await use(ACME, edited);
  await use(ACME, { ...edited, sealedSecrets: { key: 's2' } });
  assert.equal(built(), 3);
  assert.deepEqual(closed, [1, 2]);
  await connectors.close();
  assert.deepEqual(closed, [1, 2, 3]);
});

test('a connector that was replaced is closed when the last step that uses it has ended', async () => {
  const { connectors, use, closed } = counting();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const steps = [first, second].map(({ promise }) => connectors.withConnector(ACME, target, () => promise));
  await use(ACME, edited);
  assert.deepEqual(closed, []);
  first.resolve();
  await steps[0];
  assert.deepEqual(closed, []);
  second.reject(new Error('the step failed'));
  await assert.rejects(steps[1] as Promise<void>, /the step failed/);
  assert.deepEqual(closed, [1]);
});

test('a connector that nobody uses any more is closed, as that of a target that was deleted', async () => {
  const { use, clock, closed, built } = counting();
  await use(ACME, target);
  clock.now += 300_000;
  await use(asTenantId('other'), target);
  assert.deepEqual(closed, []);
  clock.now += 400_000;
  await use(asTenantId('other'), target);
  assert.deepEqual(closed, [1]);
  await use(ACME, target);
  assert.equal(built(), 3);
});

test('a connector that cannot be closed ends neither a step nor the process', async () => {
  const { connectors, use, logged } = counting(async () => {
    throw new Error('the pool is broken');
  });
  await use(ACME, target);
  await use(ACME, edited);
  await setImmediate();
  await connectors.close();
  assert.deepEqual(logged, ['a connector could not be closed', 'a connector could not be closed']);
});

test('targets of two tenants share no connector, whatever their ids', async () => {
  const { use, built } = counting();
  await use(ACME, target);
  await use(asTenantId('other'), target);
  assert.equal(built(), 2);
});
