import type { TenantId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import { comparePolicies } from '../domain/scope/compare-policies.ts';
import type { ChangeRecord } from '../stores/changes.ts';
import type { JobStore } from '../stores/jobs.ts';
import type { RequestReprojection } from './request-reprojection.ts';

export interface FollowEditsDependencies {
  readonly policies: {
    at(tenant: TenantId, version: number): Promise<Policy>;
    current(tenant: TenantId): Promise<Policy>;
  };
  readonly jobs: Pick<JobStore, 'newestEditSince'>;
  requestReprojection: RequestReprojection;
}

/**
 * A change that was under way when an edit of the policy was confirmed has finished by the version it was decided on,
 * maybe after the edit's job had come by its resource. Then the resource is brought along now. Repeating it does nothing.
 */
export async function followEdits(
  { tenant, resourceType, resourceId, policyVersion, id, operation }: ChangeRecord,
  { policies, jobs, requestReprojection }: FollowEditsDependencies,
): Promise<void> {
  if (operation === 'delete' || (await policies.current(tenant)).version <= policyVersion) return;
  const edited = await jobs.newestEditSince(tenant, policyVersion);
  if (edited === undefined) return;
  const [from, to] = await Promise.all([policies.at(tenant, policyVersion), policies.at(tenant, edited)]);
  const { targets } = comparePolicies(from, to);
  if (targets.length > 0) await requestReprojection({ tenant, resourceType, resourceId, targets, cause: id });
}
