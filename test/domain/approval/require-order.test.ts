import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApprovalOrder } from '../../../domain/approval/approval.ts';
import { requireOrder } from '../../../domain/approval/require-order.ts';
import { isProvostError } from '../../../domain/errors.ts';

const at = '2026-11-28T10:00:00.000Z';
const accepts = (order: unknown, own: object = {}): boolean => {
  try {
    requireOrder({ order: order as ApprovalOrder, by: 'operator', at, ...own });
    return true;
  } catch (error) {
    assert.ok(isProvostError(error, 'INVALID_VALUE'), String(error));
    return false;
  }
};

test('orders as people and timers give them are accepted', () => {
  for (const kind of ['withdraw', 'expire', 'cancel', 'escalate', 'remind'])
    assert.ok(accepts({ kind }, { by: '' }), kind);
  assert.ok(accepts({ kind: 'approve', comment: 'fine', delegate: 'user:d' }));
  assert.ok(accepts({ kind: 'refuse' }));
  assert.ok(accepts({ kind: 'reassign', approvers: ['user:a', 'credential'] }));
});

test('what is malformed never gets into the record of an approval', () => {
  const orders: unknown[] = [
    undefined,
    null,
    'approve',
    { kind: 'grant' },
    { kind: 'reassign' },
    { kind: 'reassign', approvers: 'user:a' },
    { kind: 'reassign', approvers: [] },
    { kind: 'reassign', approvers: [1] },
    { kind: 'reassign', approvers: [{ id: 'user:a' }] },
    { kind: 'reassign', approvers: ['x'.repeat(201)] },
    { kind: 'approve', comment: {} },
    { kind: 'approve', delegate: ['user:d'] },
  ];
  for (const order of orders) assert.ok(!accepts(order), JSON.stringify(order));
  for (const own of [{ by: 1 }, { by: undefined }, { at: 'yesterday' }, { at: 0 }, { at: '2026-99-99T00:00:00Z' }])
    assert.ok(!accepts({ kind: 'approve' }, own), JSON.stringify(own));
});
