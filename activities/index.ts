import type { CoreActivities } from './contract.ts';
import { createPersist, type PersistDependencies } from './persist/index.ts';
import { type WaitsDependencies, withWaits } from './persist/with-waits.ts';
import { createNewestPolicyVersion, createReport, createRestore, type ReportDependencies } from './report.ts';

export { type BulkDependencies, bulkActivities } from './bulk/index.ts';
export { type JobDependencies, jobActivities } from './jobs/index.ts';
export { type ProvisionDependencies, provisionActivities } from './provision/index.ts';

export interface CoreDependencies extends PersistDependencies, ReportDependencies, WaitsDependencies {
  readonly policies: PersistDependencies['policies'] &
    WaitsDependencies['policies'] &
    Parameters<typeof createNewestPolicyVersion>[0];
}

/** The activities of the core queue. All are safe to repeat. */
export const coreActivities = (dependencies: CoreDependencies): CoreActivities => ({
  persist: withWaits(createPersist(dependencies), dependencies),
  restore: createRestore(dependencies),
  report: createReport(dependencies),
  newestPolicyVersion: createNewestPolicyVersion(dependencies.policies),
  reproject: dependencies.requestReprojection,
});
