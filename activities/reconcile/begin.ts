import { asJobId } from '../../domain/ids.ts';
import type { JobStore } from '../../stores/jobs.ts';
import type { CoreActivities } from '../contract.ts';
import type { StartJob } from '../start-job.ts';

/** Starts a reconciliation for its schedule, unless one of the target is under way. */
export const createBeginReconciliation =
  ({
    jobs,
    startJob,
  }: {
    readonly jobs: Pick<JobStore, 'isReconciling'>;
    readonly startJob: StartJob;
  }): CoreActivities['beginReconciliation'] =>
  async ({ tenant, target, cause }) => {
    if (await jobs.isReconciling(tenant, target)) return;
    const task = { kind: 'reconcile-target', target, dryRun: false } as const;
    await startJob({ tenant, id: asJobId(cause), task, startedBy: 'engine' });
  };
