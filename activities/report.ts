import type { AuditFact } from '../domain/audit.ts';
import { hasEnded } from '../domain/change.ts';
import { isErrorCode } from '../domain/errors.ts';
import type { TenantId } from '../domain/ids.ts';
import type { AuditTrail } from '../stores/audit.ts';
import type { ChangeError, ChangeRecord, ChangeStore } from '../stores/changes.ts';
import { outcomeOf } from '../stores/job-outcomes.ts';
import type { JobStore } from '../stores/jobs.ts';
import type { MembershipStore } from '../stores/memberships.ts';
import type { ResourceStore } from '../stores/resources.ts';
import type { ChangeReport, CoreActivities, ReportInput } from './contract.ts';
import { type FollowEditsDependencies, followEdits } from './follow-edits.ts';
import type { RequestReprojection } from './request-reprojection.ts';
import { type SettleMembershipsDependencies, settleMemberships } from './settle-memberships.ts';

export interface ReportDependencies extends SettleMembershipsDependencies, FollowEditsDependencies {
  readonly resources: ResourceStore;
  readonly memberships: MembershipStore;
  requestReprojection: RequestReprojection;
  readonly changes: ChangeStore;
  readonly jobs: Pick<JobStore, 'count'> & FollowEditsDependencies['jobs'];
  readonly audit: AuditTrail;
  now(): Date;
}

/** Writes down where changes stand and what led there; all changes of a burst by one call. */
export function createReport(dependencies: ReportDependencies): CoreActivities['report'] {
  return async (input) => {
    for (const report of input.reports) await record(input, report, dependencies);
  };
}

async function record(input: ReportInput, report: ChangeReport, dependencies: ReportDependencies): Promise<void> {
  const { resources, changes, audit, jobs, now } = dependencies;
  const { tenant, resourceType, resourceId } = input;
  const change = await changes.find(tenant, report.change);
  if (change === undefined) return;
  const begins = change.operation === 'create';
  await audit.append({ tenant, resourceType, resourceId }, [...opening(change), ...report.facts], begins);
  const ended = hasEnded(report.state);
  const hasJustEnded = await changes.update(
    tenant,
    report.change,
    {
      state: report.state,
      steps: report.steps,
      ...(ended ? { settledAt: now().toISOString() } : {}),
      ...(report.undo === undefined ? {} : { undo: report.undo }),
      ...(report.error === undefined ? {} : { error: toChangeError(report.error) }),
    },
    { dropBody: ended },
  );
  if (hasJustEnded && change.job !== undefined) {
    const results = report.steps.map(({ result }) => result);
    await jobs.count(tenant, change.job, outcomeOf(report.state, results));
  }
  if (report.state === 'settled') {
    await settleMemberships(change, dependencies);
    await followEdits(change, dependencies);
  }
  if (report.state === 'settled' && change.operation === 'delete')
    await resources.purge(tenant, resourceType, resourceId);
}

const toChangeError = ({ code, message }: NonNullable<ChangeReport['error']>): ChangeError => ({
  code: isErrorCode(code) ? code : 'TARGET_REJECTED',
  message,
  facts: {},
});

/** The transitions from before the workflow knew the change; appending them again appends nothing. */
function opening({
  id,
  receivedAt,
  actor,
  operation,
  source,
  serviceProvider,
  decision,
  policyVersion,
}: ChangeRecord): AuditFact[] {
  const called = decision?.reasons.filter((reason) => reason.called).map((reason) => reason.target) ?? [];
  return [
    { event: 'accepted', at: receivedAt, change: id, actor, facts: { operation, source, serviceProvider } },
    {
      event: 'decided',
      at: receivedAt,
      change: id,
      facts: { policyVersion, mode: decision?.mode ?? 'persist', targets: called },
    },
  ];
}

export function createNewestPolicyVersion(policies: {
  current(tenant: TenantId): Promise<{ version: number }>;
}): CoreActivities['newestPolicyVersion'] {
  return async ({ tenant }) => (await policies.current(tenant)).version;
}
