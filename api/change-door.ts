import { type Client, WithStartWorkflowOperation } from '@temporalio/client';
import { acceptedOf, type ChangeRequest } from '../domain/change.ts';
import { isProvostError, ProvostError } from '../domain/errors.ts';
import { toProvostError } from '../platform/update-failure.ts';
import type { ChangeRecord, ChangeStore } from '../stores/changes.ts';
import { answerOfEnded } from '../stores/ended-change.ts';
import {
  type Acknowledgement,
  applyChangeUpdate,
  RESOURCE_WORKFLOW,
  type ResourceWorkflowSettings,
  startOf,
  submitChangeSignal,
} from '../workflows/messages.ts';
import { mayBeSameRequest } from './fingerprint.ts';

export interface ChangeDoorDependencies {
  readonly temporal: Client;
  readonly changes: ChangeStore;
  readonly taskQueue: string;
  readonly settings: ResourceWorkflowSettings;
  /** Milliseconds after which a client is told that the outcome is not known yet. */
  readonly answerWithinMs: number;
  now(): number;
  /** Learns why the workflow engine did not do what it was asked; the client is told only that. */
  reportEngineFailure(error: unknown): void;
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
  /** @param withinMs how long the client waits, where that is less than it may */
  return async function submit(
    request: ChangeRequest,
    policyVersion: number,
    urgent: boolean,
    withinMs = dependencies.answerWithinMs,
  ): Promise<ChangeAnswer> {
    const answerWithinMs = Math.min(withinMs, dependencies.answerWithinMs);
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
        known ??
        (await applyByWorkflow(request, earlier?.policyVersion ?? policyVersion, urgent, {
          ...dependencies,
          answerWithinMs,
        }));
      observe('acknowledged');
      return { ...acknowledgement, change: request.id };
    } catch (error) {
      observe(error instanceof ProvostError ? error.code : 'INTERNAL');
      if (isProvostError(error, 'ENGINE_UNAVAILABLE')) dependencies.reportEngineFailure(error.cause);
      throw error;
    }
  };
}

/** A request that came before: its record outlives the workflow run that knew it. @throws what it was answered then */
function answerFromRecord(record: ChangeRecord, request: ChangeRequest): Acknowledgement | undefined {
  requireSame(record, request);
  return answerOfEnded(record);
}

/** @throws ProvostError `IDEMPOTENCY_KEY_REUSED` */
function requireSame(record: ChangeRecord, request: ChangeRequest): void {
  if (mayBeSameRequest(record.fingerprint, request.fingerprint)) return;
  throw new ProvostError(
    'IDEMPOTENCY_KEY_REUSED',
    'This Idempotency-Key was used for another request; use a new key for each request.',
  );
}

async function applyByWorkflow(
  request: ChangeRequest,
  policyVersion: number,
  urgent: boolean,
  dependencies: ChangeDoorDependencies,
): Promise<Acknowledgement> {
  const accepted = acceptedOf(request, policyVersion, urgent);
  const deadline = dependencies.now() + dependencies.answerWithinMs;
  for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
    try {
      return await dependencies.temporal.withDeadline(deadline, () =>
        dependencies.temporal.workflow.executeUpdateWithStart(applyChangeUpdate, {
          args: [accepted],
          updateId: request.id,
          startWorkflowOperation: new WithStartWorkflowOperation(RESOURCE_WORKFLOW, {
            ...startOf(accepted, request.source, dependencies),
            workflowIdConflictPolicy: 'USE_EXISTING',
          }),
        }),
      );
    } catch (error) {
      const failure = toProvostError(error);
      // A worker that catches up with what a killed one left is not hurried by being asked again at once.
      const wait = Math.max(pause, failure.facts.catchingUp === true ? 1_000 : 0);
      if (failure.code !== 'HANDING_OVER' || dependencies.now() + wait > deadline) throw failure;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** The same door for a client that does not wait: when this returns, the change is with Temporal. */
export function createHandOver(
  dependencies: Pick<ChangeDoorDependencies, 'temporal' | 'changes' | 'taskQueue' | 'settings'>,
) {
  const { temporal, changes } = dependencies;
  return async function handOver(request: ChangeRequest, policyVersion: number, urgent: boolean): Promise<void> {
    const earlier = await changes.accept(request, policyVersion, urgent);
    if (earlier !== undefined) requireSame(earlier, request);
    if (earlier?.error !== undefined || earlier?.state === 'settled') return;
    const accepted = acceptedOf(request, earlier?.policyVersion ?? policyVersion, urgent);
    try {
      await temporal.workflow.signalWithStart(RESOURCE_WORKFLOW, {
        ...startOf(accepted, request.source, dependencies),
        signal: submitChangeSignal,
        signalArgs: [accepted],
      });
    } catch (error) {
      throw toProvostError(error);
    }
  };
}
