import { asTargetId } from '../../../domain/ids.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { waitingApprovals } from './approvals.ts';
import { auditAlarms } from './audit-alarms.ts';
import { failedJobs } from './failed-jobs.ts';
import { waitingFindings } from './findings.ts';
import { attentionList } from './list.ts';
import { failedCompensations, parkedChanges } from './parked-changes.ts';
import { attentionPage, attentionQuery } from './schemas.ts';
import type { AttentionSource } from './source.ts';
import { troubledTargets } from './targets.ts';

/** Everything that needs a person. Whoever adds a kind of it adds a source here. */
export function attentionRoutes(dependencies: RoutesDependencies): AdminRoute[] {
  const sources: readonly AttentionSource[] = [
    auditAlarms(dependencies),
    troubledTargets(dependencies),
    failedCompensations(dependencies),
    parkedChanges(dependencies),
    failedJobs(dependencies),
    waitingFindings(dependencies),
    waitingApprovals(dependencies),
  ];
  return [
    defineRoute({
      method: 'get',
      path: '/tenants/:tenant/attention',
      operation: 'listAttention',
      group: 'Operating',
      summary: 'List what needs a person',
      description:
        'Kind by kind, each with the reason in plain words, what the target itself said, and what can be done about it.',
      permission: 'view changes',
      query: attentionQuery,
      answer: { status: 200, description: 'A page of it.', schema: attentionPage },
      async handle({ tenant, query: { kind, target, code, limit, cursor } }) {
        const policy = await dependencies.edits.newest(tenant);
        const request = {
          tenant,
          policy,
          limit,
          ...(target === undefined ? {} : { target: asTargetId(target) }),
          ...(code === undefined ? {} : { code }),
        };
        const asked = kind === undefined ? sources : sources.filter((source) => source.kind === kind);
        return { body: await attentionList(asked, request, cursor) };
      },
    }),
  ];
}
