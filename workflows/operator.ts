import { ApplicationFailure, condition, patched } from '@temporalio/workflow';
import { type AcceptedChange, STORE } from '../domain/change.ts';
import { core } from './activity-options.ts';
import { handingOver } from './handing-over.ts';
import type { InFlight } from './in-flight.ts';
import type { Lane } from './lane.ts';
import type { Ledger } from './ledger.ts';
import type { OperatorDecision, ResourceWorkflowInput } from './messages.ts';
import { type RestoreOrder, undo } from './undo.ts';

/** Begins work of a change on our own database again. Nobody waits for it: it is parked again where it fails. */
export interface StoreWork {
  persist(change: AcceptedChange): void;
  restore(change: InFlight, order: RestoreOrder): void;
}

/** Tries parked steps of a change again, with the policy as it is now. @returns how many */
export async function retryStep(
  ledger: Ledger,
  decision: OperatorDecision,
  input: ResourceWorkflowInput,
  store: StoreWork,
): Promise<number> {
  const parked = parkedFor(ledger, decision);
  const inStore = isOfStore(decision) ? retryStore(ledger, decision, store) : 0;
  if (parked.length + inStore === 0) throw notWaiting();
  if (parked.length > 0) {
    const policyVersion = await core.newestPolicyVersion({ tenant: input.tenant });
    for (const lane of parked) {
      const { change, edited = false } = decision;
      noteRetry(ledger.changes.get(change), decision, lane.target);
      lane.retry(policyVersion, edited ? change : undefined);
    }
  }
  ledger.show();
  return parked.length + inStore;
}

/** @returns how much work on our own database is begun again */
function retryStore(ledger: Ledger, decision: OperatorDecision, store: StoreWork): number {
  const change = ledger.changes.get(decision.change);
  const parked = change?.storeParked;
  if (parked?.work === 'persist' && decision.edited) throw notWaiting();
  if (change !== undefined && parked !== undefined) {
    noteRetry(change, decision, STORE);
    if (parked.work === 'restore') store.restore(change, { edited: decision.edited ?? false });
    else {
      ledger.reportStanding(change);
      store.persist(change.change);
    }
  }
  return (parked === undefined ? 0 : 1) + (ledger.records.retry(decision.change) ? 1 : 0);
}

function noteRetry(change: InFlight | undefined, decision: OperatorDecision, target: Lane['target']): void {
  const { at, actor, edited = false, comment } = decision;
  const why = edited && comment !== undefined ? { comment } : {};
  change?.note(edited ? 'step-edited' : 'step-retried', at, { target, ...why }, actor);
}

/** Goes on without parked steps of a change, or leaves it in the store that cannot be restored. @returns how many */
export function skipStep(ledger: Ledger, decision: OperatorDecision, store: StoreWork): number {
  const parked = parkedFor(ledger, decision);
  const inStore = isOfStore(decision) ? skipStore(ledger, decision, store) : 0;
  if (parked.length + inStore === 0) throw notWaiting();
  for (const lane of parked) {
    lane.drop(decision.change);
    const change = ledger.changes.get(decision.change);
    if (change === undefined) continue;
    change.note('step-skipped', decision.at, { target: lane.target }, decision.actor);
    change.settle({ target: lane.target, result: 'skipped', by: decision.actor });
    if (change.undone && !ledger.lanesOwe(decision.change)) ledger.finish(change, 'compensated');
    else ledger.settleIfComplete(change);
  }
  ledger.show();
  return parked.length + inStore;
}

function skipStore(ledger: Ledger, { change: id, at, actor }: OperatorDecision, store: StoreWork): number {
  const change = ledger.changes.get(id);
  if (change?.storeParked?.work !== 'restore') return 0;
  change.note('step-skipped', at, { target: STORE }, actor);
  store.restore(change, { keep: true });
  return 1;
}

/** Takes a change back that has not settled. @returns whether the store stands as before it */
export async function compensateChange(
  ledger: Ledger,
  decision: OperatorDecision,
  input: ResourceWorkflowInput,
): Promise<boolean> {
  const change = ledger.changes.get(decision.change);
  if (change === undefined || change.undone || change.storeParked?.work === 'restore') throw notWaiting();
  if (change.undoing) {
    if (patched('same-answer-when-ordered-twice')) return outcomeOf(change, ledger);
    throw notWaiting();
  }
  change.note('compensation-ordered', decision.at, {}, decision.actor);
  const undone = await undo(ledger, change, input);
  return undone === 'parked' ? outcomeOf(change, ledger) : undone === 'restored';
}

/** Ordered a second time, to the next run maybe: the answer is that of the first. */
async function outcomeOf(change: InFlight, ledger: Ledger): Promise<boolean> {
  await condition(() => change.undone || change.storeParked !== undefined || ledger.handingOver);
  const { storeParked } = change;
  if (storeParked !== undefined)
    throw ApplicationFailure.create({
      nonRetryable: true,
      type: storeParked.code,
      message: `The change is not compensated: ${storeParked.message} The compensation is parked.`,
    });
  if (!change.undone) throw handingOver();
  return change.restored === true;
}

const isOfStore = ({ target }: OperatorDecision): boolean => target === undefined || target === STORE;

function parkedFor(ledger: Ledger, { change, target }: OperatorDecision): Lane[] {
  return [...ledger.lanes.values()].filter(
    (lane) => lane.isParkedFor(change) && (target === undefined || lane.target === target),
  );
}

const notWaiting = (): ApplicationFailure =>
  ApplicationFailure.create({
    nonRetryable: true,
    type: 'OPERATION_NOT_WAITING',
    message: 'Nothing of this change waits for a decision.',
  });
