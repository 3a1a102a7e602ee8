import { ProvostError } from '../../../domain/errors.ts';
import type { Target } from '../../../domain/policy.ts';
import type { DeletionCountStore } from '../../../stores/deletion-counts.ts';
import type { LinkStore } from '../../../stores/links.ts';
import type { StagedDeletionStore } from '../../../stores/staged-deletions.ts';
import type { ProvisionInput } from '../../contract.ts';

export interface DeletionGuardDependencies {
  readonly links: Pick<LinkStore, 'count'>;
  readonly deletionCounts: Pick<DeletionCountStore, 'take'>;
  readonly stagedDeletions: Pick<StagedDeletionStore, 'stage' | 'isApproved'>;
  now(): Date;
}

/**
 * Asks a target's guard whether one more account may go in this window.
 *
 * @throws ProvostError `DELETION_STAGED`, after the deletion was put where an operator decides about it
 */
export async function guardDeletion(
  { tenant, target: id, resourceType, resourceId, change, source }: ProvisionInput,
  { deletionGuard: guard, name }: Target,
  how: 'delete' | 'disable',
  { links, deletionCounts, stagedDeletions, now }: DeletionGuardDependencies,
): Promise<void> {
  // Taking back what we just created is no deletion that anybody would miss.
  if (guard === undefined || source === 'before' || (how === 'disable' && guard.countDisables !== true)) return;
  if (await stagedDeletions.isApproved(tenant, id, resourceId)) return;
  const at = now();
  const most = async (): Promise<number> => {
    const share =
      guard.share === undefined ? Number.POSITIVE_INFINITY : Math.floor(guard.share * (await links.count(tenant, id)));
    return Math.min(guard.most ?? Number.MAX_SAFE_INTEGER, share);
  };
  const asked = { tenant, target: id, resourceId, windowMs: guard.windowMs, now: at.getTime(), most };
  if (await deletionCounts.take(asked)) return;
  await stagedDeletions.stage({ tenant, target: id, resourceType, resourceId, change, since: at.toISOString() });
  throw new ProvostError(
    'DELETION_STAGED',
    `More accounts were to go at ${name} than its deletion guard lets through. Approve or reject the staged deletions of the target.`,
  );
}
