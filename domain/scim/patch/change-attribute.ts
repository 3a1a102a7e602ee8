import { ProvostError } from '../../errors.ts';
import type { Deviations } from '../deviation.ts';
import { isObject, isSameValue, ownValue } from '../json.ts';
import type { PatchOperation, ScimValue } from '../resource.ts';
import type { AttributeDefinition } from '../schema/definition.ts';
import { isServerComputed } from '../schema/find-attribute.ts';
import { changeElements } from './change-elements.ts';
import { changeSub, changeWhole, immutable } from './change-value.ts';
import type { AttributeTarget } from './patch-target.ts';

/**
 * The value of one attribute after one operation (RFC 7644 §3.5.2.1–3).
 *
 * @returns undefined where it becomes unassigned; `held` itself where nothing changes
 * @throws ProvostError `MUTABILITY`, `NO_TARGET`, `INVALID_VALUE`, `TOO_MANY`
 */
export function changeAttribute(
  held: ScimValue | undefined,
  op: PatchOperation['op'],
  value: ScimValue | undefined,
  target: AttributeTarget,
  deviations: Deviations,
): ScimValue | undefined {
  const { attribute, sub, filter, path } = target;
  if (isServerComputed(attribute) || (sub !== undefined && isServerComputed(sub)))
    throw new ProvostError('MUTABILITY', `${attribute.name} is read-only.`, { path: attribute.name });
  if (op !== 'remove' && value === undefined)
    throw new ProvostError('INVALID_VALUE', `The operation on ${attribute.name} must have a value.`, {
      path: attribute.name,
    });
  const next =
    attribute.multiValued && (filter !== undefined || sub !== undefined)
      ? changeElements(held, op, value, target, deviations)
      : sub === undefined
        ? changeWhole(held, op, value, attribute)
        : changeSub(held, op, value, sub);
  if (isSameValue(held, next)) return held;
  refuseImmutable(held, next, attribute, path);
  return next;
}

/** "Immutable: … MUST NOT be updated" once it is set (RFC 7643 §7), the attribute or a part of a single value. */
function refuseImmutable(
  held: ScimValue | undefined,
  next: ScimValue | undefined,
  attribute: AttributeDefinition,
  path: string,
): void {
  if (held === undefined) return;
  if (attribute.mutability === 'immutable' && !isSameValue(held, next, 'unordered')) throw immutable(path);
  if (attribute.multiValued || !isObject(held)) return;
  for (const sub of attribute.subAttributes ?? []) {
    const part = ownValue(held, sub.name);
    if (sub.mutability !== 'immutable' || part === undefined) continue;
    const kept = isObject(next) ? ownValue(next, sub.name) : undefined;
    if (!isSameValue(part, kept, 'unordered')) throw immutable(`${attribute.name}.${sub.name}`);
  }
}
