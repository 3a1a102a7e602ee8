import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, refusal, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, replacing, settled } from './tenant.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  [provost, sandbox] = await Promise.all([startInstallation(), startFaultySandbox()]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

/** A user whose renaming the target refuses when the old name is another's already. */
async function withConflict(name: string) {
  const scope = { User: 'resource.title == "Clerk"' };
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, onFailure: 'compensate', scope }] });
  const created = await tenant.scim('POST', '/Users', { userName: name, title: 'Clerk' });
  await settled(tenant, created);
  let refuse = (): void => undefined;
  const taken = new Promise<void>((resolve) => {
    refuse = resolve;
  });
  sandbox.fail(async ({ method }) => {
    if (method !== 'PATCH' && method !== 'PUT') return undefined;
    await taken;
    return refusal(400, 'names are frozen');
  });
  const path = `/Users/${created.body['id']}`;
  const renamed = await tenant.scim('PATCH', path, replacing('userName', `${name}-new`));
  assert.equal(renamed.status, 200, renamed.text);
  const other = await tenant.scim('POST', '/Users', { userName: name });
  assert.equal(other.status, 201, other.text);
  refuse();
  const change = String(renamed.headers.get('provost-change'));
  await inState(tenant, change, 'parked');
  sandbox.heal();
  const attention = async () =>
    (await tenant.admin('GET', '/attention?kind=compensation-failed')).body['items'] as Record<string, unknown>[];
  const userName = async () => (await tenant.scim('GET', path)).body['userName'];
  return { tenant, change, path, otherPath: `/Users/${other.body['id']}`, attention, userName };
}

test('a compensation whose name was taken meanwhile waits for an operator, holds up nothing, and is retried', async () => {
  const { tenant, change, path, otherPath, attention, userName } = await withConflict('freed');
  const [item] = await attention();
  assert.deepEqual([item?.['id'], item?.['code'], item?.['target']], [change, 'RESTORE_CONFLICT', 'store']);
  assert.equal(item?.['because'], 'It could not be taken back in the store, which holds it still.');
  assert.deepEqual(
    ((item?.['actions'] ?? []) as { operation: string }[]).map(({ operation }) => operation),
    ['retryChange', 'skipChange', 'retryAlike', 'editStep'],
  );
  const twice = await tenant.admin('POST', `/changes/${change}/compensate`);
  assert.deepEqual([twice.status, twice.body['code']], [409, 'OPERATION_NOT_WAITING'], twice.text);
  await settled(tenant, await tenant.scim('PATCH', otherPath, replacing('userName', 'freed-other')));
  assert.equal((await tenant.admin('POST', `/changes/${change}/retry`, { target: 'store' })).status, 200);
  await inState(tenant, change, 'compensated');
  assert.equal(await userName(), 'freed');
  assert.deepEqual(await attention(), []);
  await settled(tenant, await tenant.scim('PATCH', path, replacing('nickName', 'Fred')));
});

test('a compensation whose name was taken is edited: user and account get the name that an operator chose', async () => {
  const { tenant, change, userName } = await withConflict('edited');
  const wrong = await tenant.admin('POST', `/changes/${change}/edit`, { target: 'store', set: { userName: 'edited' } });
  assert.equal(wrong.status, 200, wrong.text);
  await until(
    'parked again',
    async () => (await tenant.admin('GET', `/changes/${change}`)).text.split('"compensation-failed"').length,
    (count) => count === 3,
  );
  const edited = await tenant.admin('POST', `/changes/${change}/edit`, {
    target: 'store',
    set: { userName: 'edited-2' },
  });
  assert.equal(edited.status, 200, edited.text);
  await inState(tenant, change, 'compensated');
  assert.equal(await userName(), 'edited-2');
  assert.deepEqual(
    (await sandbox.accounts('edited')).map((held) => held['userName']),
    ['edited-2'],
  );
});

test('a compensation whose name was taken is skipped: the user keeps the new name, and the account gets it', async () => {
  const { tenant, change, userName } = await withConflict('kept');
  assert.equal((await tenant.admin('POST', `/changes/${change}/skip`)).status, 200);
  await inState(tenant, change, 'compensated');
  assert.equal(await userName(), 'kept-new');
  assert.deepEqual(
    (await sandbox.accounts('kept')).map((held) => held['userName']),
    ['kept-new'],
  );
});

test('a deletion that an operator takes back, when the name is another’s by now, can stand after all', async () => {
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, deprovision: 'delete' }] });
  const created = await tenant.scim('POST', '/Users', { userName: 'gone' });
  await settled(tenant, created);
  sandbox.fail(({ method }) => (method === 'DELETE' ? refusal(400, 'accounts stay') : undefined));
  const deleted = await tenant.scim('DELETE', `/Users/${created.body['id']}`);
  const change = String(deleted.headers.get('provost-change'));
  await inState(tenant, change, 'parked');
  const other = await tenant.scim('POST', '/Users', { userName: 'gone', title: 'other' });
  assert.equal(other.status, 201, other.text);
  sandbox.heal();
  const ordered = await tenant.admin('POST', `/changes/${change}/compensate`);
  assert.deepEqual([ordered.status, ordered.body['code']], [409, 'RESTORE_CONFLICT'], ordered.text);
  assert.equal((await tenant.admin('POST', `/changes/${change}/skip`, { target: 'store' })).status, 200);
  await inState(tenant, change, 'compensated');
  assert.equal((await tenant.scim('GET', `/Users/${created.body['id']}`)).status, 404);
  const left = await provost.mongo.collection('resources').countDocuments({ _id: created.body['id'] as never });
  assert.equal(left, 0, 'nothing is left of it');
});
