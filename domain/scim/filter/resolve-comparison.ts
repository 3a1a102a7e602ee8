import { ProvostError } from '../../errors.ts';
import type { AttributeDefinition } from '../schema/definition.ts';
import { comparableValue } from '../shadow.ts';
import { toInstant } from '../values/date-time.ts';
import { toBoolean } from '../values/parse-scalar.ts';
import type { CompareNode, Comparison } from './ast.ts';
import type { ResolvedFilter, ResolvedPath } from './resolved.ts';

const SUBSTRING: readonly Comparison[] = ['co', 'sw', 'ew'];
const ORDER: readonly Comparison[] = ['gt', 'ge', 'lt', 'le'];

/** Operators that make sense for a type (RFC 7644 §3.4.2.2: ordering fails for booleans and binary). */
function suits(operator: Comparison, type: AttributeDefinition['type']): boolean {
  if (SUBSTRING.includes(operator)) return type === 'string' || type === 'reference';
  if (ORDER.includes(operator)) return type !== 'boolean' && type !== 'binary';
  return true;
}

/** @throws ProvostError `INVALID_FILTER` where operator or value do not suit the attribute */
export function resolveComparison(node: CompareNode, path: ResolvedPath, isStrict: boolean): ResolvedFilter {
  const { attribute } = path;
  const { operator, position } = node;
  if (!suits(operator, attribute.type))
    throw fail(`${operator} does not suit ${attribute.name}, a ${attribute.type}, at character ${position}.`);
  if (node.value === null) return resolveNull(node, path);

  const raw = valueOfType(node, attribute, isStrict);
  if (raw === undefined)
    throw fail(`${attribute.name} at character ${position} is a ${attribute.type}; the value is not.`);
  const value = comparableValue(raw, attribute);
  return value === undefined ? resolveEmpty(operator, path) : { kind: 'compare', path, operator, value, raw };
}

/** `eq null` asks for what is unassigned (RFC 7643 §2.5). */
function resolveNull({ operator, position }: CompareNode, path: ResolvedPath): ResolvedFilter {
  if (operator === 'eq') return { kind: 'not', term: { kind: 'present', path } };
  if (operator === 'ne') return { kind: 'present', path };
  throw fail(`null at character ${position} can be compared by eq and ne only.`);
}

/** An empty string counts as absent, as `pr` wants it: so `eq ""` is `not pr`, and every value is more than it. */
function resolveEmpty(operator: Comparison, path: ResolvedPath): ResolvedFilter {
  const present: ResolvedFilter = { kind: 'present', path };
  if (operator === 'eq' || operator === 'le') return { kind: 'not', term: present };
  return operator === 'lt' ? { kind: 'or', terms: [] } : present;
}

function valueOfType(
  { value, text }: CompareNode,
  attribute: AttributeDefinition,
  isStrict: boolean,
): string | number | boolean | undefined {
  switch (attribute.type) {
    case 'boolean':
      // Entra: `roles[primary eq "True"]`, peers.md 3.3 no. 2.
      return typeof value === 'boolean' ? value : isStrict ? undefined : toBoolean(text);
    case 'integer':
    case 'decimal':
      if (typeof value === 'number') return value;
      return !isStrict && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
    case 'dateTime':
      return typeof value === 'string' && toInstant(value) !== undefined ? value : undefined;
    default:
      return typeof value === 'string' ? value : isStrict ? undefined : text;
  }
}

const fail = (message: string): ProvostError => new ProvostError('INVALID_FILTER', message);
