import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { StartJob } from '../activities/start-job.ts';
import { jobWorkflowId } from '../domain/job.ts';
import type { JobStore } from '../stores/jobs.ts';
import { JOB_WORKFLOW, type JobWorkflowInput } from '../workflows/messages.ts';

export interface StartJobDependencies {
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly jobs: Pick<JobStore, 'add' | 'addItems' | 'find'>;
  readonly continueAfterEvents: number;
  now(): Date;
}

/** Jobs that the engine starts itself. */
export function createStartJob({
  temporal,
  taskQueue,
  jobs,
  continueAfterEvents,
  now,
}: StartJobDependencies): StartJob {
  return async ({ tenant, id, task, startedBy, named }) => {
    const reach = { examined: 0, touched: 0 };
    await jobs.add({ id, tenant, task, startedBy, state: 'running', startedAt: now().toISOString(), ...reach });
    if ((await jobs.find(tenant, id))?.state !== 'running') return;
    await named?.((items) => jobs.addItems(tenant, id, items));
    const input: JobWorkflowInput = { tenant, job: id, reach, quietMs: 0, continueAfterEvents };
    await temporal.workflow
      .start(JOB_WORKFLOW, {
        workflowId: jobWorkflowId(tenant, id),
        taskQueue,
        args: [input],
        staticSummary: task.kind,
      })
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      });
  };
}
