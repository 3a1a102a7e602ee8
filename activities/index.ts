import type { CoreActivities } from './contract.ts';
import { createMoveApproval, type MoveApprovalDependencies } from './move-approval.ts';
import { createPersist, type PersistDependencies } from './persist/index.ts';
import { type WaitsDependencies, withWaits } from './persist/with-waits.ts';
import { createBeginReconciliation } from './reconcile/begin.ts';
import { createNewestPolicyVersion, createReport, type ReportDependencies } from './report.ts';
import { createRestore, type RestoreDependencies } from './restore.ts';

export { type BulkDependencies, bulkActivities } from './bulk/index.ts';
export { type JobDependencies, jobActivities } from './jobs/index.ts';
export { type NotifyDependencies, notifyActivities } from './notify/index.ts';
export { type ProvisionDependencies, provisionActivities } from './provision/index.ts';
export { createReconcile, type ReconcileDependencies } from './reconcile/index.ts';

export interface CoreDependencies
  extends PersistDependencies,
    ReportDependencies,
    RestoreDependencies,
    WaitsDependencies,
    MoveApprovalDependencies {
  readonly links: PersistDependencies['links'] & ReportDependencies['links'];
  readonly jobs: ReportDependencies['jobs'] & Parameters<typeof createBeginReconciliation>[0]['jobs'];
  readonly policies: PersistDependencies['policies'] &
    WaitsDependencies['policies'] &
    Parameters<typeof createNewestPolicyVersion>[0];
}

/** The activities of the core queue. All are safe to repeat. */
export const coreActivities = (dependencies: CoreDependencies): CoreActivities => ({
  persist: withWaits(createPersist(dependencies), dependencies),
  restore: createRestore(dependencies),
  moveApproval: createMoveApproval(dependencies),
  report: createReport(dependencies),
  newestPolicyVersion: createNewestPolicyVersion(dependencies.policies),
  beginReconciliation: createBeginReconciliation(dependencies),
  reproject: dependencies.requestReprojection,
});
