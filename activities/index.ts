import type { CoreActivities } from './contract.ts';
import { createPersist, type PersistDependencies } from './persist/index.ts';
import { createNewestPolicyVersion, createReport, createRestore, type ReportDependencies } from './report.ts';

export { type ProvisionDependencies, provisionActivities } from './provision/index.ts';

export interface CoreDependencies extends PersistDependencies, ReportDependencies {
  readonly policies: PersistDependencies['policies'] & Parameters<typeof createNewestPolicyVersion>[0];
}

/** The activities of the core queue. All are safe to repeat. */
export const coreActivities = (dependencies: CoreDependencies): CoreActivities => ({
  persist: createPersist(dependencies),
  restore: createRestore(dependencies),
  report: createReport(dependencies),
  newestPolicyVersion: createNewestPolicyVersion(dependencies.policies),
});
