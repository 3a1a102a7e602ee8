import { setTimeout as delay } from 'node:timers/promises';
import {
  ApplicationFailure,
  type Client,
  isGrpcServiceError,
  type UpdateDefinition,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { isErrorCode, ProvostError } from '../../../domain/errors.ts';
import { resourceWorkflowId } from '../../../domain/ids.ts';
import {
  compensateChangeUpdate,
  type OperatorDecision,
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
  async function send<Result>(
    update: UpdateDefinition<Result, [OperatorDecision]>,
    { tenant, resourceType, resourceId, decision }: OperatorOrder,
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
    retry: (order) => send(retryStepUpdate, order),
    skip: (order) => send(skipStepUpdate, order),
    compensate: (order) => send(compensateChangeUpdate, order),
  };
}

function inOurWords(error: unknown): ProvostError {
  if (error instanceof WorkflowNotFoundError) return notWaiting(error);
  if (error instanceof WorkflowUpdateFailedError) {
    const { cause } = error;
    if (cause instanceof ApplicationFailure && isErrorCode(cause.type)) {
      return new ProvostError(cause.type, cause.message, {}, { cause: error });
    }
    return handingOver(error); // The run ended before it took the order: its next run may.
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    return new ProvostError(
      'ACKNOWLEDGEMENT_TIMEOUT',
      'The decision was sent and is not carried out yet. Look at the change again in a moment.',
      { retryAfterMs: 5_000 },
      { cause: error },
    );
  }
  if (saysRunEnded(error)) return handingOver(error);
  return new ProvostError(
    'ENGINE_UNAVAILABLE',
    'The workflow engine does not answer; try again shortly.',
    { retryAfterMs: 5_000 },
    { cause: error },
  );
}

const notWaiting = (cause: unknown): ProvostError =>
  new ProvostError('OPERATION_NOT_WAITING', 'Nothing of this change waits for a decision.', {}, { cause });

const handingOver = (cause: unknown): ProvostError =>
  new ProvostError(
    'HANDING_OVER',
    'The resource was busy with handing over; try again.',
    { retryAfterMs: 1_000 },
    { cause },
  );

function saysRunEnded(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause) && /already completed|aborted/i.test(cause.details)) return true;
  }
  return false;
}
