import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type FaultySandbox, startFaultySandbox } from '../end-to-end/sandbox.ts';
import { type Send, sender } from '../end-to-end/tenant.ts';
import { differencesAt, type Expected } from './check.ts';
import { operationsOf } from './operations.ts';
import { planOf, type TargetPlan } from './six-targets.ts';

const plans = planOf('group');
const [deleting, , disabling] = plans as [TargetPlan, TargetPlan, TargetPlan];
const ada = { id: 'ada-id', userName: 'ada', title: 'Staff', displayName: 'Ada' };

let sandbox: FaultySandbox;
let directly: Send;

before(async () => {
  sandbox = await startFaultySandbox();
  directly = sender(sandbox.wish.baseUrl, { authorization: `Bearer ${sandbox.wish.token}` });
});
after(() => sandbox.stop());

const expecting = (users: Expected['users']): Expected => ({
  users,
  members: new Map(),
  scopedTo: 'Staff',
  role: new Set(),
});

test('whatever is not as the store has it is told', async () => {
  assert.deepEqual(await differencesAt(sandbox, deleting, expecting([ada])), ['no account of ada (ada-id)']);
  const { body } = await directly('POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'ada',
    title: 'Guest',
    displayName: 'Ada',
    active: true,
    externalId: 'ada-id',
  });
  assert.deepEqual(await differencesAt(sandbox, deleting, expecting([ada])), ['ada: title is Guest, not Staff']);
  assert.deepEqual(await differencesAt(sandbox, deleting, expecting([{ ...ada, title: 'Guest', active: false }])), [
    'ada: active',
  ]);
  assert.deepEqual(await differencesAt(sandbox, deleting, expecting([])), ['ada is still there']);
  assert.deepEqual(await differencesAt(sandbox, disabling, expecting([])), ['ada is still active']);
  const grouped = { ...expecting([{ ...ada, title: 'Guest' }]), members: new Map([['group', new Set(['ada-id'])]]) };
  assert.deepEqual(await differencesAt(sandbox, disabling, grouped), ['0 groups of group']);
  await directly('POST', '/Groups', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: 'Group',
    externalId: 'group',
  });
  assert.deepEqual(await differencesAt(sandbox, disabling, grouped), ['group group has 0 members, not 1']);
  await directly('DELETE', `/Users/${body['id']}`);
});

test('the same seed gives the same operations, and another one others', () => {
  const all = (seed: number): string => JSON.stringify([...operationsOf(seed, 3, 15)]);
  assert.equal(all(7), all(7));
  assert.notEqual(all(7), all(8));
});
