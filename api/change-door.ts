import {
  ApplicationFailure,
  type Client,
  isGrpcDeadlineError,
  isGrpcServiceError,
  WithStartWorkflowOperation,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { AcceptedChange, ChangeRequest } from '../domain/change.ts';
import { isErrorCode, ProvostError } from '../domain/errors.ts';
import { resourceWorkflowId } from '../domain/ids.ts';
import type { ChangeRecord, ChangeStore } from '../stores/changes.ts';
import { answerOfEnded } from '../stores/ended-change.ts';
import {
  type Acknowledgement,
  applyChangeUpdate,
  RESOURCE_WORKFLOW,
  type ResourceWorkflowInput,
  type ResourceWorkflowSettings,
} from '../workflows/messages.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';
import { mayBeSameRequest } from './fingerprint.ts';

export interface ChangeDoorDependencies {
  readonly temporal: Client;
  readonly changes: ChangeStore;
  readonly taskQueue: string;
  readonly settings: ResourceWorkflowSettings;
  /** Milliseconds after which a client is told that the outcome is not known yet. */
  readonly answerWithinMs: number;
  now(): number;
  observeChange(change: {
    readonly operation: string;
    readonly source: string;
    readonly outcome: string;
    readonly seconds: number;
  }): void;
}

/** A change as the client learns of it. */
export interface ChangeAnswer extends Acknowledgement {
  readonly change: ChangeRequest['id'];
}

export type ChangeDoor = ReturnType<typeof createChangeDoor>;

/**
 * The one door from every protocol to Temporal: records the request, hands it to the resource's workflow, starts that
 * where it doesn't run, and waits for the answer. Sending the same change again gives the same answer.
 */
export function createChangeDoor(dependencies: ChangeDoorDependencies) {
  return async function submit(request: ChangeRequest, policyVersion: number, urgent: boolean): Promise<ChangeAnswer> {
    const started = dependencies.now();
    const observe = (outcome: string): void =>
      dependencies.observeChange({
        operation: request.operation,
        source: request.source,
        outcome,
        seconds: (dependencies.now() - started) / 1000,
      });
    try {
      const earlier = await dependencies.changes.accept(request, policyVersion, urgent);
      const known = earlier === undefined ? undefined : answerFromRecord(earlier, request);
      const acknowledgement =
        known ?? (await applyByWorkflow(request, earlier?.policyVersion ?? policyVersion, urgent, dependencies));
      observe('acknowledged');
      return { ...acknowledgement, change: request.id };
    } catch (error) {
      observe(error instanceof ProvostError ? error.code : 'INTERNAL');
      throw error;
    }
  };
}

/** A request that came before: its record outlives the workflow run that knew it. @throws what it was answered then */
function answerFromRecord(record: ChangeRecord, request: ChangeRequest): Acknowledgement | undefined {
  if (!mayBeSameRequest(record.fingerprint, request.fingerprint)) {
    throw new ProvostError(
      'IDEMPOTENCY_KEY_REUSED',
      'This Idempotency-Key was used for another request; use a new key for each request.',
    );
  }
  return answerOfEnded(record);
}

async function applyByWorkflow(
  request: ChangeRequest,
  policyVersion: number,
  urgent: boolean,
  dependencies: ChangeDoorDependencies,
): Promise<Acknowledgement> {
  const { id, tenant, operation, resourceType, resourceId, receivedAt } = request;
  const accepted: AcceptedChange = {
    id,
    tenant,
    operation,
    resourceType,
    resourceId,
    policyVersion,
    urgent,
    receivedAt,
  };
  const input: ResourceWorkflowInput = { tenant, resourceType, resourceId, settings: dependencies.settings };
  const deadline = dependencies.now() + dependencies.answerWithinMs;
  for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
    try {
      return await dependencies.temporal.withDeadline(deadline, () =>
        dependencies.temporal.workflow.executeUpdateWithStart(applyChangeUpdate, {
          args: [accepted],
          updateId: id,
          startWorkflowOperation: new WithStartWorkflowOperation(RESOURCE_WORKFLOW, {
            workflowId: resourceWorkflowId(resourceType, tenant, resourceId),
            workflowIdConflictPolicy: 'USE_EXISTING',
            taskQueue: dependencies.taskQueue,
            args: [input],
            staticSummary: `${resourceType} ${resourceId}`,
            // A worker that was killed in the middle of a task is noticed after this long.
            workflowTaskTimeout: '5 seconds',
            typedSearchAttributes: [
              { key: searchAttributes.tenant, value: tenant },
              { key: searchAttributes.resource, value: resourceId },
              { key: searchAttributes.operation, value: operation },
              { key: searchAttributes.source, value: request.source },
              { key: searchAttributes.change, value: id },
              { key: searchAttributes.state, value: 'running' },
            ],
          }),
        }),
      );
    } catch (error) {
      const failure = toProvostError(error);
      if (failure.code !== 'HANDING_OVER' || dependencies.now() + pause > deadline) throw failure;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** What Temporal's client throws, in our own words. */
function toProvostError(error: unknown): ProvostError {
  if (error instanceof WorkflowUpdateFailedError) {
    const cause = error.cause;
    if (cause instanceof ApplicationFailure && isErrorCode(cause.type)) {
      return new ProvostError(cause.type, cause.message, cause.details?.[0] ?? {}, { cause: error });
    }
    // The run ended before it took the update: the next attempt starts a new one.
    return handingOver(error);
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error)) {
    return new ProvostError(
      'ACKNOWLEDGEMENT_TIMEOUT',
      'The change was taken and is not finished yet. Send the same request with the same Idempotency-Key to learn its outcome.',
      { retryAfterMs: 5_000 },
      { cause: error },
    );
  }
  if (isRunEnded(error)) return handingOver(error);
  return new ProvostError(
    'ENGINE_UNAVAILABLE',
    'The workflow engine does not answer; try again shortly.',
    { retryAfterMs: 5_000 },
    { cause: error },
  );
}

const handingOver = (cause: unknown): ProvostError =>
  new ProvostError(
    'HANDING_OVER',
    'The resource was busy with handing over; try again.',
    { retryAfterMs: 1_000 },
    { cause },
  );

const isRunEnded = (error: unknown): boolean => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause) && /already completed|not found|aborted/i.test(cause.details ?? cause.message))
      return true;
  }
  return false;
};
