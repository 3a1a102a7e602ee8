import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { StartJob } from '../activities/start-job.ts';
import { type Job, jobWorkflowId } from '../domain/job.ts';
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
export function createStartJob(dependencies: StartJobDependencies): StartJob {
  const { jobs, now } = dependencies;
  const startWorkflow = createStartJobWorkflow(dependencies);
  return async ({ tenant, id, task, startedBy, named }) => {
    const reach = { examined: 0, touched: 0 };
    await jobs.add({ id, tenant, task, startedBy, state: 'running', startedAt: now().toISOString(), ...reach });
    const job = await jobs.find(tenant, id);
    if (job?.state !== 'running') return;
    await named?.((items) => jobs.addItems(tenant, id, items));
    await startWorkflow(job);
  };
}

/** Starts the workflow of a recorded job, from where the job has got to; does nothing where it runs. */
export const createStartJobWorkflow =
  ({
    temporal,
    taskQueue,
    continueAfterEvents,
  }: Pick<StartJobDependencies, 'temporal' | 'taskQueue' | 'continueAfterEvents'>) =>
  async ({ tenant, id, task, examined, touched, cursor }: Job): Promise<void> => {
    const reach = { examined, touched, ...(cursor === undefined ? {} : { cursor }) };
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
