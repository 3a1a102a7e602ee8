import {
  type Client,
  isGrpcDeadlineError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { ProvostError } from '../../../domain/errors.ts';
import type { TenantId } from '../../../domain/ids.ts';
import type { BulkRecord } from '../../../stores/bulk-requests.ts';
import { BULK_WORKFLOW, type BulkWorkflowInput, bulkWorkflowId } from '../../../workflows/messages.ts';
import { searchAttributes } from '../../../workflows/search-attributes.ts';

/** The side of Temporal that bulk requests need. */
export interface BulkEngine {
  /** Starts the workflow of a bulk request; a second time does nothing. */
  start(record: Pick<BulkRecord, 'tenant' | 'id' | 'operations' | 'pages'>): Promise<void>;
  /** Waits for its end. @returns false where it has not ended after so long */
  ended(tenant: TenantId, bulk: string, withinMs: number): Promise<boolean>;
}

export function createBulkEngine(temporal: Client, taskQueue: string, now: () => number): BulkEngine {
  return {
    async start({ tenant, id, operations, pages }) {
      const input: BulkWorkflowInput = { tenant, bulk: id, operations, pages };
      try {
        await temporal.workflow.start(BULK_WORKFLOW, {
          workflowId: bulkWorkflowId(tenant, id),
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          taskQueue,
          args: [input],
          staticSummary: `Bulk request of ${operations} operations`,
          workflowTaskTimeout: '10 seconds',
          typedSearchAttributes: [
            { key: searchAttributes.tenant, value: tenant },
            { key: searchAttributes.operation, value: 'bulk' },
            { key: searchAttributes.source, value: 'bulk' },
            { key: searchAttributes.state, value: 'running' },
          ],
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw unavailable(error);
      }
    },

    async ended(tenant, bulk, withinMs) {
      try {
        await temporal.withDeadline(now() + withinMs, () =>
          temporal.workflow.getHandle(bulkWorkflowId(tenant, bulk)).result(),
        );
        return true;
      } catch (error) {
        if (isGrpcDeadlineError(error)) return false;
        // Its history is older than Temporal keeps one: the record says how it ended.
        if (error instanceof WorkflowNotFoundError) return true;
        throw unavailable(error);
      }
    },
  };
}

const unavailable = (cause: unknown): ProvostError =>
  new ProvostError(
    'ENGINE_UNAVAILABLE',
    'The workflow engine does not answer; try again shortly, with the same Idempotency-Key.',
    { retryAfterMs: 5_000 },
    { cause },
  );
