import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Announce } from '../activities/notify/contract.ts';
import { NOTICE_WORKFLOW } from '../workflows/messages.ts';

/** Has occasions told by workflows of their own: a mail server that is away keeps nobody's change waiting. */
export const createAnnounce =
  ({ temporal, taskQueue }: { readonly temporal: Client; readonly taskQueue: string }): Announce =>
  async (occasion) => {
    const { tenant, approval, event, at } = occasion;
    await temporal.workflow
      .start(NOTICE_WORKFLOW, {
        workflowId: `notice/${tenant}/${approval}/${event}/${at}`,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        taskQueue,
        args: [occasion],
        staticSummary: `Tell of ${event}`,
      })
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      });
  };
