import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchesPattern, patternFilter } from '../../../../api/soap/find/wildcards.ts';
import { foldCase } from '../../../../domain/scim/fold-case.ts';

test('what begins with text begins on an index', () => {
  assert.equal(patternFilter('userName', 'ann'), 'userName eq "ann"');
  assert.equal(patternFilter('userName', 'a"n*'), 'userName sw "a\\"n"');
  assert.equal(patternFilter('userName', 'a*b*c'), 'userName sw "a" and userName co "b" and userName ew "c"');
  assert.equal(patternFilter('userName', '*x*'), 'userName co "x"');
  assert.equal(patternFilter('userName', '**'), undefined);
});

test('a pattern fits as a regular expression would say', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'é'), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', 'é'), maxLength: 8 });
  fc.assert(
    fc.property(letters, pattern, (name, wanted) => {
      const expression = new RegExp(`^${foldCase(wanted).replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su');
      assert.equal(matchesPattern(name, wanted), expression.test(foldCase(name)), `${name} ${wanted}`);
    }),
    { numRuns: 5_000 },
  );
});

test('many stars cost no more than time', () => {
  const started = performance.now();
  assert.equal(matchesPattern('a'.repeat(5_000), `${'*a'.repeat(200)}*b`), false);
  assert.ok(performance.now() - started < 2_000);
});
