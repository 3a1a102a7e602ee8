import { type Client, WithStartWorkflowOperation } from '@temporalio/client';
import type { BulkDependencies } from '../activities/index.ts';
import type { AcceptedChange } from '../domain/change.ts';
import { toProvostError } from '../platform/update-failure.ts';
import type { ChangeStore } from '../stores/changes.ts';
import { answerOfEnded } from '../stores/ended-change.ts';
import { applyChangeUpdate, RESOURCE_WORKFLOW } from '../workflows/messages.ts';
import { type ResourceStart, startOf } from './start-resource.ts';

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
    const known = earlier === undefined ? undefined : answerOfEnded(earlier);
    if (known !== undefined) return known.reference.version;
    const { id, tenant, operation, resourceType, resourceId, receivedAt } = request;
    const policyVersion = earlier?.policyVersion ?? newestPolicy;
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
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { reference } = await temporal.withAbortSignal(signal, () =>
          temporal.workflow.executeUpdateWithStart(applyChangeUpdate, {
            args: [accepted],
            updateId: id,
            startWorkflowOperation: new WithStartWorkflowOperation(RESOURCE_WORKFLOW, {
              ...startOf(accepted, request.source, dependencies),
              workflowIdConflictPolicy: 'USE_EXISTING',
            }),
          }),
        );
        return reference.version;
      } catch (error) {
        const failure = toProvostError(error);
        if (failure.code !== 'HANDING_OVER' || attempt === ATTEMPTS || signal.aborted) throw failure;
        await new Promise((resolve) => setTimeout(resolve, 10 * 2 ** attempt));
      }
    }
  };
}
