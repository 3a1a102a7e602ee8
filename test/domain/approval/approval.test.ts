import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Approval, type ApprovalOrder, dueNext, lacksApprovers, obey } from '../../../domain/approval/approval.ts';
import { asApprovalId, asChangeId, asResourceId, asTenantId } from '../../../domain/ids.ts';

const AT = '2026-01-01T00:00:00.000Z';

const waiting = (...stages: Approval['stages'][number][]): Approval => ({
  id: asApprovalId('c'),
  change: asChangeId('c'),
  tenant: asTenantId('acme'),
  resourceType: 'User',
  resourceId: asResourceId('u'),
  operation: 'patch',
  rule: 'titles',
  requester: 'user:r',
  touches: ['title'],
  differences: [],
  stages,
  stage: 0,
  state: 'waiting',
  decisions: [],
  askedAt: AT,
  stageSince: AT,
  expiresAt: AT,
});

const stage = (needs: number, ...approvers: string[]) => ({ approvers, needs, expiresAfterMs: 1_000 });
const after = (approval: Approval, ...orders: [string, ApprovalOrder['kind']][]): Approval =>
  orders.reduce((one, [by, kind]) => obey(one, { kind } as ApprovalOrder, by, AT), approval);

test('a stage passes when as many have approved as it needs, each counted once', () => {
  const asked = waiting(stage(2, 'a', 'b', 'c'));
  assert.equal(after(asked, ['a', 'approve'], ['a', 'approve']).state, 'waiting');
  assert.equal(after(asked, ['a', 'approve'], ['c', 'approve']).state, 'granted');
});

test('the next stage has its own approvers and its own time', () => {
  const second = after(waiting(stage(1, 'a'), stage(1, 'b')), ['a', 'approve']);
  assert.deepEqual([second.stage, second.state, second.expiresAt], [1, 'waiting', '2026-01-01T00:00:01.000Z']);
  assert.equal(after(second, ['a', 'approve']).state, 'waiting');
  assert.equal(after(second, ['b', 'approve']).state, 'granted');
});

test('neither the requester nor a stranger counts, even where he is listed', () => {
  const asked = waiting(stage(1, 'a', 'user:r'));
  assert.equal(after(asked, ['user:r', 'approve'], ['stranger', 'approve']), asked);
});

test('one refusal ends it, and nothing moves what has ended', () => {
  const refused = after(waiting(stage(2, 'a', 'b')), ['a', 'approve'], ['b', 'refuse']);
  assert.equal(refused.state, 'refused');
  assert.equal(after(refused, ['', 'expire'], ['a', 'approve']), refused);
});

test('nobody to ask grants nothing; whoever it is reassigned to decides, but never the requester', () => {
  const asked = waiting(stage(1));
  assert.equal(lacksApprovers(asked), true);
  const own = obey(asked, { kind: 'reassign', approvers: ['user:r'] }, 'operator', AT);
  assert.equal(lacksApprovers(own), true);
  const other = obey(asked, { kind: 'reassign', approvers: ['b'] }, 'operator', AT);
  assert.equal(after(other, ['b', 'approve']).state, 'granted');
});

test('a stage that nobody decides is escalated to others, once, and never to the requester', () => {
  const escalation = { afterMs: 400, approvers: ['user:c', 'user:r'] };
  const asked = waiting({ ...stage(1, 'user:a'), escalation });
  const later = { ...asked, expiresAt: '2026-01-01T00:00:01.000Z' };
  assert.deepEqual(dueNext(later), { at: '2026-01-01T00:00:00.400Z', kind: 'escalate' });
  const escalated = obey(later, { kind: 'escalate' }, '', AT);
  assert.deepEqual(escalated.stages[0]?.approvers, ['user:a', 'user:c']);
  assert.deepEqual(dueNext(escalated), { at: later.expiresAt, kind: 'expire' });
  assert.equal(obey(escalated, { kind: 'escalate' }, '', AT), escalated);
  assert.equal(after(escalated, ['user:c', 'approve']).state, 'granted');
});

test('reminders come until the stage is decided, each counted from the one before, and begin anew with the next stage', () => {
  const asked = {
    ...waiting({ ...stage(1, 'user:a'), remindEveryMs: 300 }, { ...stage(1, 'user:b'), remindEveryMs: 300 }),
    expiresAt: '2026-01-01T00:00:00.700Z',
  };
  const remind = (approval: Approval): Approval => obey(approval, { kind: 'remind' }, '', dueNext(approval).at);
  assert.deepEqual(dueNext(asked), { at: '2026-01-01T00:00:00.300Z', kind: 'remind' });
  const twice = remind(remind(asked));
  assert.equal(twice.remindedAt, '2026-01-01T00:00:00.600Z');
  assert.equal(obey(twice, { kind: 'remind' }, '', twice.remindedAt), twice, 'doing it again does nothing');
  assert.deepEqual(dueNext(twice), { at: asked.expiresAt, kind: 'expire' });
  const next = obey(twice, { kind: 'approve' }, 'user:a', '2026-01-01T00:00:00.650Z');
  assert.deepEqual(dueNext(next), { at: '2026-01-01T00:00:00.950Z', kind: 'remind' });
});

test('a delegate decides in the place of who was asked, counts once, and is never the requester', () => {
  const asked = waiting(stage(2, 'user:a', 'user:b'));
  const inPlaceOf = (approval: Approval, by: string, delegate: string): Approval =>
    obey(approval, { kind: 'approve', delegate }, by, AT);
  assert.equal(inPlaceOf(asked, 'user:a', 'user:r'), asked);
  const once = inPlaceOf(asked, 'user:a', 'user:b');
  assert.deepEqual(once.decisions[0], { stage: 0, by: 'user:a', delegate: 'user:b', verdict: 'approve', at: AT });
  assert.equal(after(once, ['user:b', 'approve']), once, 'he has decided already, for another');
  assert.equal(inPlaceOf(once, 'user:b', 'user:c').state, 'granted');
});
