import type { ApprovalState } from '../../../domain/approval/approval.ts';
import type { ResourceId, TenantId } from '../../../domain/ids.ts';
import type { ApprovalMove, OperatorDecision } from '../../../workflows/messages.ts';

/** An operator's decision, on its way to the workflow of the resource. */
export interface OperatorOrder {
  readonly tenant: TenantId;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
  readonly decision: OperatorDecision & { readonly comment?: string };
}

/** The same about an approval. */
export interface ApprovalMoveOrder extends Omit<OperatorOrder, 'decision'> {
  readonly move: ApprovalMove;
}

/**
 * Carries orders out. Each answers when the workflow has done it.
 *
 * @throws ProvostError `OPERATION_NOT_WAITING` where nothing waits for such a decision,
 * `ACKNOWLEDGEMENT_TIMEOUT` where it was sent and its outcome is not known yet, `ENGINE_UNAVAILABLE`
 */
export interface Operate {
  /** @returns how many steps are tried again */
  retry(order: OperatorOrder): Promise<number>;
  /** @returns how many steps were given up */
  skip(order: OperatorOrder): Promise<number>;
  /** @returns whether the store stands as before the change */
  compensate(order: OperatorOrder): Promise<boolean>;
  /** @returns how the approval stands afterwards */
  moveApproval(order: ApprovalMoveOrder): Promise<ApprovalState>;
}
