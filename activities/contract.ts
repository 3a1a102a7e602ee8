import type { ApprovalOrder, ApprovalState, Until } from '../domain/approval/approval.ts';
import type { AuditFact } from '../domain/audit.ts';
import type {
  AcceptedChange,
  ChangeState,
  StepAction,
  StepOutcome,
  StoredReference,
  UndoStanding,
} from '../domain/change.ts';
import type { Decision, PlannedStep } from '../domain/decide.ts';
import type { ChangeId, JobId, ResourceId, TargetId, TenantId } from '../domain/ids.ts';
import type { JobReach, JobState } from '../domain/job.ts';
import type { Mode } from '../domain/policy.ts';
import type { Awaited } from './persist/ask-approval.ts';
import type { ReprojectionRequest } from './request-reprojection.ts';

export type { Awaited } from './persist/ask-approval.ts';
export type { ReprojectionRequest } from './request-reprojection.ts';

/** What the workflow learns from persisting: where the resource stands and which targets are next. */
export interface Persisted {
  readonly mode: Mode;
  readonly reference: StoredReference;
  readonly steps: readonly PlannedStep[];
  /** See {@link Decision.ifUnderWay}. */
  readonly ifUnderWay?: readonly PlannedStep[];
  /** Of targets that cannot be called now: what their steps wait for, in words. */
  readonly waits?: Readonly<Record<TargetId, string>>;
  /** When it was done, ISO 8601: the workflow has no clock of its own worth auditing. */
  readonly at: string;
  /** The change had settled before, and this is what was answered then: nothing is left to do. */
  readonly ended?: boolean;
  /** Nothing was written: it waits for this, and is persisted again afterwards. */
  readonly awaits?: Awaited;
  /** Whether it takes access away. Absent in histories from before it was told: what the change was sent as holds. */
  readonly urgent?: boolean;
  /** Nothing was written: it was sent as urgent and ends nobody's access, so it has to wait for its turn. */
  readonly notUrgent?: boolean;
  /** The change was being taken back when its workflow was lost: what came of its steps until then, and why. */
  readonly undo?: { readonly outcomes: readonly StepOutcome[]; readonly because?: { code: string; message: string } };
  /** A part of the change that was written as a change of its own, because the rest of it may have to wait. */
  readonly deactivation?: { readonly change: AcceptedChange; readonly persisted: Persisted };
}

export interface ResourceKey {
  readonly tenant: TenantId;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
}

/**
 * What a step shall make true at the target.
 * `now`: what the store holds at this moment. `before`: what stood before `change`, to undo it.
 * `request`: what `change` asked for, where nothing is stored (provision-only).
 */
export interface ProvisionInput extends ResourceKey {
  readonly target: TargetId;
  readonly change: ChangeId;
  readonly policyVersion: number;
  readonly source: 'now' | 'before' | 'request';
  /** An attempt before this one may have taken effect without being confirmed. */
  readonly lookFirst: boolean;
  /** Of a group: its members at the target are compared one by one with those that it should have. */
  readonly compareMembers?: boolean;
  /** The change whose step an operator edited: the edit is kept with it, and holds for all that is done at once. */
  readonly edit?: ChangeId;
  /** A deactivation or deletion. */
  readonly urgent?: boolean;
  /** Of `before`: the target failed to do what is undone, so that its link says what it held before. */
  readonly failed?: boolean;
}

export interface Provisioned {
  readonly action: StepAction;
  readonly attempts: number;
  readonly at: string;
  /** Attributes that the target confirmed and does not keep; names, and not too many. */
  readonly notKept?: readonly string[];
}

/** How a change ended or where it waits, with the transitions that are not in the audit trail yet. */
export interface ChangeReport {
  readonly change: ChangeId;
  readonly state: ChangeState;
  readonly steps: readonly StepOutcome[];
  readonly facts: readonly AuditFact[];
  /** While it is taken back, and after. */
  readonly undo?: UndoStanding;
  /** Why it was taken back, as its client was told. */
  readonly error?: { readonly code: string; readonly message: string };
  /** Nothing but its record is written: all else about it could not be done. */
  readonly recordOnly?: boolean;
}

export interface ReportInput extends ResourceKey {
  readonly reports: readonly ChangeReport[];
}

export interface RestoreInput extends ResourceKey {
  readonly change: ChangeId;
  /** With values that an operator edited, which are kept with the change. */
  readonly edited?: boolean;
  /** Not at all: what the change wrote stays, and can be taken back no more. */
  readonly keep?: boolean;
}

/** Activities on the core queue; the workflow runs them as local activities. All are safe to repeat. */
export interface CoreActivities {
  /** @throws the change's own error, non-retryable, after recording it as rejected */
  persist(change: AcceptedChange): Promise<Persisted>;
  /**
   * @returns false where a later change stands on top, or what stands is to be kept, so that nothing was put back
   * @throws RESTORE_CONFLICT where a unique value of what stood before is another resource's by now
   */
  restore(input: RestoreInput): Promise<boolean>;
  report(input: ReportInput): Promise<void>;
  /** Does about an approval what was ordered; an order that comes again changes nothing. */
  moveApproval(input: {
    readonly tenant: TenantId;
    readonly change: ChangeId;
    /** Of a step that waits before this target. */
    readonly target?: TargetId;
    readonly order: ApprovalOrder;
    /** As the audit trail names people; empty for the engine itself. */
    readonly by: string;
    /** ISO 8601 UTC. */
    readonly at: string;
  }): Promise<MovedApproval>;
  /** Newest policy version of the tenant: an operator's retry runs on what was edited. */
  newestPolicyVersion(input: { readonly tenant: TenantId }): Promise<number>;
  /** Starts a reconciliation, once for each `cause`, unless one is under way. */
  beginReconciliation(input: {
    readonly tenant: TenantId;
    readonly target: TargetId;
    readonly cause: string;
  }): Promise<void>;
  /** Asks for a resource to be brought to targets anew. */
  reproject(request: ReprojectionRequest): Promise<void>;
}

/** Activities on each target's own queue. */
export interface TargetActivities {
  provision(input: ProvisionInput): Promise<Provisioned>;
}

/** How an approval stands, and when a timer has to move it next. */
export interface MovedApproval extends Until {
  readonly state: ApprovalState;
}

/** What names a job to its activities. */
export interface JobKey {
  readonly tenant: TenantId;
  readonly job: JobId;
}

/** Activities of a job, on the core queue. All are safe to repeat. */
export interface JobActivities {
  /** Looks at the page of resources behind `reach`, and asks for what has to be brought to targets. */
  jobPage(
    input: JobKey & { readonly reach: JobReach },
  ): Promise<{ readonly reach: JobReach; readonly isLast: boolean }>;
  /** Whether something that the job asked for has neither an end nor waits for a person. */
  jobHasOpenChanges(input: JobKey): Promise<boolean>;
  endJob(input: JobKey & { readonly state: JobState }): Promise<void>;
}
