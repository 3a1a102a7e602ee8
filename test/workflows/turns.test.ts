import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '../../workflows/turns.ts';

/** Asks for a turn and notes when it is granted. */
function asker(turns: Turns) {
  const granted: string[] = [];
  const ask = (name: string, urgent = false): Promise<void> =>
    turns.take(urgent).then(
      () => void granted.push(name),
      (error: Error) => void granted.push(`${name}: ${error.message}`),
    );
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { granted, ask, settle };
}

test('turns are granted one at a time, in the order they were asked for', async () => {
  const turns = new Turns();
  const { granted, ask, settle } = asker(turns);
  void ask('first');
  void ask('second');
  void ask('third');
  await settle();
  assert.deepEqual(granted, ['first']);
  turns.done();
  await settle();
  assert.deepEqual(granted, ['first', 'second']);
  turns.done();
  await settle();
  assert.deepEqual(granted, ['first', 'second', 'third']);
});

test('an urgent one goes before all that wait, and never beside the one that writes', async () => {
  const turns = new Turns();
  const { granted, ask, settle } = asker(turns);
  void ask('writing');
  void ask('ordinary');
  void ask('urgent', true);
  await settle();
  assert.deepEqual(granted, ['writing']);
  turns.done();
  await settle();
  assert.deepEqual(granted, ['writing', 'urgent']);
});

test('while a change may be taken back ordinary ones wait, and urgent ones do not', async () => {
  const turns = new Turns();
  const { granted, ask, settle } = asker(turns);
  turns.hold();
  void ask('ordinary');
  void ask('urgent', true);
  await settle();
  turns.done();
  await settle();
  assert.deepEqual(granted, ['urgent']);
  turns.release();
  await settle();
  assert.deepEqual(granted, ['urgent', 'ordinary']);
});

test('one that comes back as not urgent waits where it stood, before those that came after it', async () => {
  const turns = new Turns();
  const { granted, ask, settle } = asker(turns);
  void ask('writing');
  void ask('before');
  const place = turns.place();
  const first = turns.take(true, place);
  void ask('after');
  turns.done();
  await first;
  const again = turns.take(false, place).then(() => void granted.push('back'));
  turns.done();
  await settle();
  assert.deepEqual(granted, ['writing', 'before']);
  turns.done();
  await again;
  turns.done();
  await settle();
  assert.deepEqual(granted, ['writing', 'before', 'back', 'after']);
});

test('those that wait are sent away with the reason', async () => {
  const turns = new Turns();
  const { granted, ask, settle } = asker(turns);
  void ask('writing');
  void ask('waiting');
  turns.dismiss(new Error('handing over'));
  await settle();
  assert.deepEqual(granted, ['writing', 'waiting: handing over']);
});
