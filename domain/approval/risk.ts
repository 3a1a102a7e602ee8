import { ProvostError } from '../errors.ts';
import type { ScimObject } from '../scim/resource.ts';
import { checkedExpression } from '../scope/compile-expression.ts';
import { createEnvironment } from '../scope/expression-syntax.ts';
import type { ApprovalSubject } from './rule.ts';
import { EVERYTHING } from './touches.ts';

/** What a risk expression sees of a change, beside what a rule can name. */
export interface RiskFacts {
  /** The resource before; empty where there is none. */
  readonly before: ScimObject;
  /** The resource as it would be. */
  readonly after: ScimObject;
  /** Credential that asks. */
  readonly actor: string;
}

type Seen = Pick<
  ApprovalSubject,
  'operation' | 'resourceType' | 'resourceId' | 'source' | 'serviceProvider' | 'touches' | 'facts' | 'unknown'
>;

const environment = createEnvironment({
  before: 'map<string, dyn>',
  after: 'map<string, dyn>',
  operation: 'string',
  resourceType: 'string',
  id: 'string',
  source: 'string',
  serviceProvider: 'string',
  actor: 'string',
  attributes: 'list<string>',
});

type Run = (facts: Record<string, unknown>) => unknown;
const compiled = new Map<string, Run>();

/** Expressions are few, and immutable: those of rules that were edited away are forgotten at some time. */
const MOST_COMPILED = 500;

/**
 * Checks a risk expression where it is written.
 *
 * @throws ProvostError `INVALID_VALUE` saying what is wrong
 */
export function compileRisk(text: string): Run {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const { ast, given } = checkedExpression(text, { known: environment, reader: 'an expression' });
  if (given !== 'bool') throw new ProvostError('INVALID_VALUE', `It has to give true or false, and gives ${given}.`);
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  const run = environment.prepare(text, ast, true);
  compiled.set(text, run);
  return run;
}

/** Whether a change has to be asked about. An expression without an answer asks: nothing goes unseen by an error. */
export function isRisky(text: string, subject: Seen): boolean {
  const { operation, resourceType, resourceId, source, serviceProvider, touches, facts } = subject;
  try {
    const run = compileRisk(text);
    if (asksForUnknown(text, subject)) return true;
    const answer = run({
      ...facts,
      operation,
      resourceType,
      id: resourceId,
      source,
      serviceProvider,
      attributes: touches,
    });
    return answer !== false;
  } catch {
    return true;
  }
}

/** A comparison with what is missing would be false: with what nobody knows, it has no answer. */
function asksForUnknown(text: string, { unknown = [], touches }: Seen): boolean {
  const names = [...unknown, ...(touches.includes(EVERYTHING) ? ['attributes'] : [])];
  return names.some((name) => new RegExp(`\\b${name}\\b`).test(text));
}
