import { ProvostError } from '../../errors.ts';
import type { Deviations } from '../deviation.ts';
import { isRecord } from '../json.ts';
import type { PatchOperation, ScimValue } from '../resource.ts';
import type { AttributeDefinition } from '../schema/definition.ts';
import { isReference } from '../values/parse-reference.ts';
import { parseElement, parseValue } from '../values/parse-value.ts';
import type { AttributeTarget } from './patch-target.ts';
import type { SentOperation } from './read-operations.ts';

/**
 * One operation on one attribute with its value parsed. Null, an empty array, an empty string for a complex value all
 * mean "unassigned" (RFC 7643 §2.5): to replace by that is to remove.
 *
 * @returns undefined where there is nothing to do
 * @throws ProvostError `INVALID_VALUE`, `INVALID_SYNTAX`, `TOO_MANY`
 */
export function toOperation(
  { op, label, value }: SentOperation,
  target: AttributeTarget,
  deviations: Deviations,
): PatchOperation | undefined {
  const { path } = target;
  if (op === 'remove') return toRemove(value, target, deviations);
  if (value === undefined)
    throw new ProvostError('INVALID_VALUE', `${label} must have a value.`, { path: leafPath(target) });
  const { attribute, sub, extension, filter } = target;
  // `manager.value` without a value is no manager.
  if (sub?.name === 'value' && isReference(attribute) && filter === undefined && (value === '' || value === null))
    return { op: 'remove', path: `${extension === undefined ? '' : `${extension}:`}${attribute.name}` };
  if (op === 'add' && value === '') requireNotAll(target);
  const parsed = parseTargetValue(value, target, deviations);
  if (parsed !== undefined) return { op, path, value: parsed };
  // Entra clears a manager by "" in an Add as well: peers.md 3.3 no. 10.
  return op === 'replace' || value === '' ? { op: 'remove', path } : undefined;
}

/** Entra removes some members by a list of them: peers.md 3.3 no. 3. An empty list removes none, never all. */
function toRemove(value: unknown, target: AttributeTarget, deviations: Deviations): PatchOperation | undefined {
  const { path, attribute, filter, sub } = target;
  if (value === undefined) return { op: 'remove', path };
  if (value === null || value === '') requireNotAll(target);
  if (value === null) return { op: 'remove', path };
  const message = `A remove takes no value: say in the path what to remove, as in ${attribute.name}[value eq "…"].`;
  deviations.note('remove-with-value', leafPath(target), 'INVALID_SYNTAX', message);
  if (!attribute.multiValued || filter !== undefined || sub !== undefined) return { op: 'remove', path };
  const values = parseValue(value, attribute, leafPath(target), deviations);
  return values === undefined ? undefined : { op: 'remove', path, value: values };
}

/**
 * Members are too many to be removed by what looks like one of them: by the path alone they all are.
 *
 * @throws ProvostError `INVALID_VALUE`
 */
function requireNotAll(target: AttributeTarget): void {
  const { attribute, sub, filter } = target;
  if (!attribute.multiValued || !isReference(attribute) || sub !== undefined || filter !== undefined) return;
  const path = leafPath(target);
  throw new ProvostError('INVALID_VALUE', `Say which ${path} are meant; to remove all of them, leave the value out.`, {
    path,
  });
}

function parseTargetValue(value: unknown, target: AttributeTarget, deviations: Deviations): ScimValue | undefined {
  const { attribute, sub, filter } = target;
  const path = leafPath(target);
  const leaf = sub ?? attribute;
  const isOne = sub === undefined && filter !== undefined;
  if (leaf.multiValued && !isOne) return parseValue(value, leaf, path, deviations);
  return parseElement(unwrap(value, leaf, path, deviations), leaf, path, deviations);
}

/**
 * Entra without its compliance flag wraps single values: `"path": "displayName", "value": [{"$ref": null, "value": "x"}]`.
 */
function unwrap(value: unknown, leaf: AttributeDefinition, path: string, deviations: Deviations): unknown {
  if (!Array.isArray(value)) return value;
  const [first, ...others] = value as readonly unknown[];
  if (others.length > 0) throw new ProvostError('INVALID_VALUE', `${path} must be one value, not several.`, { path });
  deviations.note('many-for-single', path, 'INVALID_VALUE', `${path} must be one value, not an array.`);
  return leaf.type !== 'complex' && isRecord(first) ? first['value'] : first;
}

/** Names the attribute without its filter, whose values are personal data. */
const leafPath = ({ extension, attribute, sub }: AttributeTarget): string =>
  `${extension === undefined ? '' : `${extension}:`}${attribute.name}${sub === undefined ? '' : `.${sub.name}`}`;
