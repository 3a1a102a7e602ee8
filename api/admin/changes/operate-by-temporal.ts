import { setTimeout as delay } from 'node:timers/promises';
import { type Client, type UpdateDefinition, WorkflowNotFoundError } from '@temporalio/client';
import { ProvostError } from '../../../domain/errors.ts';
import { resourceWorkflowId } from '../../../domain/ids.ts';
import { toProvostError } from '../../../platform/update-failure.ts';
import {
  compensateChangeUpdate,
  moveApprovalUpdate,
  retryStepUpdate,
  skipStepUpdate,
} from '../../../workflows/messages.ts';
import type { Operate, OperatorOrder } from './operate.ts';

export interface OperateDependencies {
  readonly temporal: Client;
  /** Milliseconds after which an operator is told that the outcome is not known yet. */
  readonly answerWithinMs: number;
  now(): number;
}

/** Orders as updates of the resource's workflow. A run that hands over to its next one is asked again. */
export function createOperate({ temporal, answerWithinMs, now }: OperateDependencies): Operate {
  async function send<Result, Order>(
    update: UpdateDefinition<Result, [Order]>,
    { tenant, resourceType, resourceId }: Omit<OperatorOrder, 'decision'>,
    decision: Order,
  ): Promise<Result> {
    const workflow = temporal.workflow.getHandle(resourceWorkflowId(resourceType, tenant, resourceId));
    const deadline = now() + answerWithinMs;
    for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
      try {
        return await temporal.withDeadline(deadline, () => workflow.executeUpdate(update, { args: [decision] }));
      } catch (error) {
        const failure = inOurWords(error);
        if (failure.code !== 'HANDING_OVER' || now() + pause > deadline) throw failure;
        await delay(pause);
      }
    }
  }

  return {
    retry: (order) => send(retryStepUpdate, order, order.decision),
    skip: (order) => send(skipStepUpdate, order, order.decision),
    compensate: (order) => send(compensateChangeUpdate, order, order.decision),
    moveApproval: (order) => send(moveApprovalUpdate, order, order.move),
  };
}

function inOurWords(error: unknown): ProvostError {
  if (error instanceof WorkflowNotFoundError) return notWaiting(error);
  return toProvostError(
    error,
    'The decision was sent and is not carried out yet. Look at the change again in a moment.',
  );
}

const notWaiting = (cause: unknown): ProvostError =>
  new ProvostError('OPERATION_NOT_WAITING', 'Nothing of this change waits for a decision.', {}, { cause });
