import type { AuditFact } from '../domain/audit.ts';
import { hasEnded } from '../domain/change.ts';
import { isErrorCode } from '../domain/errors.ts';
import { asChangeId, type TenantId } from '../domain/ids.ts';
import { needsGroups } from '../domain/scope/scope-of.ts';
import type { AuditTrail } from '../stores/audit.ts';
import type { ChangeError, ChangeRecord, ChangeStore } from '../stores/changes.ts';
import type { LinkStore } from '../stores/links.ts';
import type { MembershipStore } from '../stores/memberships.ts';
import type { ResourceStore } from '../stores/resources.ts';
import type { ChangeReport, CoreActivities, ReportInput } from './contract.ts';
import { type FollowEditsDependencies, followEdits } from './follow-edits.ts';
import { type FollowRolesDependencies, followRoles } from './follow-roles.ts';
import { rejoinGroups } from './persist/leave-groups.ts';
import type { RequestReprojection } from './request-reprojection.ts';
import { settleMemberships } from './settle-memberships.ts';

export interface ReportDependencies extends FollowRolesDependencies, FollowEditsDependencies {
  readonly resources: ResourceStore;
  readonly memberships: MembershipStore;
  readonly links: Pick<LinkStore, 'ofResource' | 'standingsOf'>;
  requestReprojection: RequestReprojection;
  readonly changes: ChangeStore;
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
  const { resources, changes, audit, now } = dependencies;
  const { tenant, resourceType, resourceId } = input;
  const change = await changes.find(tenant, report.change);
  if (change === undefined) return;
  const begins = change.operation === 'create';
  await audit.append({ tenant, resourceType, resourceId }, [...opening(change), ...report.facts], begins);
  const ended = hasEnded(report.state);
  await changes.update(
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

/** Puts the store back to what stood before a change. */
export function createRestore(dependencies: ReportDependencies): CoreActivities['restore'] {
  const { resources, memberships, changes, policies, now } = dependencies;
  return async ({ tenant, resourceType, resourceId, change }) => {
    const restoredBy = asChangeId(`${change}#undone`);
    const restored = await resources.restore(tenant, resourceType, resourceId, change, restoredBy);
    if (!restored) return false;
    const record = await changes.find(tenant, change);
    if (record === undefined) return true;
    const { operation, reference } = record;
    if (operation === 'delete')
      await rejoinGroups(tenant, resourceId, change, now().toISOString(), { memberships, resources });
    else if (resourceType === 'Group' && reference !== undefined) {
      const { version } = reference;
      await memberships.undo({ tenant, group: resourceId, change, version: version + 1 }, restoredBy);
    }
    if (resourceType === 'Group' && reference !== undefined) {
      const policy = await policies.at(tenant, record.policyVersion);
      const followed = { change: record, version: reference.version + 1, policy, writtenBy: restoredBy };
      if (operation !== 'delete') await followRoles({ ...followed, concerns: 'members' }, dependencies);
      await followRoles({ ...followed, concerns: 'everybody' }, dependencies);
    } else if (operation === 'delete') {
      // While targets got their accounts back, the user was still out of his groups, and so of what they give.
      const policy = await policies.at(tenant, record.policyVersion);
      const targets = policy.identityProviders
        .flatMap((provider) => provider.targets)
        .filter((target) => needsGroups(target, resourceType))
        .map(({ id }) => id);
      if (targets.length > 0)
        await dependencies.requestReprojection({ tenant, resourceType, resourceId, targets, cause: restoredBy });
    }
    return true;
  };
}

export function createNewestPolicyVersion(policies: {
  current(tenant: TenantId): Promise<{ version: number }>;
}): CoreActivities['newestPolicyVersion'] {
  return async ({ tenant }) => (await policies.current(tenant)).version;
}
