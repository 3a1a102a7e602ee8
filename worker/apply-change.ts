import { type Client, WithStartWorkflowOperation, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Outcome } from '../activities/bulk/run-steps.ts';
import type { BulkDependencies } from '../activities/index.ts';
import { acceptedOf } from '../domain/change.ts';
import { isProvostError } from '../domain/errors.ts';
import { toProvostError } from '../platform/update-failure.ts';
import type { ChangeRecord, ChangeStore } from '../stores/changes.ts';
import { answerOfEnded } from '../stores/ended-change.ts';
import { applyChangeUpdate, RESOURCE_WORKFLOW, type ResourceStart, startOf } from '../workflows/messages.ts';

export interface ApplyChangeDependencies extends ResourceStart {
  readonly temporal: Client;
  readonly changes: Pick<ChangeStore, 'accept'>;
}

/** A resource that is busy with handing over takes a change a moment later; longer, and the page is run again. */
const ATTEMPTS = 8;

/**
 * Records a change and hands it to its resource's workflow, as the API does for a client, and waits for the answer.
 * Doing it again gives the same answer: the record knows it, or the workflow by the update's id.
 */
export function createApplyChange(dependencies: ApplyChangeDependencies): BulkDependencies['applyChange'] {
  const { temporal, changes } = dependencies;
  return async (request, newestPolicy, urgent, signal) => {
    const earlier = await changes.accept(request, newestPolicy, urgent);
    const known = earlier === undefined ? undefined : outcomeOfEnded(earlier);
    if (known !== undefined) return known;
    const accepted = acceptedOf(request, earlier?.policyVersion ?? newestPolicy, urgent);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { reference } = await temporal.withAbortSignal(signal, () =>
          temporal.workflow.executeUpdateWithStart(applyChangeUpdate, {
            args: [accepted],
            updateId: request.id,
            startWorkflowOperation: new WithStartWorkflowOperation(RESOURCE_WORKFLOW, {
              ...startOf(accepted, request.source, dependencies),
              workflowIdConflictPolicy: 'USE_EXISTING',
            }),
          }),
        );
        return { version: reference.version };
      } catch (error) {
        const failure = toProvostError(error);
        // The change's own answer, though its code may be one that is worth another request: of a busy target, say.
        if (error instanceof WorkflowUpdateFailedError && failure.code !== 'HANDING_OVER') return { error: failure };
        if (failure.code !== 'HANDING_OVER' || attempt === ATTEMPTS || signal.aborted) throw failure;
        await new Promise((resolve) => setTimeout(resolve, 10 * 2 ** attempt));
      }
    }
  };
}

function outcomeOfEnded(record: ChangeRecord): Outcome | undefined {
  try {
    const known = answerOfEnded(record);
    return known && { version: known.reference.version };
  } catch (error) {
    if (isProvostError(error)) return { error };
    throw error;
  }
}
