import { lacksApprovers } from '../../../domain/approval/approval.ts';
import { asChangeId } from '../../../domain/ids.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import type { AttentionSource } from './source.ts';

/** Changes that wait for somebody to approve them, before they are stored. */
export const waitingApprovals = ({ approvals }: Pick<RoutesDependencies, 'approvals'>): AttentionSource => ({
  kind: 'approval',
  async read({ tenant, target, code, after, limit }) {
    if (target !== undefined || code !== undefined) return { items: [] };
    const found = await approvals.list(tenant, {
      state: 'waiting',
      limit: limit + 1,
      ...(after === undefined ? {} : { after: asChangeId(after) }),
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map((approval) => ({
        kind: 'approval',
        id: approval.id,
        operation: approval.operation,
        resourceType: approval.resourceType,
        resource: approval.resourceId,
        since: approval.askedAt,
        because: lacksApprovers(approval)
          ? `The rule ${approval.rule} asks for an approval that nobody may give. Ask somebody else, or withdraw it.`
          : `The rule ${approval.rule} asks for an approval, until ${approval.expiresAt}.`,
        actions: (['reassign', 'withdraw'] as const).map((verb) => ({
          operation: `${verb}Approval`,
          method: 'POST',
          path: `/tenants/${tenant}/approvals/${approval.id}/${verb}`,
        })),
      })),
      ...(found.length > limit && last !== undefined ? { next: last.id } : {}),
    };
  },
});
