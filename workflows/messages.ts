import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ChangeReport } from '../activities/contract.ts';
import type { ApprovalOrder, ApprovalState, Until } from '../domain/approval/approval.ts';
import type { AuditFact } from '../domain/audit.ts';
import type { AcceptedChange, ChangeSource, StepOutcome, StoredReference } from '../domain/change.ts';
import type { PlannedStep } from '../domain/decide.ts';
import {
  type ChangeId,
  type JobId,
  type ResourceId,
  resourceWorkflowId,
  type TargetId,
  type TenantId,
} from '../domain/ids.ts';
import type { JobReach } from '../domain/job.ts';
import type { Mode } from '../domain/policy.ts';
import { priorityOf } from '../domain/priority.ts';
import type { FailureReason } from './failure-reason.ts';
import { searchAttributes } from './search-attributes.ts';

/** Type of the workflow that owns one resource. */
export const RESOURCE_WORKFLOW = 'resource';

export interface ResourceWorkflowInput {
  readonly tenant: TenantId;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
  readonly settings: ResourceWorkflowSettings;
  /** What the run before was still doing. */
  readonly carried?: CarriedWork;
}

export interface ResourceWorkflowSettings {
  /** How long a client waits for a blocking target, milliseconds. */
  readonly blockingWaitMs: number;
  /** History events after which the run hands over to a fresh one. */
  readonly continueAfterEvents: number;
}

/** Work that survives a hand-over: changes not settled yet, lanes with their waiting or parked step. */
export interface CarriedWork {
  readonly changes: readonly CarriedChange[];
  readonly lanes: readonly CarriedLane[];
  /** Changes that arrived by signal while the run handed over. */
  readonly inbox: readonly AcceptedChange[];
  /** What is to be recorded still, in order. */
  readonly reports?: readonly ChangeReport[];
}

export interface CarriedChange {
  readonly change: AcceptedChange;
  readonly mode: Mode;
  readonly steps: readonly PlannedStep[];
  readonly outcomes: readonly StepOutcome[];
  readonly undoing: boolean;
  readonly undone: boolean;
  /** Whether the store was put back, once that was tried. */
  readonly restored?: boolean;
  /** The last wave of its steps that was begun. Absent: 0. */
  readonly wave?: number;
  /** Why it is taken back, for its client. */
  readonly takenBack?: FailureReason;
  /** Targets of steps that wait for an approval, and until when. */
  readonly awaiting?: readonly (readonly [TargetId, Until])[];
  readonly facts: readonly AuditFact[];
  /** What could not be done in the store, and waits for an operator. */
  readonly storeParked?: ParkedStoreWork;
}

/** Work of a change on our own database that waits for an operator. */
export interface ParkedStoreWork extends ParkedStep {
  readonly work: 'persist' | 'restore';
}

/** One step that a lane owes: make true at its target what `source` says, for `change`. */
export interface OwedStep {
  readonly change: ChangeId;
  readonly source: 'now' | 'before' | 'request';
  readonly policyVersion: number;
  readonly step: PlannedStep;
  readonly urgent: boolean;
  /** One of a job's many. */
  readonly background?: boolean;
  /** The change whose step an operator edited. It holds for every step that is done with it. */
  readonly edit?: ChangeId;
  /** What it waits for, in words: the target could not be called when the change was persisted. */
  readonly waits?: string;
  /** What is to be undone has failed at the target. */
  readonly failed?: boolean;
}

export interface CarriedLane {
  readonly target: TargetId;
  readonly owed: readonly OwedStep[];
  readonly lookFirst: boolean;
  readonly parkedSteps: readonly OwedStep[];
  readonly parked?: ParkedStep;
}

export interface ParkedStep {
  readonly code: string;
  /** The target's own words, shortened. */
  readonly message: string;
  readonly since: string;
}

/** The client's answer: what stands after the change. */
export interface Acknowledgement {
  readonly mode: Mode;
  readonly reference: StoredReference;
}

/** An operator's decision about one step that waits. `target` absent: every step of the change that waits. */
export interface OperatorDecision {
  readonly change: ChangeId;
  readonly target?: TargetId;
  /** The step was edited; what, is kept elsewhere. Of a retry only. */
  readonly edited?: boolean;
  /** Why, in the operator's words; in the audit trail where the step was edited. */
  readonly comment?: string;
  /** Credential id of the operator; for the audit trail. */
  readonly actor: string;
  readonly at: string;
}

