import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { payFor, requireBudget, withBudget } from './expression-budget.ts';

/** Longest expression, characters. */
export const LONGEST_EXPRESSION = 10_000;

/**
 * Functions that an expression may call. Everything here is linear in what it is given, and what it is given is paid for.
 * Regular expressions are not among them: the library hands `matches` to the JavaScript engine, where a pattern of twenty
 * characters can take hours. Neither is `cel.bind`, with which a value can be doubled again and again.
 */
const CALLS: ReadonlySet<string> = new Set([
  'has',
  'size',
  'exists',
  'exists_one',
  'all',
  'filter',
  'map',
  'startsWith',
  'endsWith',
  'contains',
  'indexOf',
  'substring',
  'lowerAscii',
  'upperAscii',
  'trim',
  'split',
  'string',
  'int',
  'double',
  'bool',
  'timestamp',
]);

/** Calls whose second argument is a condition on each element. */
const QUANTIFIERS: ReadonlySet<string> = new Set(['exists', 'exists_one', 'all', 'filter']);

/**
 * What the type checker knows; the parse is bounded, so that checking and evaluating are.
 *
 * @param variables name → CEL type of what an expression can see
 */
export function createEnvironment(variables: Readonly<Record<string, string>>): ExpressionEnvironment {
  const known = new Environment({
    limits: { maxAstNodes: 1_000, maxDepth: 40, maxListElements: 500, maxMapEntries: 100, maxCallArguments: 8 },
  });
  // What is put around the parts of an expression counts as parts, too.
  const guarded = new Environment({
    limits: { maxAstNodes: 10_000, maxDepth: 250, maxListElements: 500, maxMapEntries: 100, maxCallArguments: 8 },
  })
    .registerFunction(
      'whereKnown(ast): dyn',
      wrapping((run) => {
        try {
          return run();
        } catch (error) {
          if (error instanceof Error && 'code' in error && error.code === 'no_such_key') return false;
          throw error;
        }
      }) as never,
    )
    .registerFunction('paid(ast): dyn', wrapping((run) => run()) as never);
  for (const [name, type] of Object.entries(variables)) {
    known.registerVariable(name, type);
    guarded.registerVariable(name, type);
  }
  return {
    check: (text) => known.check(text),
    parse: (text) => known.parse(text),
    prepare(text, ast, guardsMissing) {
      const run = guarded.parse(guard(text, ast, guardsMissing));
      return (facts) =>
        withBudget(() => {
          const value = run(facts);
          // A quantifier may have an answer in spite of it, which depends on where the budget ended.
          requireBudget();
          return value;
        });
    },
  };
}

/** Reads expressions over the same variables. */
export interface ExpressionEnvironment extends Pick<Environment, 'check' | 'parse'> {
  /**
   * Makes a checked expression ready to be evaluated within a budget.
   *
   * @param guardsMissing see {@link guard}
   */
  prepare(text: string, ast: ASTNode, guardsMissing: boolean): (facts: Record<string, unknown>) => unknown;
}

/** What scopes and mappings see. */
export const environment = createEnvironment({
  resource: 'map<string, dyn>',
  groups: 'list<map<string, dyn>>',
  id: 'string',
});

/** What the library calls a macro: checked as what is inside, evaluated through `around`. */
function wrapping(around: (run: () => unknown) => unknown) {
  return ({ args: [inner] }: { readonly args: readonly ASTNode[] }) => ({
    inner,
    typeCheck: (checker: { check(node: unknown, context: unknown): unknown }, _macro: unknown, context: unknown) =>
      checker.check(inner, context),
    evaluate: (evaluator: { run(node: unknown, context: unknown): unknown }, _macro: unknown, context: unknown) => {
      requireBudget();
      const value = around(() => evaluator.run(inner, context));
      payFor(value);
      return value;
    },
  });
}

/** Where something is put around a part of the text. */
interface Wrap {
  readonly start: number;
  readonly end: number;
  readonly by: 'whereKnown' | 'paid';
}

