import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Approval } from '../../domain/approval/approval.ts';
import { superseded } from '../../domain/approval/withheld.ts';
import type { ApprovalId, ChangeId } from '../../domain/ids.ts';
import { asChangeId, asResourceId, asTargetId, asTenantId } from '../../domain/ids.ts';
import { createSealer } from '../../platform/seal.ts';
import { createApprovalStore } from '../../stores/approvals.ts';
import { randomKeyRing } from '../platform/keys.ts';
import { openFreshDatabase } from './fresh-database.ts';

const tenant = asTenantId('acme');
const [resourceId, target, other] = [asResourceId('u'), asTargetId('t'), asTargetId('o')];

const approval = (id: string, own: Partial<Approval> = {}): Approval => ({
  id: id as ApprovalId,
  change: id as ChangeId,
  tenant,
  resourceType: 'User',
  resourceId,
  operation: 'patch',
  rule: 'titles',
  requester: 'client',
  touches: ['title'],
  differences: [{ attribute: 'title', after: id }],
  stages: [{ approvers: ['user:boss'], needs: 1, expiresAfterMs: 1_000 }],
  stage: 0,
  state: 'waiting',
  decisions: [],
  askedAt: `2026-01-01T00:00:00.00${id.at(-1)}Z`,
  stageSince: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-02T00:00:00.000Z',
  ...own,
});

test('one damaged record hides none of the others, and nothing is decided by it', async (context) => {
  const connection = await openFreshDatabase(context, 'test-approvals');
  const store = createApprovalStore(connection, createSealer(randomKeyRing('k1')));
  for (const id of ['a1', 'a2', 'a3', 'a4']) await store.add(approval(id));
  const documents = connection.collection('approvals');
  const damage = (id: string, set: object) => documents.updateOne({ _id: id as never }, { $set: set });
  await damage('a2', { 'stages.0.approvers': 'user:boss user:me' });
  await damage('a3', { content: 'cut off', rule: 7 });
  const listed = await store.list(tenant, { limit: 10 });
  assert.deepEqual(
    listed.map(({ id, unreadable = false }) => [id, unreadable]),
    [
      ['a1', false],
      ['a2', true],
      ['a3', true],
      ['a4', false],
    ],
  );
  assert.deepEqual(listed[1]?.stages[0]?.approvers, []);
  assert.equal(listed[2]?.rule, '');
  assert.equal((await store.list(tenant, { asks: ['user:boss'], limit: 10 })).length, 4);
  assert.equal((await store.find(tenant, 'a2' as ApprovalId))?.unreadable, true);
  await damage('a4', { state: 'granted', stage: 7 });
  assert.equal((await store.find(tenant, 'a4' as ApprovalId))?.state, 'cancelled', 'nothing is granted by it');
  await damage('a1', { target, stages: [] });
  await assert.rejects(
    store.ofTarget(tenant, resourceId, target),
    /damaged/,
    'a target sees nothing that it may withhold',
  );
});

test('what a target may see is told by the approvals that later ones have not superseded, however many there were', async (context) => {
  const connection = await openFreshDatabase(context, 'test-approvals');
  const store = createApprovalStore(connection, createSealer(randomKeyRing('k1')));
  for (let index = 1; index <= 9; index += 1) {
    const asked = await store.add(approval(`b${index}`, { target, state: 'refused' }));
    const earlier = await store.ofTarget(tenant, resourceId, target);
    await store.supersede(tenant, superseded([...earlier.filter(({ id }) => id !== asked.id), asked]));
  }
  await store.add(approval('c1', { target: other }));
  const ids = (found: readonly Approval[] | undefined) => found?.map(({ id }) => id);
  assert.deepEqual(ids(await store.ofTarget(tenant, resourceId, target)), ['b9']);
  const both = await store.ofTargets(tenant, resourceId, [target, other], asChangeId('b3'));
  assert.deepEqual([ids(both.get(target)), ids(both.get(other))], [['b3', 'b9'], ['c1']]);
  const found = await store.find(tenant, 'b3' as ApprovalId);
  assert.ok(found);
  await store.replace({ ...found, state: 'granted' });
  assert.deepEqual(ids(await store.ofTarget(tenant, resourceId, target)), ['b9'], 'deciding it brings it not back');
});
