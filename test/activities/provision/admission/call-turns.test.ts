import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCallTurns } from '../../../../activities/provision/admission/call-turns.ts';
import { takeMoments } from '../../../../domain/call-grid.ts';

function turnsOf(limit: { readonly perSecond: number; readonly burst: number }) {
  let next: number | undefined;
  let leases = 0;
  const turns = createCallTurns(async (count) => {
    leases += 1;
    const taken = takeMoments(next, count, limit, Date.now());
    next = taken.next;
    return taken.moments;
  }, Date.now);
  return { turns, leases: () => leases };
}

const NEVER = new AbortController().signal;

test('an urgent call that comes late goes before ordinary ones that wait', async () => {
  const limit = { perSecond: 50, burst: 1 };
  const { turns } = turnsOf(limit);
  const order: string[] = [];
  const take = (name: string, urgent: boolean) => turns.take(limit, urgent, NEVER).then(() => order.push(name));
  const all = [take('first', false), take('second', false), take('third', false)];
  await all[0];
  await Promise.all([take('urgent', true), ...all]);
  assert.deepEqual(order, ['first', 'urgent', 'second', 'third']);
});

test('who is cancelled while it waits leaves, and its moment is the next one’s', async () => {
  const limit = { perSecond: 20, burst: 1 };
  const { turns } = turnsOf(limit);
  await turns.take(limit, false, NEVER);
  const leaving = new AbortController();
  const left = turns.take(limit, false, leaving.signal);
  const stays = turns.take(limit, false, NEVER);
  leaving.abort(new Error('cancelled'));
  await assert.rejects(left, /cancelled/);
  await stays;
});

test('many calls share one write', async () => {
  const limit = { perSecond: 200, burst: 50 };
  const { turns, leases } = turnsOf(limit);
  await Promise.all(Array.from({ length: 60 }, () => turns.take(limit, false, NEVER)));
  assert.ok(leases() <= 4, `${leases()} writes for 60 calls`);
});

test('turns are idle when nobody waits and no call that was taken may still be made', async () => {
  const limit = { perSecond: 20, burst: 1 };
  let [next, now]: [number | undefined, number] = [undefined, 0];
  const turns = createCallTurns(
    async (count) => {
      const taken = takeMoments(next, count + 3, limit, now);
      next = taken.next;
      return taken.moments;
    },
    () => now,
  );
  assert.equal(turns.isIdle(), true);
  const taking = turns.take(limit, false, NEVER);
  assert.equal(turns.isIdle(), false);
  await taking;
  assert.equal(turns.isIdle(), false, 'three more may be made');
  now = 10_000;
  assert.equal(turns.isIdle(), true);
});
