import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const { HistoryEventFilterType } = proto.temporal.api.enums.v1;

/** What the Temporal server calls itself where it terminates a workflow, because its history has become too long. */
const SERVER = 'history-service';

/**
 * Whether the server itself terminated the last run of a workflow: nobody has decided that, so its work goes on. What a
 * person terminated is theirs.
 */
export async function isEndedByServer(client: Client, workflowId: string): Promise<boolean> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId },
    historyEventFilterType: HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
  });
  return history?.events?.at(-1)?.workflowExecutionTerminatedEventAttributes?.identity === SERVER;
}
