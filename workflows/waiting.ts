import { ApplicationFailure, condition, patched, sleep } from '@temporalio/workflow';
import type { Awaited } from '../activities/contract.ts';
import {
  type ApprovalOrder,
  type ApprovalState,
  approvalIdOf,
  type Due,
  type Until,
} from '../domain/approval/approval.ts';
import type { AcceptedChange } from '../domain/change.ts';
import type { ChangeId, TargetId } from '../domain/ids.ts';
import { core } from './activity-options.ts';
import { isHandingOver } from './handing-over.ts';
import type { InFlight } from './in-flight.ts';
import { type Ledger, now } from './ledger.ts';
import type { ApprovalMove } from './messages.ts';
import { isStoreFailure, isUnforeseen, whenStored } from './stored.ts';

/** What waits for an approval. */
interface Waiting {
  readonly change: AcceptedChange;
  readonly target?: TargetId;
  expiresAt: string;
  due: Due;
  state: ApprovalState;
  /** Something is being done about it: one thing after another. */
  isMoving: boolean;
}

/** A change that was taken and is not written yet. */
export interface WaitingChange extends Waiting {
  readonly awaits: Awaited;
}

/** A step of a change that is written, which its target must not learn of yet. */
export interface WaitingStep extends Waiting {
  readonly target: TargetId;
  readonly rule: string;
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
  const { expiresAt, due } = awaits.kind === 'approval' ? awaits : NOTHING_DUE;
  const waiting: WaitingChange = { change, awaits, expiresAt, due, state: 'waiting', isMoving: false };
  ledger.waiting.set(change.id, waiting);
  ledger.show();
  if (awaits.kind === 'change') await behind(awaits.change, waiting, ledger);
  else await decided(waiting, ledger);
  ledger.waiting.delete(change.id);
  if (waiting.state === 'granted' || waiting.state === 'waiting') resume(change);
  ledger.show();
}

/** What waits behind another change has no time of its own. */
const NOTHING_DUE: Until = { expiresAt: '', due: { at: '', kind: 'expire' } };

/** Waits with each step that must be approved, and begins it, or leaves it, when it is decided. */
export function waitForSteps(inFlight: InFlight, ledger: Ledger): void {
  for (const [target, until] of inFlight.awaiting) ledger.background(waitForStep(inFlight, target, until, ledger));
}

async function waitForStep(
  inFlight: InFlight,
  target: TargetId,
  { expiresAt, due }: Until,
  ledger: Ledger,
): Promise<void> {
  const { change } = inFlight;
  const rule = inFlight.stepAt(target)?.awaits?.rule ?? '';
  const waiting: WaitingStep = { change, target, rule, expiresAt, due, state: 'waiting', isMoving: false };
  const key = approvalIdOf(change.id, target);
  ledger.waitingSteps.set(key, waiting);
  await decided(waiting, ledger);
  ledger.waitingSteps.delete(key);
  if (waiting.state === 'waiting') inFlight.awaiting.set(target, { expiresAt: waiting.expiresAt, due: waiting.due });
  else ledger.approvalEnded(inFlight, target, waiting.state);
}

/** Until the other change has ended. */
async function behind(other: ChangeId, waiting: WaitingChange, ledger: Ledger): Promise<void> {
  const isOver = (): boolean => waiting.state !== 'waiting' || ledger.handingOver;
  if (ledger.waiting.has(other)) await condition(() => isOver() || !ledger.waiting.has(other));
  // One whose workflow an operator ended still stands in the database, until it expires there.
  else if (patched('looks-become-rare')) await condition(isOver, patienceWith(waiting.change));
  else await sleep('1 second');
}

const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** As long as it has waited already: looks become rare, and each run goes on where the one before has left off. */
const patienceWith = ({ receivedAt }: AcceptedChange): number =>
  Math.min(Math.max(Date.now() - Date.parse(receivedAt), SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);

/** Until it is decided; each stage has its own time. */
async function decided(waiting: Waiting, ledger: Ledger): Promise<void> {
  while (waiting.state === 'waiting' && !ledger.handingOver) {
    const { due } = waiting;
    const hasMoved = await condition(
      () => waiting.state !== 'waiting' || waiting.due !== due || ledger.handingOver,
      Math.max(1, Date.parse(due.at) - Date.now()),
    );
    if (!hasMoved) await moveByItself(waiting, { kind: due.kind }, ledger);
  }
  await condition(() => !waiting.isMoving);
}

/** @throws OPERATION_NOT_WAITING */
export async function moveApproval(
  ledger: Ledger,
  { change, target, order, by, at }: ApprovalMove,
): Promise<ApprovalState> {
  const waiting =
    target === undefined ? ledger.waiting.get(change) : ledger.waitingSteps.get(approvalIdOf(change, target));
  if (waiting === undefined || ('awaits' in waiting && waiting.awaits.kind !== 'approval'))
    throw ApplicationFailure.create({
      nonRetryable: true,
      type: 'OPERATION_NOT_WAITING',
      message: 'The change does not wait for an approval.',
    });
  return move(waiting, order, by, at, () => ledger.handingOver);
}

/** A deactivation or deletion: whatever waits is of no use any more. */
export function cancelAll(ledger: Ledger): void {
  for (const waiting of [...ledger.waiting.values(), ...ledger.waitingSteps.values()])
    ledger.background(moveByItself(waiting, { kind: 'cancel' }, ledger));
}

/** A change that is taken back: nobody has to decide about its steps any more. */
export function withdrawSteps(ledger: Ledger, change: ChangeId): void {
  for (const waiting of ledger.waitingSteps.values())
    if (waiting.change.id === change) ledger.background(moveByItself(waiting, { kind: 'withdraw' }, ledger));
}

/** Between two tries to move what could not be moved, for a reason that nobody foresaw. */
const MOVED_AGAIN_AFTER = '10 minutes';

/** What the engine itself does about an approval. Nobody waits for it, so it never fails: it is tried again. */
async function moveByItself(waiting: Waiting, order: ApprovalOrder, ledger: Ledger): Promise<void> {
  const at = now();
  // What ends an approval is in no other place, so the next run would not do it.
  const mustStop = (): boolean => ledger.handingOver && order.kind !== 'cancel' && order.kind !== 'withdraw';
  for (;;) {
    try {
      await move(waiting, order, '', at, mustStop);
      return;
    } catch (failure) {
      if (!isUnforeseen(failure)) {
        // There is nothing any more that could be approved.
        if (isStoreFailure(failure)) waiting.state = 'cancelled';
        else if (!isHandingOver(failure)) throw failure;
        return;
      }
    }
    if (await condition(() => ledger.handingOver, MOVED_AGAIN_AFTER)) return;
  }
}

async function move(
  waiting: Waiting,
  order: ApprovalOrder,
  by: string,
  at: string,
  mustStop: () => boolean,
): Promise<ApprovalState> {
  while (waiting.isMoving) await condition(() => !waiting.isMoving);
  waiting.isMoving = true;
  try {
    const { change, target } = waiting;
    const { tenant, id } = change;
    const input = { tenant, change: id, ...(target && { target }), order, by, at };
    const moved = await whenStored(() => core.moveApproval(input), mustStop);
    waiting.expiresAt = moved.expiresAt;
    waiting.due = moved.due;
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
