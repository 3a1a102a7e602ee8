import type { BulkResult } from '../../../domain/bulk/bulk-step.ts';
import { hasEnded } from '../../../domain/change.ts';
import { findTarget, type Policy } from '../../../domain/policy.ts';
import type { ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import type { ChangeRecord } from '../../../stores/changes.ts';

const METHODS = { create: 'POST', replace: 'PUT', patch: 'PATCH', delete: 'DELETE', reproject: '' } as const;

/**
 * What the client of a change would have been answered, had it waited.
 *
 * @param policy that the change was decided on: a blocking target of it must have confirmed first
 * @returns undefined where that is not known yet
 */
export function changeOutcome(
  { operation, resourceId, reference, error, state, decision }: ChangeRecord,
  type: ResourceTypeDefinition | undefined,
  policy: Policy,
): BulkResult | undefined {
  const shown = {
    operation: 0,
    method: METHODS[operation],
    resourceId,
    ...(type === undefined ? {} : { endpoint: type.endpoint }),
  };
  if (error !== undefined) return { ...shown, error };
  const called = decision?.reasons.filter((reason) => reason.called) ?? [];
  const isBlocked = called.some(({ target }) => findTarget(policy, target)?.blocking);
  if (reference === undefined || (isBlocked && !hasEnded(state))) return undefined;
  return { ...shown, version: reference.version };
}
