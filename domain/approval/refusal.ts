import { type ErrorCode, ProvostError } from '../errors.ts';
import type { ApprovalState } from './approval.ts';

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Why something was not done, by how its approval ended. */
const REFUSALS: Partial<Record<ApprovalState, Refusal>> = {
  refused: { code: 'APPROVAL_REFUSED', message: 'An approver refused the change.' },
  expired: { code: 'APPROVAL_EXPIRED', message: 'Nobody who could approve the change did so in time.' },
  withdrawn: { code: 'APPROVAL_WITHDRAWN', message: 'The change was withdrawn before it was approved.' },
  cancelled: {
    code: 'APPROVAL_CANCELLED',
    message: 'The resource was deactivated or deleted while the change waited for an approval.',
  },
};

/** @returns undefined while it waits, or where it was granted */
export const refusalOf = (state: ApprovalState): Refusal | undefined => REFUSALS[state];

/** @throws ProvostError where the approval has ended, and was not granted */
export function requireNotRefused(state: ApprovalState): void {
  const refusal = refusalOf(state);
  if (refusal !== undefined) throw new ProvostError(refusal.code, refusal.message);
}
