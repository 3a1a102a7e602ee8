import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Approval, ApprovalState } from '../../../domain/approval/approval.ts';
import { superseded, withheldBy } from '../../../domain/approval/withheld.ts';
import type { ApprovalId } from '../../../domain/ids.ts';

type About = Pick<Approval, 'id' | 'state' | 'operation' | 'creates' | 'touches' | 'differences'>;

const NAMES = ['title', 'nickName', 'emails', 'members'];
const STATES: ApprovalState[] = ['waiting', 'granted', 'refused', 'expired', 'withdrawn', 'cancelled'];

const about = fc
  .record({
    state: fc.constantFrom(...STATES),
    makes: fc.constantFrom('nothing', 'by creating', 'by a patch'),
    touches: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 }),
    before: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ state, makes, touches, before }) => ({
    state,
    operation: makes === 'by creating' ? 'create' : 'patch',
    ...(makes === 'nothing' ? {} : { creates: true }),
    touches,
    differences: touches.map((attribute) => ({ attribute, before })),
  }));

test('a target may see the same without the approvals that later ones have superseded, and few are left', () => {
  fc.assert(
    fc.property(fc.array(about, { maxLength: 30 }), (drawn) => {
      const all: About[] = drawn.map((one, index) => ({ ...one, id: String(index) as ApprovalId }));
      const gone = new Set(superseded(all));
      const left = all.filter(({ id }) => !gone.has(id));
      assert.deepEqual(withheldBy(left), withheldBy(all));
      assert.ok(left.length <= NAMES.length + 1, `${left.length} are left`);
    }),
    { numRuns: 2_000 },
  );
});
