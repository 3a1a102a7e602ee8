import { ApplicationFailure } from '@temporalio/workflow';
import { core } from './activity-options.ts';
import type { InFlight } from './in-flight.ts';
import type { Lane } from './lane.ts';
import type { Ledger } from './ledger.ts';
import type { OperatorDecision, ResourceWorkflowInput } from './messages.ts';
import { undo } from './undo.ts';

/** Tries parked steps of a change again, with the policy as it is now. @returns how many */
export async function retryStep(
  ledger: Ledger,
  decision: OperatorDecision,
  input: ResourceWorkflowInput,
): Promise<number> {
  const parked = parkedFor(ledger, decision);
  const policyVersion = await core.newestPolicyVersion({ tenant: input.tenant });
  for (const lane of parked) {
    const { change, at, actor, edited = false, comment } = decision;
    const why = edited && comment !== undefined ? { comment } : {};
    const facts = { target: lane.target, ...why };
    ledger.changes.get(change)?.note(edited ? 'step-edited' : 'step-retried', at, facts, actor);
    lane.retry(policyVersion, edited ? change : undefined);
  }
  ledger.show();
  return parked.length;
}

/** Goes on without parked steps of a change. @returns how many */
export function skipStep(ledger: Ledger, decision: OperatorDecision): number {
  const parked = parkedFor(ledger, decision);
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
  return parked.length;
}

/** Takes a change back that has not settled. @returns whether the store stands as before it */
export function compensateChange(
  ledger: Ledger,
  decision: OperatorDecision,
  input: ResourceWorkflowInput,
): Promise<boolean> {
  const change = ledger.changes.get(decision.change);
  if (change === undefined || isBeingTakenBack(change)) throw notWaiting();
  change.note('compensation-ordered', decision.at, {}, decision.actor);
  return undo(ledger, change, input);
}

const isBeingTakenBack = (change: InFlight): boolean => change.undoing || change.undone;

function parkedFor(ledger: Ledger, { change, target }: OperatorDecision): Lane[] {
  const parked = [...ledger.lanes.values()].filter(
    (lane) => lane.isParkedFor(change) && (target === undefined || lane.target === target),
  );
  if (parked.length === 0) throw notWaiting();
  return parked;
}

const notWaiting = (): ApplicationFailure =>
  ApplicationFailure.create({
    nonRetryable: true,
    type: 'OPERATION_NOT_WAITING',
    message: 'Nothing of this change waits for a decision.',
  });
