import type { ASTNode } from '@marcbachmann/cel-js';
import { ProvostError } from '../errors.ts';
import type { ResourceTypeDefinition } from '../scim/schema/definition.ts';
import { unknownAttribute } from './attributes-named.ts';
import type { ExpressionFacts } from './expression-facts.ts';
import {
  type ExpressionEnvironment,
  environment,
  forbiddenCall,
  LONGEST_EXPRESSION,
  mentions,
} from './expression-syntax.ts';

/** A scope expression, ready to be evaluated as often as needed. */
export interface CompiledExpression {
  /** Whether its answer can change with the groups that a resource is in. */
  readonly usesGroups: boolean;
  /**
   * Whether a resource is in scope. A comparison with a missing attribute is false.
   *
   * @throws ProvostError `TARGET_MISCONFIGURED` where it has no answer, e.g. for a text compared with a number by `<`
   */
  holdsFor(facts: ExpressionFacts): boolean;
}

/**
 * Parses and checks a scope expression in CEL.
 *
 * @param resourceType name of the SCIM type that it is about; for the words of an error
 * @param type its schema, where it is written: an attribute that the type does not have is an error then
 * @throws ProvostError `INVALID_VALUE` saying what is wrong, for whoever writes it
 */
export function compileExpression(
  text: string,
  resourceType: string,
  type?: ResourceTypeDefinition,
): CompiledExpression {
  const { ast, given } = checkedExpression(text, { reader: 'a scope', type });
  if (given !== 'bool')
    throw invalidExpression(
      `It has to give true or false, and gives ${given}. Compare with a value, as in resource.active == true.`,
    );

  const run = environment.prepare(text, ast, true);
  return {
    usesGroups: mentions(ast, 'groups'),
    holdsFor({ id, resource, groups }) {
      let answer: unknown;
      try {
        answer = run({ id, resource, groups });
      } catch (error) {
        throw new ProvostError(
          'TARGET_MISCONFIGURED',
          `The scope expression has no answer for this ${resourceType}: ${summaryOf(error)}.`,
          { path: `scope.${resourceType}` },
          { cause: error },
        );
      }
      if (typeof answer === 'boolean') return answer;
      throw new ProvostError(
        'TARGET_MISCONFIGURED',
        `The scope expression gave neither true nor false for this ${resourceType}.`,
        { path: `scope.${resourceType}` },
      );
    },
  };
}

export interface CheckOptions {
  /** What it can see. Default: what scopes and mappings do. */
  readonly known?: ExpressionEnvironment;
  /** Who may call only some functions, for the words of an error. */
  readonly reader: string;
  /** Schema of the resource, where it is written: an attribute that the type does not have is an error then. */
  readonly type?: ResourceTypeDefinition | undefined;
}

/**
 * Parses an expression and makes sure that it stays within its bounds, whatever it is for.
 *
 * @returns the tree, and the CEL type of what it gives
 * @throws ProvostError `INVALID_VALUE`
 */
export function checkedExpression(
  text: string,
  { known = environment, reader, type }: CheckOptions,
): { readonly ast: ASTNode; readonly given: string | undefined } {
  const ast = parsedExpression(text, known);
  const forbidden = forbiddenCall(ast);
  if (forbidden !== undefined)
    throw invalidExpression(`${forbidden}() is not among the functions that ${reader} may use.`);
  const unknown = type === undefined ? undefined : unknownAttribute(ast, type);
  if (unknown !== undefined) throw invalidExpression(unknown);
  const { valid, type: given, error } = known.check(text);
  if (!valid) throw invalidExpression(`It does not fit together: ${summaryOf(error)}.`);
  return { ast, given };
}

/** @throws ProvostError `INVALID_VALUE` */
function parsedExpression(text: string, known: ExpressionEnvironment): ASTNode {
  if (text.length > LONGEST_EXPRESSION)
    throw invalidExpression(`It is ${text.length} characters long; ${LONGEST_EXPRESSION} is the most.`);
  try {
    return known.parse(text).ast;
  } catch (error) {
    throw invalidExpression(`It cannot be read: ${summaryOf(error)}.`);
  }
}

/** The library's one-line words; its message has several lines with the text in them. */
export function summaryOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const summary = 'summary' in error && typeof error.summary === 'string' ? error.summary : error.message;
  return summary.split('\n')[0]?.slice(0, 200).replace(/\.$/, '') ?? '';
}

export const invalidExpression = (message: string): ProvostError =>
  new ProvostError('INVALID_VALUE', message, { path: 'scope' });
