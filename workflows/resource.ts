import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Persisted } from '../activities/contract.ts';
import type { AcceptedChange } from '../domain/change.ts';
import type { TargetId } from '../domain/ids.ts';
import { core } from './activity-options.ts';
import { handingOver, isHandingOver } from './handing-over.ts';
import type { InFlight } from './in-flight.ts';
import { Ledger } from './ledger.ts';
import {
  type Acknowledgement,
  type ApprovalMove,
  applyChangeUpdate,
  compensateChangeUpdate,
  moveApprovalUpdate,
  type OperatorDecision,
  type ResourceWorkflowInput,
  retryStepUpdate,
  skipStepUpdate,
  standingQuery,
  submitChangeSignal,
} from './messages.ts';
import { onceAccepted } from './once-accepted.ts';
import { compensateChange, retryStep, type StoreWork, skipStep } from './operator.ts';
import { record } from './record.ts';
import { isUnforeseen, storeFailure, whenStored } from './stored.ts';
import { Turns } from './turns.ts';
import { type RestoreOrder, restoreStore, undo } from './undo.ts';
import { showState, standingOf } from './visibility.ts';
import { cancelAll, moveApproval, pending, waitFor, waitForSteps } from './waiting.ts';

/**
 * The one owner of one resource. Changes come as updates, are written one after another, and reach every target that
 * the policy asks for; the run lives while there is work and ends when everything has settled.
 */
