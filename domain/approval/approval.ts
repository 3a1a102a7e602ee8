import type { ApprovalId, ChangeId, ResourceId, TargetId, TenantId } from '../ids.ts';
import type { Difference } from './difference.ts';

export type ApprovalState = 'waiting' | 'granted' | 'refused' | 'expired' | 'withdrawn' | 'cancelled';

/** A stage as it was asked: people by what the audit trail calls them, `user:<id>` or the id of a credential. */
export interface AskedStage {
  readonly approvers: readonly string[];
  /** How many have to approve; never 0. */
  readonly needs: number;
  readonly expiresAfterMs: number;
}

export interface ApprovalDecision {
  readonly stage: number;
  readonly by: string;
  readonly verdict: 'approve' | 'refuse';
  readonly at: string;
  readonly comment?: string;
}

/** What a change waits for before it is written, or one of its steps before its target is called. */
export interface Approval {
  readonly id: ApprovalId;
  readonly change: ChangeId;
  /** The target that must not learn of it before; absent where nothing is written before. */
  readonly target?: TargetId;
  /** The target would make an account for it. */
  readonly creates?: boolean;
  readonly tenant: TenantId;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
  readonly operation: string;
  /** Name of the rule that asks. */
  readonly rule: string;
  /** Actor of the change, who never approves it. */
  readonly requester: string;
  readonly touches: readonly string[];
  readonly differences: readonly Difference[];
  readonly stages: readonly AskedStage[];
  /** Index of the stage that is being asked. */
  readonly stage: number;
  readonly state: ApprovalState;
  readonly decisions: readonly ApprovalDecision[];
  readonly askedAt: string;
  /** When the stage expires. ISO 8601 UTC. */
  readonly expiresAt: string;
}

/** What somebody, or a timer, does about an approval. */
export type ApprovalOrder =
  | { readonly kind: 'approve' | 'refuse'; readonly comment?: string }
  | { readonly kind: 'reassign'; readonly approvers: readonly string[] }
  | { readonly kind: 'withdraw' | 'expire' | 'cancel' };

const ENDINGS = { withdraw: 'withdrawn', expire: 'expired', cancel: 'cancelled' } as const;

/** @returns those who are asked now */
export const askedNow = ({ stages, stage }: Pick<Approval, 'stages' | 'stage'>): readonly string[] =>
  stages[stage]?.approvers ?? [];

export const approvalIdOf = (change: ChangeId, target?: TargetId): ApprovalId =>
  (target === undefined ? change : `${change}.${target}`) as string as ApprovalId;

/** Whether too few can be asked for it ever to be granted: somebody has to reassign it. */
export const lacksApprovers = ({ stages, stage }: Pick<Approval, 'stages' | 'stage'>): boolean =>
  askedNow({ stages, stage }).length < (stages[stage]?.needs ?? 1);

/** The approval after an order. What is ended already, or was decided so by the same person, stays as it is. */
export function obey(approval: Approval, order: ApprovalOrder, by: string, at: string): Approval {
  if (approval.state !== 'waiting') return approval;
  const { stages, stage } = approval;
  if (order.kind === 'reassign') {
    const approvers = order.approvers.filter((approver) => approver !== approval.requester);
    return {
      ...approval,
      stages: stages.map((one, index) =>
        index === stage ? { ...one, approvers, needs: Math.max(1, Math.min(one.needs, approvers.length)) } : one,
      ),
    };
  }
  if (order.kind !== 'approve' && order.kind !== 'refuse') return { ...approval, state: ENDINGS[order.kind] };
  const mayDecide = by !== approval.requester && askedNow(approval).includes(by);
  if (!mayDecide || approval.decisions.some((decision) => decision.stage === stage && decision.by === by))
    return approval;
  const { comment } = order;
  const decision = { stage, by, verdict: order.kind, at, ...(comment === undefined ? {} : { comment }) };
  const decided: Approval = { ...approval, decisions: [...approval.decisions, decision] };
  return order.kind === 'refuse' ? { ...decided, state: 'refused' } : withQuorum(decided, at);
}

function withQuorum(approval: Approval, at: string): Approval {
  const { stages, stage, decisions } = approval;
  const asked = askedNow(approval);
  // Somebody who was taken off the stage since counts no more.
  const approved = decisions.filter((one) => one.stage === stage && asked.includes(one.by)).length;
  if (approved < (stages[stage]?.needs ?? 1)) return approval;
  const next = stages[stage + 1];
  if (next === undefined) return { ...approval, state: 'granted' };
  return { ...approval, stage: stage + 1, expiresAt: new Date(Date.parse(at) + next.expiresAfterMs).toISOString() };
}
