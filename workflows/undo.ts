import { condition } from '@temporalio/workflow';
import { core } from './activity-options.ts';
import { handingOver } from './handing-over.ts';
import type { InFlight } from './in-flight.ts';
import { type Ledger, now } from './ledger.ts';
import type { ResourceWorkflowInput } from './messages.ts';
import { isStoreFailure, storeFailure, whenStored } from './stored.ts';
import { withdrawSteps } from './waiting.ts';

/** Where a compensation stands: `kept` where the store was left, `parked` where an operator has to decide about it. */
export type Undone = 'restored' | 'kept' | 'parked';

/**
 * Takes a change back: the targets that confirmed it, in reverse order, then the store.
 *
 * A target whose compensation fails is parked and doesn't keep the others. One that failed or was cut off may have done
 * the step all the same; it is asked afterwards, without keeping anybody waiting.
 *
 * @throws HANDING_OVER; the next run begins anew with what is left
 */
export async function undo(ledger: Ledger, change: InFlight, input: ResourceWorkflowInput): Promise<Undone> {
  const id = change.change.id;
  change.takeBack();
  change.storeParked = undefined;
  for (const lane of ledger.lanes.values()) lane.drop(id);
  withdrawSteps(ledger, id);

  for (const outcome of [...change.outcomes].reverse()) {
    if (outcome.result !== 'confirmed') continue;
    ledger.oweUndo(change, outcome.target);
    const lane = ledger.lanes.get(outcome.target);
    await condition(() => lane === undefined || !lane.owes(id) || lane.isParkedFor(id) || ledger.handingOver);
    if (ledger.handingOver) throw handingOver();
  }
  return restoreStore(ledger, change, input);
}

/** How an operator has the store restored that could not be restored as it was. */
export interface RestoreOrder {
  /** With values that they edited. */
  readonly edited?: boolean;
  /** Not at all: the change stays in the store. */
  readonly keep?: boolean;
}

/**
 * Puts the store back, and then the targets that are not, yet. Where that cannot be done, it is parked; nothing waits for
 * it.
 *
 * @throws HANDING_OVER; the next run begins anew with what is left
 */
export async function restoreStore(
  ledger: Ledger,
  change: InFlight,
  input: ResourceWorkflowInput,
  order: RestoreOrder = {},
): Promise<Undone> {
  const { tenant, resourceType, resourceId } = input;
  const id = change.change.id;
  change.storeParked = undefined;
  let restored: boolean;
  try {
    restored =
      change.mode === 'provision-only' ||
      (await whenStored(
        () => core.restore({ tenant, resourceType, resourceId, change: id, ...order }),
        () => ledger.handingOver,
      ));
  } catch (failure) {
    if (!isStoreFailure(failure)) throw failure;
    ledger.parkStore(change, 'restore', storeFailure(failure));
    return 'parked';
  }
  change.note('store-restored', now(), { restored });
  change.restored = restored;
  change.undoing = false;
  change.undone = true;

  // Targets hold what stood before the change. Where the store does not, they are brought to what it holds.
  const isOtherwise = order.edited === true || order.keep === true;
  for (const { target } of change.steps) {
    if (!change.hasBegun(target)) continue;
    const isBack = change.outcomeAt(target)?.result === 'compensated';
    if (isOtherwise || (!isBack && !ledger.lanes.get(target)?.owes(id))) ledger.oweUndo(change, target, isOtherwise);
  }
  if (ledger.lanesOwe(id)) ledger.reportStanding(change);
  else ledger.finish(change, 'compensated');
  ledger.show();
  return restored ? 'restored' : 'kept';
}
