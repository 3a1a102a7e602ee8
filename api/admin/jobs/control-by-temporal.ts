import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { ProvostError } from '../../../domain/errors.ts';
import { jobWorkflowId } from '../../../domain/job.ts';
import type { JobStore } from '../../../stores/jobs.ts';
import { cancelJobSignal, JOB_WORKFLOW, type JobWorkflowInput } from '../../../workflows/messages.ts';
import type { JobControl } from './control.ts';

export interface JobControlDependencies {
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly jobs: Pick<JobStore, 'add'>;
  readonly settings: {
    readonly continueAfterEvents: number;
    /** How long a process may go on with a policy that was replaced, milliseconds. */
    readonly policyCacheMs: number;
  };
  now(): Date;
}

/** Jobs as workflows: each outlives the process that started it. */
export function createJobControl({ temporal, taskQueue, jobs, settings, now }: JobControlDependencies): JobControl {
  return {
    async start({ tenant, id, task, startedBy }) {
      const reach = { examined: 0, touched: 0 };
      await jobs.add({ id, tenant, task, startedBy, state: 'running', startedAt: now().toISOString(), ...reach });
      // Changes that another process still accepts on the policy before are to be overtaken by none of the job's.
      const quietMs = settings.policyCacheMs;
      const { continueAfterEvents } = settings;
      const input: JobWorkflowInput = { tenant, job: id, reach, quietMs, continueAfterEvents };
      await temporal.workflow.start(JOB_WORKFLOW, {
        workflowId: jobWorkflowId(tenant, id),
        taskQueue,
        args: [input],
        staticSummary: task.kind,
      });
    },
    async cancel(tenant, id) {
      try {
        await temporal.workflow.getHandle(jobWorkflowId(tenant, id)).signal(cancelJobSignal);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        throw new ProvostError('OPERATION_NOT_WAITING', 'The job has ended.', {}, { cause: error });
      }
    },
  };
}
