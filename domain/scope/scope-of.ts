import { isProvostError } from '../errors.ts';
import { mappingUsesGroups } from '../mapping/uses-groups.ts';
import type { Target } from '../policy.ts';
import type { Scope } from '../target-rules.ts';
import { type CompiledExpression, compileExpression } from './compile-expression.ts';
import type { ExpressionFacts } from './expression-facts.ts';

/** Whether a resource is one of those that a target is for, and if not why, in words for operators. */
export type ScopeAnswer =
  | { readonly kind: 'in' }
  | { readonly kind: 'out'; readonly because: string }
  /** Nobody can say. It is neither in nor out: the step waits for a person. */
  | { readonly kind: 'unknown'; readonly because: string };

/** By scope, and a scope belongs to one immutable version of a policy: so each is compiled once for that version. */
const compiled = new WeakMap<Scope, Map<string, CompiledExpression>>();

/** @throws ProvostError `TARGET_MISCONFIGURED`, `INVALID_VALUE` */
export function expressionOf(scope: Scope, resourceType: string): CompiledExpression | undefined {
  const text = resourceType === 'User' ? scope.User : resourceType === 'Group' ? scope.Group : undefined;
  if (text === undefined) return undefined;
  const known = compiled.get(scope) ?? new Map<string, CompiledExpression>();
  compiled.set(scope, known);
  let expression = known.get(resourceType);
  if (expression === undefined) {
    expression = compileExpression(text, resourceType);
    known.set(resourceType, expression);
  }
  return expression;
}

/** Whether `target` is for the resource. Never throws: an expression without an answer is `unknown`. */
export function scopeOf({ scope }: Pick<Target, 'scope'>, resourceType: string, facts: ExpressionFacts): ScopeAnswer {
  if (scope === undefined) return { kind: 'in' };
  const { members } = scope;
  if (resourceType === 'User' && members !== undefined && !facts.groups.some(({ id }) => members.includes(id)))
    return { kind: 'out', because: 'the user is in none of the groups that the target is for' };
  try {
    const expression = expressionOf(scope, resourceType);
    if (expression === undefined || expression.holdsFor(facts)) return { kind: 'in' };
    return { kind: 'out', because: `the target's scope for ${resourceType} resources leaves it out` };
  } catch (error) {
    if (isProvostError(error)) return { kind: 'unknown', because: error.message };
    throw error;
  }
}

/** Whether it takes the groups of a resource to answer for this target. */
export function needsGroups(
  { scope, mapping }: Pick<Target, 'scope'> & Partial<Pick<Target, 'mapping'>>,
  resourceType: string,
): boolean {
  if (mapping !== undefined && mappingUsesGroups(mapping, resourceType)) return true;
  if (scope === undefined) return false;
  if (resourceType === 'User' && scope.members !== undefined) return true;
  try {
    return expressionOf(scope, resourceType)?.usesGroups ?? false;
  } catch (error) {
    if (isProvostError(error)) return false;
    throw error;
  }
}
