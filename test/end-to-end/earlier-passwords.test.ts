import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { refusal, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, replacing, settled } from './tenant.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

const hashesOf = (id: unknown) => async (): Promise<readonly unknown[]> => {
  const found = await provost.mongo.collection('resources').findOne({ _id: id as never });
  const previous = found?.['previous'] as { password?: string; previous?: { password?: string } } | undefined;
  return [previous?.password, previous?.previous?.password].filter((hash) => hash !== undefined);
};

test('the hash of an earlier password stays only while its change may be compensated', async () => {
  const sandbox = await startFaultySandbox();
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', { userName: 'changing', password: 'the first one' });
  await settled(tenant, created);
  const { id } = created.body;

  sandbox.fail(({ method }) => (method === 'GET' ? undefined : refusal(400, 'not now')));
  const parked = await tenant.scim('PATCH', `/Users/${id}`, {
    ...replacing('password', 'the second one'),
    Operations: [
      { op: 'replace', path: 'password', value: 'the second one' },
      { op: 'replace', path: 'title', value: 'Head' },
    ],
  });
  const change = String(parked.headers.get('provost-change'));
  await inState(tenant, change, 'parked');
  assert.equal((await hashesOf(id)()).length, 1, 'the change may still be compensated');
  sandbox.heal();
  await tenant.admin('POST', `/changes/${change}/retry`, {});
  await settled(tenant, parked);
  await until('no earlier hash', hashesOf(id), (hashes) => hashes.length === 0);
  await sandbox.stop();
});
