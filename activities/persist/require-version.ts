import { ProvostError } from '../../domain/errors.ts';
import type { ChangeRecord } from '../../stores/changes.ts';
import { type BegunStores, hasBegun } from '../../stores/has-begun.ts';
import type { StoredResource } from '../../stores/resources.ts';

/**
 * Holds a change to its If-Match (RFC 7644 §3.14). An attempt that had written memberships and was then overtaken, by
 * the deletion of a member or by something urgent, had held to it: what it began is ended.
 *
 * @throws ProvostError `VERSION_MISMATCH`
 */
export async function requireVersion(
  change: ChangeRecord,
  before: Pick<StoredResource, 'version'> | undefined,
  stores: BegunStores,
): Promise<void> {
  const { expectedVersion } = change;
  if (expectedVersion === undefined || expectedVersion === '*') return;
  if (before !== undefined && (String(before.version) === expectedVersion || (await hasBegun(change, stores)))) return;
  throw new ProvostError('VERSION_MISMATCH', 'The resource has changed since the version in If-Match; read it again.');
}
