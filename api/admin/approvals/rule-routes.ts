import type { RoutesDependencies } from '../dependencies.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { ruleTable } from './schemas.ts';
import { toRules } from './to-rules.ts';

const GROUP = 'Approvals';
const PATH = '/tenants/:tenant/approval-rules';

/** Which changes wait for whom. */
export function approvalRuleRoutes({ edits }: RoutesDependencies): AdminRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      operation: 'readApprovalRules',
      group: GROUP,
      summary: 'Read the approval rules of a tenant',
      permission: 'view configuration',
      answer: { status: 200, description: 'All of them, in their order.', schema: ruleTable },
      versioned: true,
      async handle({ tenant }) {
        const policy = await edits.newest(tenant);
        return { body: { items: policy.approvals ?? [] }, version: policy.version };
      },
    }),
    defineRoute({
      method: 'put',
      path: PATH,
      operation: 'replaceApprovalRules',
      group: GROUP,
      summary: 'Replace the approval rules of a tenant',
      description:
        'For service providers without rules of their own. Changes that wait already go on as they were asked.',
      permission: 'configure',
      body: ruleTable,
      answer: { status: 200, description: 'The rules as they are now.', schema: ruleTable },
      versioned: true,
      async handle({ body, ...request }) {
        const { result, version } = await edits.edit(request, (before) => {
          const approvals = toRules(body.items, before, 'items');
          return { policy: { ...before, approvals }, result: { items: approvals } };
        });
        return { body: result, version };
      },
    }),
  ];
}
