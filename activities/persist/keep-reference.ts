import type { ChangeRecord, ChangeStore } from '../../stores/changes.ts';
import type { ResourceStore } from '../../stores/resources.ts';

export interface KeepReferenceDependencies {
  readonly resources: Pick<ResourceStore, 'findToWrite' | 'wrote'>;
  readonly changes: Pick<ChangeStore, 'update'>;
}

/**
 * Says in the record of a change that failed after it was written what it wrote. It may be parked then, and retried when
 * later changes lie on top of it: it must not be written once more.
 *
 * @returns whether it was written
 */
export async function keepReference(
  { tenant, resourceType, resourceId, id, operation, reference }: ChangeRecord,
  { resources, changes }: KeepReferenceDependencies,
): Promise<boolean> {
  if (reference !== undefined) return true;
  if (!(await resources.wrote(tenant, resourceId, id))) return false;
  // Nothing lies on top of a deletion, and all of it is done by doing it again.
  if (operation === 'delete') return true;
  const stands = await resources.findToWrite(tenant, resourceType, resourceId);
  const mine = [stands, stands?.upon].find((version) => version?.change === id);
  // Members of a group are still to be written: the next attempt, or the next change, does that.
  if (mine === undefined || stands?.writingMembers !== undefined) return true;
  const { version, lastModified } = mine;
  await changes.update(tenant, id, { reference: { resourceId, version, lastModified, changed: true } });
  return true;
}
