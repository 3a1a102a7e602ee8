import type { ScimValue } from '../scim/resource.ts';
import type { ResourceTypeDefinition } from '../scim/schema/definition.ts';
import { checkedExpression, summaryOf } from '../scope/compile-expression.ts';
import { boundResult } from '../scope/expression-budget.ts';
import type { ExpressionFacts } from '../scope/expression-facts.ts';
import { environment, mentions } from '../scope/expression-syntax.ts';

export interface CompiledValue {
  readonly usesGroups: boolean;
  /** @returns undefined where it looks at an attribute that the resource does not have. @throws Error in one line */
  valueFor(facts: ExpressionFacts): ScimValue | undefined;
}

const compiled = new Map<string, CompiledValue>();
const MOST_KEPT = 1_000;

/** The same text gives the same value: it is compiled once. @throws ProvostError `INVALID_VALUE` */
export function compiledValue(text: string): CompiledValue {
  const known = compiled.get(text) ?? compileValue(text);
  compiled.delete(text);
  compiled.set(text, known);
  const [oldest] = compiled.size > MOST_KEPT ? compiled.keys() : [];
  if (oldest !== undefined) compiled.delete(oldest);
  return known;
}

/**
 * Parses and checks an expression in CEL that gives a value, with the functions and bounds that scopes have.
 *
 * @param type of the resource, where it is written: an attribute that the type does not have is an error then
 * @throws ProvostError `INVALID_VALUE` saying what is wrong, for whoever writes it
 */
export function compileValue(text: string, type?: ResourceTypeDefinition): CompiledValue {
  const { ast, given } = checkedExpression(text, { reader: 'it', type });
  const run = environment.prepare(text, ast, given === 'bool');
  return {
    usesGroups: mentions(ast, 'groups'),
    valueFor({ id, resource, groups }) {
      try {
        return toScim(run({ id, resource, groups }), boundResult());
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'no_such_key') return undefined;
        throw new Error(summaryOf(error), { cause: error });
      }
    },
  };
}

function toScim(value: unknown, bound: ReturnType<typeof boundResult>): ScimValue | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  bound.add(typeof value === 'string' ? value : undefined);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) {
    const elements = value.map((element) => toScim(element, bound)).filter((element) => element !== undefined);
    return elements.length === 0 ? undefined : elements;
  }
  if (typeof value === 'object') {
    const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
    return Object.fromEntries(
      entries.flatMap(([name, inner]) => {
        const found = toScim(inner, bound);
        return found === undefined ? [] : [[String(name), found]];
      }),
    );
  }
  throw new Error(`it gave a ${typeof value}, which no attribute can hold`);
}
