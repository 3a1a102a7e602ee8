import type { ChangeId, JobId, ResourceId, TargetId, TenantId } from '../domain/ids.ts';

export interface ReprojectionRequest {
  readonly tenant: TenantId;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
  readonly targets: readonly TargetId[];
  /** The change, or job, that made it necessary. */
  readonly cause: ChangeId | JobId;
  /** Compare with what the targets really hold, not with what they confirmed last. */
  readonly lookFirst?: boolean;
  /** It is one of this job's many: ordinary changes overtake its steps. */
  readonly job?: JobId;
}

/**
 * Hands the engine a change of its own: a resource shall be brought to targets as it stands now. It waits its turn in
 * the resource's workflow like any other; asking again for the same cause does nothing.
 */
export type RequestReprojection = (request: ReprojectionRequest) => Promise<void>;
