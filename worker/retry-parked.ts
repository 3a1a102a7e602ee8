import type { Client } from '@temporalio/client';
import type { JobDependencies } from '../activities/index.ts';
import { resourceWorkflowId } from '../domain/ids.ts';
import { type OperatorDecision, retryStepUpdate } from '../workflows/messages.ts';
import { isWaitingNoMore } from './waiting-no-more.ts';

/** Retries parked steps as an operator does it for one. */
export const createRetryParked =
  (temporal: Client, now: () => Date): JobDependencies['retryParked'] =>
  async ({ tenant, change: { id, resourceType, resourceId }, target, by }) => {
    const decision: OperatorDecision = { change: id, target, actor: by, at: now().toISOString() };
    const workflow = temporal.workflow.getHandle(resourceWorkflowId(resourceType, tenant, resourceId));
    try {
      await workflow.executeUpdate(retryStepUpdate, { args: [decision] });
    } catch (error) {
      if (!isWaitingNoMore(error)) throw error;
    }
  };
