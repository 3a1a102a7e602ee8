import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asResourceId } from '../../../domain/ids.ts';
import { compileValue } from '../../../domain/mapping/compile-value.ts';
import type { MappingRule } from '../../../domain/mapping/mapping.ts';
import { project } from '../../../domain/mapping/project.ts';
import { compileExpression } from '../../../domain/scope/compile-expression.ts';
import { MOST_UNITS, payFor, withBudget } from '../../../domain/scope/expression-budget.ts';
import { scopeOf } from '../../../domain/scope/scope-of.ts';

const words = (count: number): string => Array.from({ length: count }, (_, index) => `w${index}`).join(' ');
const facts = (title: string, groups: number = 0) => ({
  id: asResourceId('ada'),
  resource: { schemas: [], userName: 'ada', title },
  groups: Array.from({ length: groups }, (_, index) => ({
    id: asResourceId(`group-${index}`),
    display: `Group ${index}`,
    direct: true,
  })),
});
const SPLIT = 'resource.title.split(" ")';
const TOO_MUCH = /it looks at more than 50000 values/;

test('a value is paid for with all that is in it, and a text by its length', () => {
  const price = (value: unknown): number => {
    let paid = 0;
    withBudget(() => {
      for (;;) {
        try {
          payFor(value);
          paid += 1;
        } catch {
          return;
        }
      }
    });
    return Math.floor(MOST_UNITS / paid);
  };
  assert.equal(price(true), 1);
  assert.equal(price('a'.repeat(320)), 11);
  assert.equal(price([1, 2, { a: 1, b: [1] }]), 7);
});

test('a result that grows with the third power of a text is ended, before it is made', () => {
  const cube = compileValue(`${SPLIT}.map(x, ${SPLIT}.map(y, ${SPLIT}))`);
  assert.ok(Array.isArray(cube.valueFor(facts(words(10)))));
  assert.throws(() => cube.valueFor(facts(words(60))), TOO_MUCH);
  assert.throws(() => cube.valueFor(facts(words(5_000))), TOO_MUCH);
});

test('a value that stands in a result many times counts as often', () => {
  assert.throws(
    () => compileValue('resource.title.split("").map(x, resource.title)').valueFor(facts('a'.repeat(400))),
    /it gives more than 100000 characters/,
  );
  assert.throws(
    () =>
      compileValue('resource.title.split("").map(x, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])').valueFor(facts('a'.repeat(950))),
    /it gives more than 10000 values/,
  );
});

test('conditions within conditions are ended, whatever they would answer', () => {
  for (const quantifier of ['all', 'exists', 'exists_one', 'filter']) {
    const never = 'x == "none" && y == "none"';
    const inner = `${SPLIT}.${quantifier}(y, ${quantifier === 'all' ? `!(${never})` : never})`;
    const condition = quantifier === 'filter' ? `${inner}.size() > 0` : inner;
    const outer = `${SPLIT}.${quantifier}(x, ${condition})`;
    const text = quantifier === 'filter' ? `${outer}.size() > 0` : outer;
    assert.throws(() => compileExpression(text, 'User').holdsFor(facts(words(1_000))), TOO_MUCH, text);
  }
});

test('texts that are put together again and again, or compared as a whole, are ended', () => {
  const doubled = `${SPLIT}.map(x, ${SPLIT}.map(y, resource.title + resource.title)).size() > 0`;
  assert.throws(() => compileExpression(doubled, 'User').holdsFor(facts(words(500))), TOO_MUCH);
  const lower = `${SPLIT}.exists(x, resource.title.lowerAscii().contains("zz"))`;
  assert.throws(() => compileExpression(lower, 'User').holdsFor(facts(words(20_000))), TOO_MUCH);
  const same = 'groups.exists(g, groups.exists(h, g == h && g.id == "none"))';
  assert.throws(() => compileExpression(same, 'User').holdsFor(facts('x', 500)), TOO_MUCH);
});

test('an ordinary look through thousands of groups is no matter', () => {
  const scope = { User: 'groups.exists(g, g.display == "Group 4999")' };
  assert.deepEqual(scopeOf({ scope }, 'User', facts('x', 5_000)), { kind: 'in' });
});

test('all rules of a mapping share one budget', () => {
  const rules: MappingRule[] = Array.from({ length: 100 }, (_, index) => ({
    target: `a${index}`,
    expression: `${SPLIT}.map(x, ${SPLIT}.map(y, x)).size()`,
  }));
  const { outcomes } = project(
    { kind: 'rules', rules },
    { ...facts(words(30)), resourceType: 'User', tenant: 'acme', identityProvider: 'HR' },
  );
  const failed = outcomes.findIndex(({ outcome }) => outcome === 'failed');
  assert.ok(failed > 0 && failed < 40, `the rule ${failed} failed first`);
  assert.ok(outcomes.slice(failed).every(({ note }) => TOO_MUCH.test(note ?? '')));
});

test('the next evaluation has a budget of its own', () => {
  const { holdsFor } = compileExpression(`${SPLIT}.all(x, ${SPLIT}.all(y, true == true))`, 'User');
  for (let round = 0; round < 5; round += 1) {
    assert.throws(() => holdsFor(facts(words(1_000))), TOO_MUCH);
    assert.equal(holdsFor(facts('two words')), true);
  }
});