/** What somebody does about the approval that a change waits for, or its step at a target. */
export interface ApprovalMove {
  readonly change: ChangeId;
  readonly target?: TargetId;
  readonly order: ApprovalOrder;
  /** `user:<id>`, or the id of a credential. */
  readonly by: string;
  readonly at: string;
}

/** Where a resource stands, in words an operator reads in the Temporal UI. */
export interface Standing {
  readonly changes: readonly {
    readonly id: ChangeId;
    readonly operation: string;
    readonly open: readonly TargetId[];
    /** Not written yet: what it waits for, in words. */
    readonly waits?: string;
  }[];
  readonly targets: readonly { readonly target: TargetId; readonly name: string; readonly standing: string }[];
}

export const applyChangeUpdate = defineUpdate<Acknowledgement, [AcceptedChange]>('applyChange');
/** The same without waiting for an answer. */
export const submitChangeSignal = defineSignal<[AcceptedChange]>('submitChange');
export const retryStepUpdate = defineUpdate<number, [OperatorDecision]>('retryStep');
export const skipStepUpdate = defineUpdate<number, [OperatorDecision]>('skipStep');
export const compensateChangeUpdate = defineUpdate<boolean, [OperatorDecision]>('compensateChange');
/** @returns how the approval stands afterwards */
export const moveApprovalUpdate = defineUpdate<ApprovalState, [ApprovalMove]>('moveApproval');
export const standingQuery = defineQuery<Standing>('standing');

/** Type of the workflow that sees one bulk request through. */
export const BULK_WORKFLOW = 'bulk';

export interface BulkWorkflowInput {
  readonly tenant: TenantId;
  /** Id of the bulk request in its store. */
  readonly bulk: string;
  readonly operations: number;
  readonly pages: number;
}

export interface BulkProgress {
  readonly operations: number;
  /** `OK` or the code of an error → operations that ended so. */
  readonly codes: Readonly<Record<string, number>>;
  readonly failed: number;
  /** Whether `failOnErrors` was reached, so that the rest is not begun. */
  readonly stopped: boolean;
}

export const bulkWorkflowId = (tenant: TenantId, bulk: string): string => `bulk/${tenant}/${bulk}`;
export const bulkProgressQuery = defineQuery<BulkProgress>('bulkProgress');

/** Type of the workflow that does a job. */
export const JOB_WORKFLOW = 'job';

export interface JobWorkflowInput {
  readonly tenant: TenantId;
  readonly job: JobId;
  readonly reach: JobReach;
  /** Every resource has been looked at; what was asked for is still being done. */
  readonly walked?: boolean;
  /** Milliseconds before the first look. */
  readonly quietMs: number;
  /** History events after which the run hands over to a fresh one. */
  readonly continueAfterEvents: number;
}

/** No further page is begun. What was asked for already is done. */
export const cancelJobSignal = defineSignal('cancelJob');

/** Type of the workflow that a target's schedule starts. */
export const RECONCILIATION_DUE_WORKFLOW = 'reconciliationDue';

export interface ReconciliationDueInput {
  readonly tenant: TenantId;
  readonly target: TargetId;
}

/** Type of the workflow that tells of an approval. */
export const NOTICE_WORKFLOW = 'notice';

/** Type of the workflow that ends the grace of a disabled account. */
export const DEPROVISION_WORKFLOW = 'deprovision';

export interface ResourceStart {
  readonly taskQueue: string;
  readonly settings: ResourceWorkflowSettings;
}

/** How the workflow of a changed resource is started where it does not run. */
export function startOf(
  { tenant, resourceType, resourceId, operation, id, urgent, background }: AcceptedChange,
  source: ChangeSource,
  { taskQueue, settings }: ResourceStart,
) {
  const args: [ResourceWorkflowInput] = [{ tenant, resourceType, resourceId, settings }];
  return {
    workflowId: resourceWorkflowId(resourceType, tenant, resourceId),
    taskQueue,
    args,
    staticSummary: `${resourceType} ${resourceId}`,
    priority: priorityOf(tenant, urgent ? 'urgent' : background === true ? 'background' : 'ordinary'),
    // A worker that was killed in the middle of a task is noticed after this long. One that is merely slow, because it takes
    // up all that another one had, has to get through in this time, or its work is thrown away and begun anew.
    workflowTaskTimeout: '10 seconds' as const,
    typedSearchAttributes: [
      { key: searchAttributes.tenant, value: tenant },
      { key: searchAttributes.resource, value: resourceId },
      { key: searchAttributes.operation, value: operation },
      { key: searchAttributes.source, value: source },
      { key: searchAttributes.change, value: id },
      { key: searchAttributes.state, value: 'running' },
    ],
  };
}
