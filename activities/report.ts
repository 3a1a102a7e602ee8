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
  // What has ended stays so, whatever was still to be told of its way there.
  if (change === undefined || (hasEnded(change.state) && !hasEnded(report.state))) return;
  const ended = hasEnded(report.state);
  if (report.recordOnly !== true) {
    const begins = change.operation === 'create';
    await audit.append({ tenant, resourceType, resourceId }, [...opening(change), ...report.facts], begins);
    if (stands(change, report)) {
      await settleMemberships(change, dependencies);
      await followEdits(change, dependencies);
      if (resourceType === 'User' && (change.operation === 'replace' || change.operation === 'patch'))
        await resources.forgetEarlierPasswords(tenant, resourceType, resourceId, change.id);
      if (change.operation === 'delete') await resources.purge(tenant, resourceType, resourceId);
    }
  }
  // Last, because a change that has ended is looked at by nobody any more.
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
}

/** Whether what the change wrote is to stay: it is done, or it is a deletion that could not be taken back. */
const stands = ({ operation }: ChangeRecord, { state, undo }: ChangeReport): boolean =>
  state === 'settled' || (state === 'compensated' && operation === 'delete' && undo?.store === 'kept');

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
