import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
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
import { compensateChange, retryStep, skipStep } from './operator.ts';
import { Turns } from './turns.ts';
import { undo } from './undo.ts';
import { showState, standingOf } from './visibility.ts';
import { cancelAll, moveApproval, pending, waitFor, waitForSteps } from './waiting.ts';

/**
 * The one owner of one resource. Changes come as updates, are written one after another, and reach every target that
 * the policy asks for; the run lives while there is work and ends when everything has settled.
 */
export async function resource(input: ResourceWorkflowInput): Promise<void> {
  const { tenant, resourceType, resourceId, settings } = input;
  const ledger = new Ledger(input);
  const turns = new Turns();
  let hasWorked = input.carried !== undefined;
  let undoing = 0;
  let submitted = 0;
  const inbox: AcceptedChange[] = [];

  setHandler(standingQuery, () => standingOf(ledger));
  setHandler(submitChangeSignal, (change) => {
    if (ledger.handingOver) inbox.push(change);
    else void submit(change);
  });
  const whileRunning = { validator: refuseWhileHandingOver };
  setHandler(applyChangeUpdate, applyChange, whileRunning);
  const retry = (decision: OperatorDecision) => retryStep(ledger, decision, input);
  const skip = async (decision: OperatorDecision) => skipStep(ledger, decision);
  const compensate = (decision: OperatorDecision) => compensateChange(ledger, decision, input);
  const approve = (move: ApprovalMove) => moveApproval(ledger, move);
  setHandler(retryStepUpdate, onceAccepted(ledger, retry), whileRunning);
  setHandler(skipStepUpdate, onceAccepted(ledger, skip), whileRunning);
  setHandler(compensateChangeUpdate, onceAccepted(ledger, compensate), whileRunning);
  setHandler(moveApprovalUpdate, onceAccepted(ledger, approve), whileRunning);

  for (const change of input.carried?.inbox ?? []) void submit(change);
  for (const change of ledger.changes.values()) {
    if (change.undoing) void takeBack(change);
    if (change.mayBeUndone && !change.undone) void holdUntilDecided(change);
    waitForSteps(change, ledger);
  }
  for (const lane of ledger.lanes.values()) lane.start();
  if (input.carried !== undefined) ledger.show();

  for (;;) {
    await condition(() => ledger.reports.length > 0 || isDrained() || mustHandOver());
    if (ledger.reports.length > 0) await report();
    else if (isDrained()) break;
    else await handOver();
  }
  showState('settled');

  /** A change that nobody waits for: what comes of it is in its record. */
  async function submit(change: AcceptedChange): Promise<void> {
    hasWorked = true;
    if (ledger.changes.has(change.id) || ledger.waiting.has(change.id)) return;
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
    if (known !== undefined) return acknowledge(known, await core.persist(change));
    if (ledger.waiting.has(change.id)) throw pending();
    const { inFlight, persisted } = await write(change);
    return acknowledge(inFlight, persisted);
  }

  /** In its turn. One that was sent as urgent and is not waits for its turn after all, in the order in which it came. */
  async function write(sent: AcceptedChange): Promise<Written> {
    const place = turns.place();
    let turn = turns.take(sent.urgent, place);
    for (let change = sent; ; change = { ...change, urgent: false }) {
      await turn;
      try {
        // A step that ends while the change is written may just have made an account that the decision did not see.
        const underWay = ledger.targetsUnderWay;
        const persisted = await core.persist(change);
        const { deactivation } = persisted;
        if (deactivation !== undefined) begin(deactivation.change, deactivation.persisted, underWay);
        // Both an update and a signal may bring it: a client that stopped waiting still has its change done.
        if (persisted.awaits !== undefined) {
          void waitFor({ ...change, urgent: false }, persisted.awaits, ledger, resume);
          throw pending();
        }
        if (persisted.notUrgent !== true) return { inFlight: begin(change, persisted, underWay), persisted };
        turn = turns.take(false, place);
      } finally {
        turns.done();
      }
    }
  }

  /** Goes on with a change that was just written: with what it does, whatever it was sent as. */
  function begin(sent: AcceptedChange, persisted: Persisted, underWay: ReadonlySet<TargetId>): InFlight | undefined {
    const change = { ...sent, urgent: persisted.urgent ?? sent.urgent };
    if (change.urgent) cancelAll(ledger);
    const standing = ledger.changes.get(change.id);
    const inFlight = persisted.ended ? undefined : (standing ?? ledger.add(change, persisted, underWay));
    if (standing === undefined && inFlight?.mayBeUndone) void holdUntilDecided(inFlight);
    if (standing === undefined && inFlight !== undefined) waitForSteps(inFlight, ledger);
    return inFlight;
  }

  /** A change that has waited: here, or in the next run. */
  function resume(change: AcceptedChange): void {
    if (ledger.handingOver) inbox.push(change);
    else void submit(change);
  }

  /** The answer, when every blocking target has confirmed. */
  async function acknowledge(change: InFlight | undefined, { mode, reference }: Persisted): Promise<Acknowledgement> {
    if (change?.isBlocking) await blockingTargets(change);
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
    await condition(() => change.undone || ledger.handingOver);
    if (!change.undone) throw handingOver();
    throw ApplicationFailure.create({
      nonRetryable: true,
      type: change.takenBack?.code ?? 'TARGET_REJECTED',
      message: change.takenBack?.message ?? 'The change was taken back.',
    });
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
    await condition(() => !change.undoing || ledger.handingOver);
    turns.release();
  }

  async function takeBack(change: InFlight): Promise<void> {
    undoing += 1;
    try {
      await undo(ledger, change, input);
    } catch (error) {
      if (!isHandingOver(error)) throw error;
    } finally {
      undoing -= 1;
    }
  }

  async function report(): Promise<void> {
    await core.report({ tenant, resourceType, resourceId, reports: ledger.reports.splice(0) });
  }

  function isDrained(): boolean {
    return hasWorked && allHandlersFinished() && submitted + undoing + ledger.waiting.size === 0 && ledger.isSettled;
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
    if (ledger.reports.length > 0) await report();
    if (inbox.length === 0 && isDrained()) return;
    await continueAsNew<typeof resource>({ ...input, carried: ledger.carried(inbox) });
  }

  function refuseWhileHandingOver(_update: unknown): void {
    if (ledger.handingOver) throw handingOver();
  }
}

interface Written {
  /** Absent where nothing is left to do about it. */
  readonly inFlight: InFlight | undefined;
  readonly persisted: Persisted;
}
