import { workflowInfo } from '@temporalio/workflow';
import { coreUntilDone } from './activity-options.ts';
import type { ReconciliationDueInput } from './messages.ts';

/** What the schedule of a target's reconciliation starts: it begins a job, whose workflow does the work. */
export async function reconciliationDue({ tenant, target }: ReconciliationDueInput): Promise<void> {
  await coreUntilDone.beginReconciliation({ tenant, target, cause: workflowInfo().runId });
}
