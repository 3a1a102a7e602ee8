import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asTargetId } from '../../../domain/ids.ts';
import { dependencyCircle, wavesOf } from '../../../domain/scope/waves.ts';

const target = (id: string, priority?: number, dependsOn: readonly string[] = []) => ({
  id: asTargetId(id),
  order: { ...(priority === undefined ? {} : { priority }), dependsOn: dependsOn.map(asTargetId) },
});

const waves = (...targets: ReturnType<typeof target>[]): Record<string, number> => Object.fromEntries(wavesOf(targets));

test('targets without an order are asked side by side', () => {
  assert.deepEqual(waves(target('a'), target('b')), { a: 0, b: 0 });
});

test('lower priorities come first, equal ones side by side, and waves have no gaps', () => {
  assert.deepEqual(waves(target('a', 50), target('b'), target('c', 1_000), target('d', 50)), {
    a: 0,
    b: 1,
    c: 2,
    d: 0,
  });
});

test('a target comes after those it depends on, whatever its priority', () => {
  assert.deepEqual(waves(target('a'), target('b', undefined, ['a']), target('c', undefined, ['b'])), {
    a: 0,
    b: 1,
    c: 2,
  });
  assert.deepEqual(waves(target('first', 1, ['late']), target('late', 500), target('usual')), {
    usual: 0,
    late: 1,
    first: 2,
  });
});

test('a dependency on a target that is not asked is met', () => {
  assert.deepEqual(waves(target('b', undefined, ['elsewhere'])), { b: 0 });
});

test('a circle of dependencies is found, also through others', () => {
  assert.equal(dependencyCircle([target('a'), target('b', 1, ['a'])]), undefined);
  assert.deepEqual(dependencyCircle([target('a', 1, ['a'])]), ['a']);
  assert.deepEqual(
    dependencyCircle([target('x', 1, ['a']), target('a', 1, ['b']), target('b', 1, ['c']), target('c', 1, ['a'])]),
    ['a', 'b', 'c'],
  );
});
