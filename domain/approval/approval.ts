import type { ApprovalId, ChangeId, ResourceId, TargetId, TenantId } from '../ids.ts';
import type { Difference } from './difference.ts';

export type ApprovalState = 'waiting' | 'granted' | 'refused' | 'expired' | 'withdrawn' | 'cancelled';

/** A stage as it was asked: people by what the audit trail calls them, `user:<id>` or the id of a credential. */
export interface AskedStage {
  readonly approvers: readonly string[];
  /** How many have to approve; never 0. */
  readonly needs: number;
  readonly expiresAfterMs: number;
  readonly remindEveryMs?: number;
  /** Who is asked as well, so long after the stage began; gone when they are. */
  readonly escalation?: { readonly afterMs: number; readonly approvers: readonly string[] };
}

export interface ApprovalDecision {
  readonly stage: number;
  /** Who was asked. */
  readonly by: string;
  /** Who decided in his place, because he is absent. */
  readonly delegate?: string;
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
  /** When the stage that is asked began. ISO 8601 UTC. */
  readonly stageSince: string;
  /** When those who are asked were last reminded in this stage. ISO 8601 UTC. */
  readonly remindedAt?: string;
  /** When the stage expires. ISO 8601 UTC. */
  readonly expiresAt: string;
  /** Of a step: later approvals say of everything that it is about what the target may see. */
  readonly superseded?: boolean;
  /** Its record is damaged: only what could be read is told, and nothing can be decided about it. */
  readonly unreadable?: true;
}

/** What somebody, or a timer, does about an approval. */
export type ApprovalOrder =
  | {
      readonly kind: 'approve' | 'refuse';
      readonly comment?: string;
      /** Who decides in the place of the one who is asked. */
      readonly delegate?: string;
    }
  | { readonly kind: 'reassign'; readonly approvers: readonly string[] }
  | { readonly kind: 'withdraw' | 'expire' | 'cancel' | 'escalate' | 'remind' };

const ENDINGS = { withdraw: 'withdrawn', expire: 'expired', cancel: 'cancelled' } as const;

/** @returns those who are asked now */
export const askedNow = ({ stages, stage }: Pick<Approval, 'stages' | 'stage'>): readonly string[] =>
  stages[stage]?.approvers ?? [];

export const approvalIdOf = (change: ChangeId, target?: TargetId): ApprovalId =>
  (target === undefined ? change : `${change}.${target}`) as string as ApprovalId;

/** Whether too few can be asked for it ever to be granted: somebody has to reassign it. */
export const lacksApprovers = ({ stages, stage }: Pick<Approval, 'stages' | 'stage'>): boolean =>
  askedNow({ stages, stage }).length < (stages[stage]?.needs ?? 1);

/** What a timer has to do next. */
export interface Due {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly kind: 'escalate' | 'expire' | 'remind';
}

/** Until when something waits for an approval, and what a timer does about it next. */
export interface Until {
  readonly expiresAt: string;
  readonly due: Due;
}

export const untilOf = (approval: Approval): Until => ({ expiresAt: approval.expiresAt, due: dueNext(approval) });

/**
 * Whether a decision is there already in the stage.
 *
 * @param by who is asked
 * @param person who would decide: he, or who stands in for him
 */
export const hasDecided = (
  { decisions, stage }: Pick<Approval, 'decisions' | 'stage'>,
  by: string,
  person: string,
): boolean => decisions.some((one) => one.stage === stage && (one.by === by || (one.delegate ?? one.by) === person));

export function dueNext({
  stages,
  stage,
  stageSince,
  remindedAt,
  expiresAt,
}: Pick<Approval, 'stages' | 'stage' | 'stageSince' | 'remindedAt' | 'expiresAt'>): Due {
  const { escalation, remindEveryMs } = stages[stage] ?? {};
  const dues: Due[] = [
    { at: expiresAt, kind: 'expire' },
    ...(escalation === undefined ? [] : [{ at: later(stageSince, escalation.afterMs), kind: 'escalate' } as const]),
    ...(remindEveryMs === undefined
      ? []
      : [{ at: later(remindedAt ?? stageSince, remindEveryMs), kind: 'remind' } as const]),
  ];
  // Of what is due at the same moment, the first named.
  return dues.reduce((first, due) => (due.at < first.at ? due : first));
}

const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

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
  if (order.kind === 'escalate') return escalated(approval);
  if (order.kind === 'remind') return approval.remindedAt === at ? approval : { ...approval, remindedAt: at };
  if (order.kind !== 'approve' && order.kind !== 'refuse') return { ...approval, state: ENDINGS[order.kind] };
  const { comment, delegate } = order;
  const person = delegate ?? by;
  const mayDecide = ![by, person].includes(approval.requester) && askedNow(approval).includes(by);
  // Whoever decides for somebody else still counts once.
  if (!mayDecide || hasDecided(approval, by, person)) return approval;
  const decision = {
    stage,
    by,
    ...(delegate === undefined ? {} : { delegate }),
    verdict: order.kind,
    at,
    ...(comment === undefined ? {} : { comment }),
  };
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
  const { remindedAt: _ofTheStageBefore, ...rest } = approval;
  return { ...rest, stage: stage + 1, stageSince: at, expiresAt: later(at, next.expiresAfterMs) };
}

function escalated(approval: Approval): Approval {
  const { stages, stage, requester } = approval;
  const others = stages[stage]?.escalation?.approvers;
  if (others === undefined) return approval;
  return {
    ...approval,
    stages: stages.map((one, index) => {
      if (index !== stage) return one;
      const { escalation: _done, ...rest } = one;
      const approvers = [...new Set([...one.approvers, ...others])].filter((approver) => approver !== requester);
      return { ...rest, approvers };
    }),
  };
}
