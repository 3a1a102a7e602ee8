import type { Connection } from '@temporalio/client';

/** `TASK_QUEUE_TYPE_ACTIVITY` of Temporal's API. */
const ACTIVITIES = 2;

/** How many activities wait in task queues, as Temporal estimates it: what was cancelled while it waited may still count. */
export const createQueueBacklog =
  (connection: Pick<Connection, 'workflowService'>, namespace: string) =>
  async (queues: readonly string[]): Promise<number> => {
    const counts = await Promise.all(
      queues.map(async (name) => {
        const { stats } = await connection.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name },
          taskQueueType: ACTIVITIES,
          reportStats: true,
        });
        return Number(stats?.approximateBacklogCount ?? 0);
      }),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  };
