import { ProvostError } from '../../domain/errors.ts';
import type { ChangeRecord } from '../../stores/changes.ts';
import type { StoredResource } from '../../stores/resources.ts';

/**
 * Holds a change to its If-Match (RFC 7644 §3.14). What an earlier attempt has written is seen before this is asked.
 *
 * @throws ProvostError `VERSION_MISMATCH`
 */
export function requireVersion(
  { expectedVersion }: Pick<ChangeRecord, 'expectedVersion'>,
  before: Pick<StoredResource, 'version'> | undefined,
): void {
  if (expectedVersion === undefined || expectedVersion === '*') return;
  if (before !== undefined && String(before.version) === expectedVersion) return;
  throw new ProvostError('VERSION_MISMATCH', 'The resource has changed since the version in If-Match; read it again.');
}
