import assert from 'node:assert/strict';
import { test } from 'node:test';
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

/** Remembers what was built and closed, by number. */
function counting() {
  const closed: number[] = [];
  let built = 0;
  const build = (_tenant: TenantId, _target: Target): Connector => {
    built += 1;
    const number = built;
    return { close: async () => void closed.push(number) } as unknown as Connector;
  };
  return { closed, built: () => built, connectors: createConnectors({ build }) };
}

test('a target keeps its connector, and with it its connections and tokens', async () => {
  const { connectors, built } = counting();
  const first = await connectors.connectorFor(ACME, target);
  const renamed = { ...structuredClone(target), name: 'another name', concurrency: 3 };
  assert.equal(await connectors.connectorFor(ACME, renamed), first);
  assert.equal(built(), 1);
});

test('settings and secrets that were edited make another connector, and the old one is closed', async () => {
  const { connectors, built, closed } = counting();
  await connectors.connectorFor(ACME, target);
  await connectors.connectorFor(ACME, { ...target, settings: { baseUrl: 'b' } });
  await connectors.connectorFor(ACME, { ...target, settings: { baseUrl: 'b' }, sealedSecrets: { key: 's2' } });
  assert.equal(built(), 3);
  assert.deepEqual(closed, [1, 2]);
  await connectors.close();
  assert.deepEqual(closed, [1, 2, 3]);
});

test('targets of two tenants share no connector, whatever their ids', async () => {
  const { connectors, built } = counting();
  await connectors.connectorFor(ACME, target);
  await connectors.connectorFor(asTenantId('other'), target);
  assert.equal(built(), 2);
});
