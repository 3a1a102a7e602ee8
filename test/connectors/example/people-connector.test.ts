import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Agent } from 'undici';
import { connectorContract } from '../connector-contract.ts';
import { faultyTarget } from '../faulty.ts';
import { createPeopleConnector, peopleSettings } from './people-connector.ts';
import { peopleApi } from './people-server.ts';

connectorContract('people', async (t) => {
  const people = await faultyTarget(t, { behave: peopleApi() });
  const between = await faultyTarget(t, { upstream: people.url });
  const dispatcher = new Agent();
  t.after(() => dispatcher.destroy());
  const settings = peopleSettings.parse({ baseUrl: between.url, key: 'k' });
  return { between, connector: createPeopleConnector(settings, { dispatcher }) };
});

test('the guide shows the example as it is tested', async () => {
  const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');
  const [guide, code] = await Promise.all([
    read('../../../docs/guides/write-a-connector.md'),
    read('people-connector.ts'),
  ]);
  const shown = /```ts\n(import type \{ Dispatcher[\s\S]*?)```/.exec(guide)?.[1];
  // In connectors/ the way to the other rooms is shorter.
  const moved = code.replaceAll('../../../connectors/', '../').replaceAll('../../../domain/', '../../domain/');
  assert.equal(shown, moved);
});
