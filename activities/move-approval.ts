import {
  type Approval,
  type ApprovalOrder,
  type ApprovalState,
  approvalIdOf,
  obey,
  untilOf,
} from '../domain/approval/approval.ts';
import type { NoticeEvent } from '../domain/approval/notice.ts';
import { refusalOf } from '../domain/approval/refusal.ts';
import { requireOrder } from '../domain/approval/require-order.ts';
import type { AuditEvent, AuditFact } from '../domain/audit.ts';
import { isProvostError, ProvostError } from '../domain/errors.ts';
import type { ApprovalStore } from '../stores/approvals.ts';
import type { AuditTrail } from '../stores/audit.ts';
import type { ChangeRecord, ChangeStore } from '../stores/changes.ts';
import type { CoreActivities } from './contract.ts';
import type { Announce } from './notify/contract.ts';
import { type IndependenceDependencies, requireIndependent } from './require-independent.ts';

export interface MoveApprovalDependencies extends IndependenceDependencies {
  readonly approvals: ApprovalStore;
  readonly changes: ChangeStore;
  readonly audit: AuditTrail;
  readonly announce: Announce;
  now(): Date;
}

const EVENTS = {
  approve: 'approval-decided',
  refuse: 'approval-decided',
  reassign: 'approval-reassigned',
  withdraw: 'approval-withdrawn',
  expire: 'approval-expired',
  cancel: 'approval-cancelled',
  escalate: 'approval-escalated',
  remind: 'approval-reminded',
} as const satisfies Record<ApprovalOrder['kind'], AuditEvent & NoticeEvent>;

/**
 * Does about an approval what somebody ordered, or a timer: writes it down, and rejects the change where that ends it.
 * Doing it again does nothing.
 */
export function createMoveApproval(dependencies: MoveApprovalDependencies): CoreActivities['moveApproval'] {
  const { approvals, changes, audit } = dependencies;
  return async ({ tenant, change: id, target, order, by, at }) => {
    requireOrder({ order, by, at });
    const change = await changes.find(tenant, id);
    if (change === undefined) throw new ProvostError('NOT_FOUND', 'The change has no record.');
    const before = await approvals.find(tenant, approvalIdOf(id, target));
    // A change that waited behind another one had asked for nothing yet.
    if (before === undefined) {
      if (target === undefined) await reject(change, 'cancelled', dependencies);
      return { state: 'cancelled', expiresAt: at, due: { at, kind: 'expire' } };
    }
    const { resourceType, resourceId } = change;
    const after = obey(before, order, by, at);
    if (after !== before)
      await requireIndependent(change, before, order, by, dependencies).catch(async (error: unknown) => {
        const refused = { ...factOf(before, order, by, at), event: 'approval-decision-refused' } as const;
        if (isProvostError(error, 'FORBIDDEN')) await audit.append({ tenant, resourceType, resourceId }, [refused]);
        throw error;
      });
    // The trail first: what is there already is not appended again, and a step that is lost is done again.
    if (after !== before) await audit.append({ tenant, resourceType, resourceId }, [factOf(before, order, by, at)]);
    for (const { event, stage } of after === before ? [] : eventsOf(before, after, order))
      await dependencies.announce({ tenant, approval: after.id, event, stage, at });
    if (after !== before) await approvals.replace(after);
    if (target === undefined) await reject(change, after.state, dependencies);
    return { state: after.state, ...untilOf(after) };
  };
}

/** What there is to tell of a move. */
function eventsOf(
  before: Approval,
  after: Approval,
  order: ApprovalOrder,
): { readonly event: NoticeEvent; readonly stage: number }[] {
  const { stage } = before;
  const decided = order.kind === 'approve' || order.kind === 'refuse';
  if (after.state !== 'waiting')
    return [
      ...(decided ? [{ event: 'approval-decided', stage } as const] : []),
      { event: `approval-${after.state}`, stage },
    ];
  const event = EVENTS[order.kind];
  return [{ event, stage }, ...(after.stage > stage ? [{ event: 'approval-asked', stage: after.stage } as const] : [])];
}

function factOf({ change, target, stage }: Approval, order: ApprovalOrder, by: string, at: string): AuditFact {
  const facts = {
    stage: stage + 1,
    ...(target === undefined ? {} : { target }),
    ...(order.kind === 'approve' || order.kind === 'refuse' ? { verdict: order.kind } : {}),
    ...(order.kind === 'reassign' ? { approvers: order.approvers } : {}),
  };
  // Who decides in somebody's place is the actor; whose place it is stands beside it.
  const delegate = 'delegate' in order ? order.delegate : undefined;
  const actor = delegate ?? by;
  const whose = delegate === undefined ? {} : { onBehalfOf: by };
  return { event: EVENTS[order.kind], at, change, ...(actor === '' ? {} : { actor }), facts: { ...facts, ...whose } };
}

async function reject(
  change: ChangeRecord,
  state: ApprovalState,
  { changes, audit, now }: MoveApprovalDependencies,
): Promise<void> {
  const reason = refusalOf(state);
  const { tenant, id, resourceType, resourceId, receivedAt } = change;
  if (reason === undefined || change.state !== 'waiting-approval') return;
  await audit.append({ tenant, resourceType, resourceId }, [
    { event: 'rejected', at: receivedAt, change: id, facts: { code: reason.code } },
  ]);
  const settledAt = now().toISOString();
  await changes.update(
    tenant,
    id,
    { state: 'rejected', settledAt, error: { ...reason, facts: {} } },
    { dropBody: true },
  );
}
