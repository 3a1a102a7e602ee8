import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asChangeId, asResourceId } from '../../../domain/ids.ts';
import { policyWith, startReads } from './read-fixture.ts';

test('a request is read, decided and answered by one version of the policy, whatever is edited meanwhile', async (context) => {
  const read: number[] = [];
  const decided: { readonly version: number; readonly title: unknown }[] = [];
  const { url, clock } = await startReads(context, {
    dependencies: {
      policies: {
        // Each edit comes between two reads, and takes turns in how literally the client is taken.
        current: async () => {
          const version = read.length + 1;
          read.push(version);
          return { ...policyWith(version % 2 === 0 ? 'strict' : 'tolerant'), version };
        },
      },
      submit: async (change, version) => {
        const { body } = change;
        decided.push({ version, title: body.kind === 'create' ? body.resource['title'] : undefined });
        const reference = {
          resourceId: asResourceId('r'),
          version: 1,
          lastModified: new Date(clock.now).toISOString(),
          changed: true,
        };
        return { change: asChangeId(change.id), mode: 'persist', reference };
      },
    },
  });
  const create = (base: string) =>
    fetch(`${url.replace('/scim/v2', base)}/Users`, {
      method: 'POST',
      headers: { authorization: 'Bearer usual', 'content-type': 'application/json' },
      // Only a tolerant reader takes it.
      body: JSON.stringify({ userName: 'maya', title: 7 }),
    });
  for (const base of ['/scim/v2', '/scim/v1']) {
    const first = await create(base);
    assert.equal(first.status, 201, await first.text());
    const second = await create(base);
    assert.equal(second.status, 400, await second.text());
  }
  assert.deepEqual(read, [1, 2, 3, 4]);
  assert.deepEqual(decided, [
    { version: 1, title: '7' },
    { version: 3, title: '7' },
  ]);
});
