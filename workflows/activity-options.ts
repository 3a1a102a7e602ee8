import { ActivityCancellationType, proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { CoreActivities, TargetActivities } from '../activities/contract.ts';
import type { PlannedStep } from '../domain/decide.ts';
import { type TenantId, targetTaskQueue } from '../domain/ids.ts';

/**
 * Work on our own database: a few milliseconds, so it runs inside the workflow task. It is repeated until the database
 * is back; only a rejection of the change itself ends it.
 */
export const core = proxyLocalActivities<CoreActivities>({
  startToCloseTimeout: '10 seconds',
  // Longer waits become timers, so that a workflow task isn't held through an outage.
  localRetryThreshold: '5 seconds',
  retry: { initialInterval: '50 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

/** One step on its target's own queue, by the retry policy that the target has. */
export function onTarget(tenant: TenantId, step: PlannedStep, urgent: boolean): TargetActivities {
  const { retry } = step;
  return proxyActivities<TargetActivities>({
    taskQueue: targetTaskQueue(workflowInfo().taskQueue, tenant, step.target),
    // A step is a look and a few requests, each with a shorter timeout of its own.
    startToCloseTimeout: '2 minutes',
    scheduleToCloseTimeout: retry.giveUpAfterMs,
    heartbeatTimeout: retry.heartbeatTimeoutMs,
    retry: {
      initialInterval: retry.initialIntervalMs,
      backoffCoefficient: 2,
      maximumInterval: retry.maximumIntervalMs,
      ...(retry.maximumAttempts > 0 ? { maximumAttempts: retry.maximumAttempts } : {}),
    },
    // No second step of this resource may start on the target before the first has really stopped.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    // 1 goes first, 3 is the server's default; tenants share a queue's capacity fairly.
    priority: { priorityKey: urgent ? 1 : 3, fairnessKey: tenant.slice(0, 64) },
    summary: `Provision to ${step.name}`,
  });
}