/**
 * Puts `paid(…)` around each part that looks at something or makes it, so that whatever is done with it has been paid for.
 *
 * @param guardsMissing puts `whereKnown(…)` around each comparison, so that one that looks at a missing attribute is false
 * and the rest of the expression is evaluated: CEL itself ends with an error there. What is put together by `&&`, `||`, `!`
 * and `? :` keeps its meaning, so `!(resource.title == "CEO")` is true for a user without a title
 */
export function guard(text: string, ast: ASTNode, guardsMissing: boolean): string {
  const wraps: Wrap[] = [];
  visit(ast, true, wraps);
  const points = wraps.flatMap(({ start, end, by }) => [
    // Of parts that begin or end at the same place, the longer one is outside.
    { at: start, order: -end, text: by === 'whereKnown' && guardsMissing ? 'whereKnown(' : 'paid(' },
    { at: end, order: Number.NEGATIVE_INFINITY, text: ')' },
  ]);
  points.sort((a, b) => a.at - b.at || a.order - b.order);
  let guarded = '';
  let from = 0;
  for (const { at, text: inserted } of points) {
    guarded += text.slice(from, at) + inserted;
    from = at;
  }
  return guarded + text.slice(from);
}

function visit(node: ASTNode, isCondition: boolean, wraps: Wrap[]): void {
  switch (node.op) {
    case 'value':
      return;
    case '&&':
    case '||':
      for (const part of node.args) visit(part, true, wraps);
      return;
    case '!_':
      visit(node.args, true, wraps);
      return;
    case '?:': {
      const [condition, yes, no] = node.args;
      visit(condition, true, wraps);
      visit(yes, isCondition, wraps);
      visit(no, isCondition, wraps);
      return;
    }
  }
  wraps.push({ start: node.start, end: node.end, by: isCondition ? 'whereKnown' : 'paid' });
  visitParts(node, wraps);
}

function visitParts(node: ASTNode, wraps: Wrap[]): void {
  // What is only looked into is not paid for itself: resource.emails costs the addresses, not the whole resource.
  if (node.op === '.' || node.op === '.?') {
    visitLookedInto(node.args[0], wraps);
    return;
  }
  if (node.op === '[]' || node.op === '[?]') {
    visitLookedInto(node.args[0], wraps);
    visit(node.args[1], false, wraps);
    return;
  }
  if (node.op !== 'rcall') {
    for (const part of partsOf(node)) visit(part, false, wraps);
    return;
  }
  const [name, receiver, args] = node.args;
  visit(receiver, false, wraps);
  const [variable, ...rest] = args;
  if (QUANTIFIERS.has(name)) for (const part of rest) visit(part, true, wraps);
  else if (name === 'map')
    for (const [index, part] of rest.entries()) visit(part, rest.length === 2 && index === 0, wraps);
  else for (const part of variable === undefined ? [] : [variable, ...rest]) visit(part, false, wraps);
}

function visitLookedInto(node: ASTNode, wraps: Wrap[]): void {
  if (node.op === 'id') return;
  if (node.op === '.' || node.op === '.?' || node.op === '[]' || node.op === '[?]') visitParts(node, wraps);
  else visit(node, false, wraps);
}

/** Direct parts of a node, whatever they are to it. */
export function partsOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      // The argument of has() is a path, not a value.
      return node.args[0] === 'has' ? [] : node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args as readonly ASTNode[];
  }
}

/** @returns a call that an expression may not make */
export function forbiddenCall(node: ASTNode): string | undefined {
  if ((node.op === 'call' || node.op === 'rcall') && !CALLS.has(node.args[0])) return node.args[0];
  for (const part of partsOf(node)) {
    const found = forbiddenCall(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether the expression looks at this variable. */
export function mentions(node: ASTNode, variable: string): boolean {
  if (node.op === 'id') return node.args === variable;
  return (node.op === 'call' ? node.args[1] : partsOf(node)).some((part) => mentions(part, variable));
}
