import { condition } from '@temporalio/workflow';
import { core } from './activity-options.ts';
import { handingOver } from './handing-over.ts';
import type { InFlight } from './in-flight.ts';
import { type Ledger, now } from './ledger.ts';
import type { ResourceWorkflowInput } from './messages.ts';
import { withdrawSteps } from './waiting.ts';

/**
 * Takes a change back: the targets that confirmed it, in reverse order, then the store.
 *
 * A target whose compensation fails is parked and doesn't keep the others. One that failed or was cut off may have done
 * the step all the same; it is asked afterwards, without keeping anybody waiting.
 *
 * @returns false where a later change stands on top in the store, so that nothing was put back there
 * @throws HANDING_OVER; the next run begins anew with what is left
 */
export async function undo(ledger: Ledger, change: InFlight, input: ResourceWorkflowInput): Promise<boolean> {
  const { tenant, resourceType, resourceId } = input;
  const id = change.change.id;
  change.takeBack();
  for (const lane of ledger.lanes.values()) lane.drop(id);
  withdrawSteps(ledger, id);

  for (const outcome of [...change.outcomes].reverse()) {
    if (outcome.result !== 'confirmed') continue;
    ledger.oweUndo(change, outcome.target);
    const lane = ledger.lanes.get(outcome.target);
    await condition(() => lane === undefined || !lane.owes(id) || lane.isParkedFor(id) || ledger.handingOver);
    if (ledger.handingOver) throw handingOver();
  }

  const restored =
    change.mode === 'provision-only' || (await core.restore({ tenant, resourceType, resourceId, change: id }));
  change.note('store-restored', now(), { restored });
  change.restored = restored;
  change.undoing = false;
  change.undone = true;

  for (const { target } of change.steps) {
    if (!change.hasBegun(target)) continue;
    if (change.outcomeAt(target)?.result !== 'compensated' && !ledger.lanes.get(target)?.owes(id))
      ledger.oweUndo(change, target);
  }
  if (ledger.lanesOwe(id)) ledger.reportStanding(change);
  else ledger.finish(change, 'compensated');
  ledger.show();
  return restored;
}
