import { hasEnded } from '../../domain/change.ts';
import type { ChangeStore } from '../../stores/changes.ts';
import type { StoredResource } from '../../stores/resources.ts';

/**
 * Whether what stood before a version has to be kept when another is written upon it: the change that wrote the version
 * may still be compensated. Mostly nothing stood before it, or its change has ended.
 */
export async function keepsEarlier(
  { tenant, change, standing = change, upon }: StoredResource,
  changes: Pick<ChangeStore, 'find'>,
): Promise<boolean> {
  if (upon === undefined) return false;
  const record = await changes.find(tenant, standing);
  return record !== undefined && !hasEnded(record.state);
}
