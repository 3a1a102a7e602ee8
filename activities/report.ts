import type { AuditFact } from '../domain/audit.ts';
import { asChangeId, type TenantId } from '../domain/ids.ts';
import type { AuditTrail } from '../stores/audit.ts';
import type { ChangeRecord, ChangeStore } from '../stores/changes.ts';
import type { ResourceStore } from '../stores/resources.ts';
import type { ChangeReport, CoreActivities, ReportInput } from './contract.ts';

export interface ReportDependencies {
  readonly resources: ResourceStore;
  readonly changes: ChangeStore;
  readonly audit: AuditTrail;
  now(): Date;
}

const ENDED = new Set(['settled', 'compensated', 'rejected']);

/** Writes down where changes stand and what led there; all changes of a burst by one call. */
export function createReport(dependencies: ReportDependencies): CoreActivities['report'] {
  return async (input) => {
    for (const report of input.reports) await record(input, report, dependencies);
  };
}

async function record(
  input: ReportInput,
  report: ChangeReport,
  { resources, changes, audit, now }: ReportDependencies,
): Promise<void> {
  const { tenant, resourceType, resourceId } = input;
  const change = await changes.find(tenant, report.change);
  if (change === undefined) return;
  await audit.append({ tenant, resourceType, resourceId }, [...opening(change), ...report.facts]);
  const ended = ENDED.has(report.state);
  await changes.update(
    tenant,
    report.change,
    { state: report.state, steps: report.steps, ...(ended ? { settledAt: now().toISOString() } : {}) },
    { dropBody: ended },
  );
  if (ended && change.operation === 'delete' && report.state === 'settled')
    await resources.purge(tenant, resourceType, resourceId);
}

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
export function createRestore({ resources }: Pick<ReportDependencies, 'resources'>): CoreActivities['restore'] {
  return async ({ tenant, resourceType, resourceId, change }) =>
    resources.restore(tenant, resourceType, resourceId, change, asChangeId(`${change}#undone`));
}

export function createNewestPolicyVersion(policies: {
  current(tenant: TenantId): Promise<{ version: number }>;
}): CoreActivities['newestPolicyVersion'] {
  return async ({ tenant }) => (await policies.current(tenant)).version;
}
