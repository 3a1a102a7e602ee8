import type { JobId, ResourceId, TargetId, TenantId } from './ids.ts';

/**
 * A piece of work over many resources.
 *
 * `resync-target`: every resource is brought to the target anew, compared with what it really holds.
 * `policy-edit`: the resources that a target gains, loses or holds otherwise by `to` than by `from`, two versions of
 * the policy. `reconcile-target`: every account of the target is compared with what it confirmed; `dryRun` only tells.
 * `retry-parked`: every step that is parked at the target with this error code is tried again. `carry-out-findings`: what a person decided about what such a run found. `role-members`: resources whose groups have changed, where a target's scope looks at groups.
 */
export type JobTask =
  | { readonly kind: 'resync-target'; readonly target: TargetId }
  | { readonly kind: 'retry-parked'; readonly target: TargetId; readonly code: string; readonly comment?: string }
  | { readonly kind: 'policy-edit'; readonly from: number; readonly to: number }
  | { readonly kind: 'reconcile-target'; readonly target: TargetId; readonly dryRun: boolean }
  | { readonly kind: 'carry-out-findings'; readonly target: TargetId; readonly run: JobId }
  | { readonly kind: 'role-members'; readonly targets: readonly TargetId[]; readonly group: ResourceId };

/** `failed`: it cannot go on as things are configured. */
export type JobState = 'running' | 'done' | 'cancelled' | 'failed';

/** Where a job has got to. `examined` resources were looked at, `touched` ones were asked to be brought to targets. */
export interface JobReach {
  readonly examined: number;
  readonly touched: number;
  /** The last resource looked at; absent before the first page. */
  readonly cursor?: string;
}

export interface Job extends JobReach {
  readonly id: JobId;
  readonly tenant: TenantId;
  readonly task: JobTask;
  readonly state: JobState;
  /** Credential id of who started it, or `engine`. */
  readonly startedBy: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Why it failed, in words. */
  readonly error?: string;
  /** Changes that it asked for and that have ended: done everywhere, or not. */
  readonly confirmed: number;
  readonly failed: number;
}

/** Workflow id of a job. */
export const jobWorkflowId = (tenant: TenantId, job: JobId): string => `job/${tenant}/${job}`;
