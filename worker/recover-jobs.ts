import { type Client, type WorkflowExecutionStatusName, WorkflowNotFoundError } from '@temporalio/client';
import type { TenantId } from '../domain/ids.ts';
import { type Job, jobWorkflowId } from '../domain/job.ts';
import type { JobStore } from '../stores/jobs.ts';

export interface RecoverJobsDependencies {
  readonly temporal: Client;
  readonly jobs: Pick<JobStore, 'running' | 'end' | 'find'>;
  /** Starts the workflow of a recorded job from where it has got to. */
  startWorkflow(job: Job): Promise<void>;
  /** Milliseconds that a job may run without its workflow being looked for. */
  readonly afterMs: number;
  now(): Date;
  log(message: string, facts: object): void;
}

/** Jobs of one tenant that run at once are few. */
const MOST = 100;

/**
 * Finds jobs that are recorded as running and have no workflow: the process that recorded one died before it started it, Temporal's
 * database was restored from a copy, or somebody ended the workflow. The first two are started again from where they
 * had got to; the third ends, so that nothing waits for it.
 */
export async function recoverJobs(tenant: TenantId, dependencies: RecoverJobsDependencies): Promise<void> {
  const { jobs, now, afterMs, log } = dependencies;
  const before = new Date(now().getTime() - afterMs).toISOString();
  for (const listed of await jobs.running(tenant, MOST)) {
    if (listed.startedAt >= before) continue;
    const status = await statusOf(listed, dependencies.temporal);
    if (status === 'RUNNING' || status === 'CONTINUED_AS_NEW') continue;
    // A workflow ends its job before it ends itself.
    const job = await jobs.find(tenant, listed.id);
    if (job?.state !== 'running') continue;
    if (status === undefined) {
      log('starting a job whose workflow is gone', { tenant, job: job.id });
      await dependencies.startWorkflow(job);
    } else {
      log('ending a job whose workflow has ended', { tenant, job: job.id, status });
      const error = `Its workflow ended as ${status} before the job was done. Start it again to do the rest.`;
      await jobs.end(tenant, job.id, 'failed', now().toISOString(), error);
    }
  }
}

async function statusOf({ tenant, id }: Job, temporal: Client): Promise<WorkflowExecutionStatusName | undefined> {
  try {
    return (await temporal.workflow.getHandle(jobWorkflowId(tenant, id)).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