export async function resource(input: ResourceWorkflowInput): Promise<void> {
  const { tenant, resourceType, resourceId, settings } = input;
  const key = { tenant, resourceType, resourceId };
  const ledger = new Ledger(input);
  const { records } = ledger;
  const turns = new Turns();
  let hasWorked = input.carried !== undefined;
  let undoing = 0;
  let submitted = 0;
  /** The database is away, and it is time for the next run. */
  let cannotRecord = false;
  const inbox: AcceptedChange[] = [];

  // A handler is called for what came before the run's first task as soon as it is registered: all that the run before
  // left has its place by then. Runs that were begun by earlier code registered the handlers first.
  const isWholeBefore = input.carried === undefined || patched('whole-before-handlers');
  if (isWholeBefore) {
    holdOn();
    takeUpInbox();
    startLanes();
  }
  const store: StoreWork = {
    persist: (change) => ledger.background(submit(change)),
    restore: (change, order) => ledger.background(restore(change, order)),
  };
  setHandler(standingQuery, () => standingOf(ledger));
  setHandler(submitChangeSignal, (change) => {
    if (ledger.handingOver) inbox.push(change);
    else ledger.background(submit(change));
  });
  const whileRunning = { validator: refuseWhileHandingOver };
  setHandler(applyChangeUpdate, applyChange, whileRunning);
  const retry = (decision: OperatorDecision) => retryStep(ledger, decision, input, store);
  const skip = async (decision: OperatorDecision) => skipStep(ledger, decision, store);
  const compensate = (decision: OperatorDecision) => compensateChange(ledger, decision, input);
  const approve = (move: ApprovalMove) => moveApproval(ledger, move);
  setHandler(retryStepUpdate, onceAccepted(ledger, retry), whileRunning);
  setHandler(skipStepUpdate, onceAccepted(ledger, skip), whileRunning);
  setHandler(compensateChangeUpdate, onceAccepted(ledger, compensate), whileRunning);
  setHandler(moveApprovalUpdate, onceAccepted(ledger, approve), whileRunning);
  if (!isWholeBefore) {
    takeUpInbox();
    holdOn();
    startLanes();
  }

  for (;;) {
    await condition(() => hasCrashed() || mayRecord() || isDrained() || mustHandOver());
    // An error of ours fails the task, which is done again by code that is mended; a run that ended would forget its work.
    if (hasCrashed()) throw new Error('Work that nobody waits for has failed.', { cause: ledger.crash });
    if (mayRecord()) cannotRecord = !(await record(records, key, mustHandOver));
    else if (isDrained()) break;
    else await handOver();
  }
  showState('settled');

  /** Goes on with what may have to be taken back, before anything else is written on top of it. */
  function holdOn(): void {
    for (const change of ledger.changes.values()) {
      if (change.undoing && change.storeParked === undefined) ledger.background(takeBack(change));
      if (change.mayBeUndone && !change.undone) ledger.background(holdUntilDecided(change));
      waitForSteps(change, ledger);
    }
  }

  function takeUpInbox(): void {
    for (const change of input.carried?.inbox ?? []) ledger.background(submit(change));
  }

  function startLanes(): void {
    for (const lane of ledger.lanes.values()) lane.start();
    if (input.carried !== undefined) ledger.show();
  }

  /** A change that nobody waits for: what comes of it is in its record. */
  async function submit(change: AcceptedChange): Promise<void> {
    hasWorked = true;
    if (ledger.changes.get(change.id)?.isUnstored === false || ledger.waiting.has(change.id)) return;
    submitted += 1;
    try {
      await applyChange(change);
    } catch (error) {
      // The next run takes it, wherever it stood; done already, it does nothing there.
      if (isHandingOver(error)) inbox.push(change);
      else if (!(error instanceof ActivityFailure || error instanceof ApplicationFailure)) throw error;
    } finally {
      submitted -= 1;
    }
  }

  /** From the client's request to its answer. */
  async function applyChange(change: AcceptedChange): Promise<Acknowledgement> {
    hasWorked = true;
    const known = ledger.changes.get(change.id);
    // Sent again, to a run that took it over from the one it was sent to first.
    if (known !== undefined && !known.isUnstored) return acknowledge(known, await stored(change));
    if (ledger.waiting.has(change.id)) throw pending();
    const { inFlight, persisted } = await write(change, known);
    return acknowledge(inFlight, persisted);
  }

  /**
   * In its turn. One that was sent as urgent and is not waits for its turn after all, in the order in which it came.
   *
   * @param known the same change, where it could not be stored before
   */
  async function write(sent: AcceptedChange, known: InFlight | undefined): Promise<Written> {
    const place = turns.place();
    let turn = turns.take(sent.urgent, place);
    let unstored = known;
    for (let change = sent; ; change = { ...change, urgent: false }) {
      await turn;
      try {
        // A step that ends while the change is written may just have made an account that the decision did not see.
        const underWay = ledger.targetsUnderWay;
        const known = ledger.known();
        const persisted = await persist(change, unstored);
        unstored = undefined;
        const { deactivation } = persisted;
        if (deactivation !== undefined) begin(deactivation.change, deactivation.persisted, { underWay, known });
        // Both an update and a signal may bring it: a client that stopped waiting still has its change done.
        if (persisted.awaits !== undefined) {
          ledger.background(waitFor({ ...change, urgent: false }, persisted.awaits, ledger, resume));
          throw pending();
        }
        if (persisted.notUrgent !== true) {
          const inFlight = begin(change, persisted, { underWay, known });
          const reason = inFlight === undefined ? known.get(change.id)?.() : undefined;
          if (reason !== undefined && persisted.ended !== true) throw takenBack(reason);
          return { inFlight, persisted };
        }
        turn = turns.take(false, place);
      } finally {
        turns.done();
      }
    }
  }

  /**
   * Goes on with a change that was just written: with what it does, whatever it was sent as.
   *
   * @returns what is left to do; nothing where it came before, and has ended
   */
  function begin(sent: AcceptedChange, persisted: Persisted, { underWay, known }: Before): InFlight | undefined {
    const change = { ...sent, urgent: persisted.urgent ?? sent.urgent };
    if (change.urgent) cancelAll(ledger);
    const standing = ledger.changes.get(change.id);
    if (standing !== undefined || persisted.ended) return persisted.ended ? undefined : standing;
    // It may have ended while it was written, and what was read of it then does not say so.
    if (known.has(change.id) && patched('ends-once')) return undefined;
    if (persisted.undo !== undefined) {
      const undone = ledger.addUndo(change, persisted, persisted.undo);
      ledger.background(takeBack(undone));
      ledger.background(holdUntilDecided(undone));
      return undone;
    }
    const inFlight = ledger.add(change, persisted, underWay);
    if (inFlight.mayBeUndone) ledger.background(holdUntilDecided(inFlight));
    waitForSteps(inFlight, ledger);
    if (persisted.reference.changed) retryRestores();
    return inFlight;
  }

  function stored(change: AcceptedChange): Promise<Persisted> {
    return whenStored(
      () => core.persist(change),
      () => ledger.handingOver,
    );
  }

  /**
   * Writes the change. One that fails in every attempt, for a reason that nobody foresaw, is parked, and the next is
   * written.
   *
   * @param unstored the same change, where that has happened before
   */
  async function persist(change: AcceptedChange, unstored: InFlight | undefined): Promise<Persisted> {
    if (unstored !== undefined) {
      // What is to be recorded of it must not come after what is written now.
      await condition(() => !records.isPending(change.id) || ledger.handingOver);
      if (ledger.handingOver) throw handingOver();
      if (ledger.changes.get(change.id) !== unstored || !unstored.isUnstored) throw notStored();
      ledger.changes.delete(change.id);
    }
    try {
      return await stored(change);
    } catch (failure) {
      if (isHandingOver(failure) && unstored !== undefined) ledger.changes.set(change.id, unstored);
      if (!isUnforeseen(failure) || ledger.changes.has(change.id)) throw failure;
      ledger.parkUnstored(change, storeFailure(failure));
      throw notStored();
    }
  }

  /** What was written now stands on top of what could not be taken back, or a name has become free. */
  function retryRestores(): void {
    for (const change of ledger.changes.values())
      if (change.storeParked?.work === 'restore') ledger.background(restore(change, {}));
  }

  /** A change that has waited: here, or in the next run. */
  function resume(change: AcceptedChange): void {
    if (ledger.handingOver) inbox.push(change);
    else ledger.background(submit(change));
  }

  /** The answer, when every blocking target has confirmed. */
  async function acknowledge(
    change: InFlight | undefined,
    { mode, reference, undo }: Persisted,
  ): Promise<Acknowledgement> {
    if (change?.isBlocking) await blockingTargets(change);
    if (undo?.because !== undefined) throw takenBack(undo.because);
    ledger.show();
    return { mode, reference };
  }

  /**
   * Waits for every blocking target, but not for ever. What removes access stands whatever a target says: its client is
   * answered when the time is over, or the step is parked.
   *
   * @throws the target's failure, after everything was taken back
   */
  async function blockingTargets(change: InFlight): Promise<void> {
    const isParked = (target: TargetId): boolean => ledger.lanes.get(target)?.isParkedFor(change.change.id) === true;
    const isTakenBack = (): boolean => change.decisiveFailure !== undefined || change.undoing || change.undone;
    const isDecided = (): boolean => change.isAnswered(isParked) || isTakenBack();
    const isInTime = await condition(() => isDecided() || ledger.handingOver, settings.blockingWaitMs);
    if (!isInTime) giveUpBlocking(change);
    if (!isTakenBack()) {
      if (isInTime && !isDecided()) throw handingOver();
      return;
    }
    await condition(() => change.undone || change.storeParked !== undefined || ledger.handingOver);
    if (!change.undone && change.storeParked === undefined) throw handingOver();
    throw takenBack(change.takenBack ?? { code: 'TARGET_REJECTED', message: 'The change was taken back.' });
  }

  /** Fails the blocking steps that would take the change back. Others go on without the client. */
  function giveUpBlocking(change: InFlight): void {
    for (const step of change.steps) {
      if (!step.blocking || step.onFailure !== 'compensate' || change.outcomeAt(step.target) !== undefined) continue;
      const message = ledger.lanes.get(step.target)?.drop(change.change.id) ?? 'it gave no answer';
      ledger.fail(change, step.target, {
        code: 'TARGET_TIMED_OUT',
        message: `not confirmed within ${settings.blockingWaitMs} ms (${message})`,
      });
    }
  }

  /** No ordinary change is written on top of one that may have to be taken back. */
  async function holdUntilDecided(change: InFlight): Promise<void> {
    turns.hold();
    await condition(
      () =>
        !change.isUndecided ||
        change.undoing ||
        change.undone ||
        change.decisiveFailure !== undefined ||
        ledger.handingOver,
    );
    if (change.decisiveFailure !== undefined && !change.undoing && !change.undone) await takeBack(change);
    await condition(() => !change.undoing || change.storeParked !== undefined || ledger.handingOver);
    turns.release();
  }

  function takeBack(change: InFlight): Promise<void> {
    return whileUndoing(() => undo(ledger, change, input));
  }

  function restore(change: InFlight, order: RestoreOrder): Promise<void> {
    return whileUndoing(() => restoreStore(ledger, change, input, order));
  }

  async function whileUndoing(work: () => Promise<unknown>): Promise<void> {
    undoing += 1;
    try {
      await work();
    } catch (error) {
      if (!isHandingOver(error)) throw error;
    } finally {
      undoing -= 1;
    }
  }

  function hasCrashed(): boolean {
    return ledger.crash !== undefined;
  }

  function mayRecord(): boolean {
    return records.areWaiting && !cannotRecord;
  }

  function isDrained(): boolean {
    const isDone = submitted + undoing + ledger.waiting.size === 0 && ledger.isSettled && records.areDone;
    return hasWorked && allHandlersFinished() && isDone;
  }

  function mustHandOver(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return historyLength > settings.continueAfterEvents || continueAsNewSuggested;
  }

  /** A busy resource's history grows without end: the next run goes on where this one stands. */
  async function handOver(): Promise<void> {
    ledger.handingOver = true;
    // Clients that wait, for their turn or for a blocking target, go on waiting at the next run.
    turns.dismiss(handingOver());
    for (const lane of ledger.lanes.values()) lane.stop();
    const areStill = (): boolean => [...ledger.lanes.values()].every((lane) => lane.isStill);
    const waiting = (): number => ledger.waiting.size + ledger.waitingSteps.size;
    await condition(() => allHandlersFinished() && submitted + undoing + waiting() === 0 && areStill());
    if (records.areWaiting) await record(records, key, () => true);
    if (inbox.length === 0 && isDrained()) return;
    await continueAsNew<typeof resource>({ ...input, carried: ledger.carried(inbox) });
  }

  function refuseWhileHandingOver(_update: unknown): void {
    if (ledger.handingOver) throw handingOver();
  }
}

/** What there was to do when a change was about to be written. */
interface Before {
  readonly underWay: ReadonlySet<TargetId>;
  readonly known: ReturnType<Ledger['known']>;
}

interface Written {
  /** Absent where nothing is left to do about it. */
  readonly inFlight: InFlight | undefined;
  readonly persisted: Persisted;
}

/** Tells a client why its change was taken back. */
const takenBack = ({ code, message }: { readonly code: string; readonly message: string }): ApplicationFailure =>
  ApplicationFailure.create({ nonRetryable: true, type: code, message });

/** Tells a client that its change waits for an operator, without having been stored. */
const notStored = (): ApplicationFailure =>
  ApplicationFailure.create({
    nonRetryable: true,
    type: 'UNEXPECTED_FAILURE',
    message:
      'The change could not be stored because of an unexpected failure. It is kept, and an operator can retry it.',
  });
