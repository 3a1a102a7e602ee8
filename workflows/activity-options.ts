import { ActivityCancellationType, proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { BulkActivities } from '../activities/bulk/contract.ts';
import type { CoreActivities, TargetActivities } from '../activities/contract.ts';
import type { PlannedStep } from '../domain/decide.ts';
import { type TenantId, targetTaskQueue, urgentTaskQueue } from '../domain/ids.ts';
import { priorityOf, type Urgency } from '../domain/priority.ts';

/** Attempts that work on our own database has, in some twenty seconds. */
const ATTEMPTS = 10;

/**
 * Work on our own database: a few milliseconds, so it runs inside the workflow task. After some attempts it fails, so that
 * the workflow can say so, and go on: see `whenStored`.
 */
export const core = proxyLocalActivities<CoreActivities>({
  // Emptying a group of a hundred thousand takes some ten seconds; everything else takes milliseconds.
  startToCloseTimeout: '1 minute',
  // Longer waits become timers, so that a workflow task isn't held through an outage.
  localRetryThreshold: '5 seconds',
  retry: {
    initialInterval: '50 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '10 seconds',
    maximumAttempts: ATTEMPTS,
  },
});

/** The same for workflows that have nothing else to do: repeated until it is done. */
export const coreUntilDone = proxyLocalActivities<CoreActivities>({
  startToCloseTimeout: '1 minute',
  localRetryThreshold: '5 seconds',
  retry: { initialInterval: '50 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

/**
 * One step on its target's own queue. When it is tried again, and when it is given up, the activity decides by the target's
 * retry policy: it knows when the target could not be called, and that time does not count. What is said here is for
 * workers that are lost. Urgent steps have a queue of their own, whose slots no ordinary step can fill.
 */
export function onTarget(tenant: TenantId, step: PlannedStep, urgency: Urgency): TargetActivities {
  const { retry } = step;
  return proxyActivities<TargetActivities>({
    taskQueue: (urgency === 'urgent' ? urgentTaskQueue : targetTaskQueue)(
      workflowInfo().taskQueue,
      tenant,
      step.target,
    ),
    // A step is a look and a few requests, each with a shorter timeout of its own, and each waits for the target's rate.
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: retry.heartbeatTimeoutMs,
    retry: {
      initialInterval: retry.initialIntervalMs,
      backoffCoefficient: 2,
      maximumInterval: retry.maximumIntervalMs,
    },
    // No second step of this resource may start on the target before the first has really stopped.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    priority: priorityOf(tenant, urgency),
    summary: `Provision to ${step.name}`,
  });
}

/**
 * One page of a bulk request. It is repeated until every operation has an answer: what was done answers as it did, and a
 * page gives signs of life while it waits for a resource that is held up.
 */
export const bulkPages = (page: number, pages: number): BulkActivities =>
  proxyActivities<BulkActivities>({
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '100 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
    summary: page < pages ? `Page ${page + 1} of ${pages}` : 'Keep the answer',
  });
