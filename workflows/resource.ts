import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { AcceptedChange } from '../domain/change.ts';
import { core } from './activity-options.ts';
import type { InFlight } from './in-flight.ts';
import { Ledger } from './ledger.ts';
import {
  type Acknowledgement,
  applyChangeUpdate,
  compensateChangeUpdate,
  type ResourceWorkflowInput,
  retryStepUpdate,
  skipStepUpdate,
  standingQuery,
} from './messages.ts';
import { compensateChange, retryStep, skipStep } from './operator.ts';
import { Turns } from './turns.ts';
import { undo } from './undo.ts';
import { showState, standingOf } from './visibility.ts';

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
  let handingOver = false;

  setHandler(standingQuery, () => standingOf(ledger.changes.values(), ledger.lanes.values()));
  setHandler(applyChangeUpdate, applyChange, { validator: refuseWhileHandingOver });
  setHandler(retryStepUpdate, (decision) => retryStep(ledger, decision, input), { validator: refuseWhileHandingOver });
  setHandler(skipStepUpdate, async (decision) => skipStep(ledger, decision), { validator: refuseWhileHandingOver });
  setHandler(compensateChangeUpdate, (decision) => compensateChange(ledger, decision, input), {
    validator: refuseWhileHandingOver,
  });

  for (const change of ledger.changes.values()) if (change.mayBeUndone && !change.undone) void holdUntilDecided(change);
  for (const lane of ledger.lanes.values()) lane.start();

  for (;;) {
    await condition(() => ledger.reports.length > 0 || isDrained() || mustHandOver());
    if (ledger.reports.length > 0) await report();
    else if (isDrained()) break;
    else await handOver();
  }
  showState('settled');

  /** From the client's request to its answer. */
  async function applyChange(change: AcceptedChange): Promise<Acknowledgement> {
    hasWorked = true;
    await turns.take(change.urgent);
    let inFlight: InFlight;
    let acknowledgement: Acknowledgement;
    try {
      const persisted = await core.persist(change);
      acknowledgement = { mode: persisted.mode, reference: persisted.reference };
      inFlight = ledger.add(change, persisted);
      if (inFlight.mayBeUndone) void holdUntilDecided(inFlight);
    } finally {
      turns.done();
    }
    if (inFlight.isBlocking) await blockingTargets(inFlight);
    ledger.show();
    return acknowledgement;
  }

  /** Waits for every blocking target. @throws the target's failure, after everything was taken back */
  async function blockingTargets(change: InFlight): Promise<void> {
    const isDecided = (): boolean => change.blockingConfirmed || change.decisiveFailure !== undefined || change.undoing;
    if (!(await condition(isDecided, settings.blockingWaitMs))) giveUpBlocking(change);
    if (change.blockingConfirmed && !change.undoing && !change.undone) return;
    await condition(() => change.undone);
    const failure = change.decisiveFailure;
    const name = change.steps.find((step) => step.target === failure?.target)?.name ?? 'A blocking target';
    throw ApplicationFailure.create({
      nonRetryable: true,
      type: failure?.code ?? 'TARGET_REJECTED',
      message: `${name}: ${failure?.message ?? 'the change was taken back by an operator'}`,
    });
  }

  function giveUpBlocking(change: InFlight): void {
    for (const step of change.steps) {
      if (!step.blocking || change.outcomeAt(step.target) !== undefined) continue;
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
      () => change.isComplete || change.undoing || change.undone || change.decisiveFailure !== undefined || handingOver,
    );
    if (change.decisiveFailure !== undefined && !change.undoing && !change.undone) {
      undoing += 1;
      await undo(ledger, change, input);
      undoing -= 1;
    }
    turns.release();
  }

  async function report(): Promise<void> {
    await core.report({ tenant, resourceType, resourceId, reports: ledger.reports.splice(0) });
  }

  function isDrained(): boolean {
    return hasWorked && allHandlersFinished() && undoing === 0 && ledger.isSettled;
  }

  function mustHandOver(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return historyLength > settings.continueAfterEvents || continueAsNewSuggested;
  }

  /** A busy resource's history grows without end: the next run goes on where this one stands. */
  async function handOver(): Promise<void> {
    handingOver = true;
    await condition(() => allHandlersFinished() && undoing === 0);
    for (const lane of ledger.lanes.values()) lane.stop();
    await condition(() => [...ledger.lanes.values()].every((lane) => lane.isStill));
    if (ledger.reports.length > 0) await report();
    if (isDrained()) return;
    await continueAsNew<typeof resource>({ ...input, carried: ledger.carried() });
  }

  function refuseWhileHandingOver(_update: unknown): void {
    if (!handingOver) return;
    throw ApplicationFailure.create({
      type: 'HANDING_OVER',
      message: 'The workflow is handing over to its next run; send the same request again.',
    });
  }
}
