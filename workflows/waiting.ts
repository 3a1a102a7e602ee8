import { ApplicationFailure, condition, sleep } from '@temporalio/workflow';
import type { Awaited } from '../activities/contract.ts';
import type { ApprovalOrder, ApprovalState } from '../domain/approval/approval.ts';
import type { AcceptedChange } from '../domain/change.ts';
import type { ChangeId } from '../domain/ids.ts';
import { core } from './activity-options.ts';
import { type Ledger, now } from './ledger.ts';
import type { ApprovalMove } from './messages.ts';

/** A change that was taken and is not written yet. */
export interface WaitingChange {
  readonly change: AcceptedChange;
  readonly awaits: Awaited;
  expiresAt: string;
  state: ApprovalState;
  /** Something is being done about it: one thing after another. */
  isMoving: boolean;
}

/**
 * Waits until a change may be written, or never will be. What an approval comes to is in the database, so the next run
 * begins to wait anew where this one hands over.
 *
 * @param resume takes the change up again
 */
export async function waitFor(
  change: AcceptedChange,
  awaits: Awaited,
  ledger: Ledger,
  resume: (change: AcceptedChange) => void,
): Promise<void> {
  if (ledger.waiting.has(change.id)) return;
  const expiresAt = awaits.kind === 'approval' ? awaits.expiresAt : '';
  const waiting: WaitingChange = { change, awaits, expiresAt, state: 'waiting', isMoving: false };
  ledger.waiting.set(change.id, waiting);
  ledger.show();
  if (awaits.kind === 'change') await behind(awaits.change, waiting, ledger);
  else await approval(waiting, ledger);
  ledger.waiting.delete(change.id);
  if (waiting.state === 'granted' || waiting.state === 'waiting') resume(change);
  ledger.show();
}

/** Until the other change has ended. */
async function behind(other: ChangeId, waiting: WaitingChange, ledger: Ledger): Promise<void> {
  // One whose workflow an operator ended still stands in the database, until it expires there.
  if (!ledger.waiting.has(other)) await sleep('1 second');
  await condition(() => waiting.state !== 'waiting' || !ledger.waiting.has(other) || ledger.handingOver);
}

/** Until it is decided; each stage has its own time. */
async function approval(waiting: WaitingChange, ledger: Ledger): Promise<void> {
  while (waiting.state === 'waiting' && !ledger.handingOver) {
    const { expiresAt } = waiting;
    const hasMoved = await condition(
      () => waiting.state !== 'waiting' || waiting.expiresAt !== expiresAt || ledger.handingOver,
      Math.max(1, Date.parse(expiresAt) - Date.now()),
    );
    if (!hasMoved) await move(waiting, { kind: 'expire' }, '', now());
  }
}

/** @throws OPERATION_NOT_WAITING */
export async function moveApproval(ledger: Ledger, { change, order, by, at }: ApprovalMove): Promise<ApprovalState> {
  const waiting = ledger.waiting.get(change);
  if (waiting === undefined || waiting.awaits.kind !== 'approval')
    throw ApplicationFailure.create({
      nonRetryable: true,
      type: 'OPERATION_NOT_WAITING',
      message: 'The change does not wait for an approval.',
    });
  return move(waiting, order, by, at);
}

/** A deactivation or deletion: whatever waits is of no use any more. */
export function cancelAll(ledger: Ledger): void {
  for (const waiting of ledger.waiting.values()) void move(waiting, { kind: 'cancel' }, '', now());
}

async function move(waiting: WaitingChange, order: ApprovalOrder, by: string, at: string): Promise<ApprovalState> {
  while (waiting.isMoving) await condition(() => !waiting.isMoving);
  waiting.isMoving = true;
  try {
    const { tenant, id } = waiting.change;
    const moved = await core.moveApproval({ tenant, change: id, order, by, at });
    waiting.expiresAt = moved.expiresAt;
    waiting.state = moved.state;
    return moved.state;
  } finally {
    waiting.isMoving = false;
  }
}

/** What its client is told now. */
export const pending = (): ApplicationFailure =>
  ApplicationFailure.create({
    nonRetryable: true,
    type: 'APPROVAL_PENDING',
    message: 'The change was taken and waits for an approval; ask for its outcome later.',
  });
