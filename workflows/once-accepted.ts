import { patched, sleep } from '@temporalio/workflow';
import { handingOver } from './handing-over.ts';
import type { Ledger } from './ledger.ts';

/**
 * Obeys an order when it is in the history, one workflow task after it came. Until then Temporal may lose the task that
 * took it, and deliver it anew behind events that came meanwhile. What local activities had done about it, or told the
 * audit trail, would then belong to a past that never was: a user gone from the store whose creation goes on.
 *
 * @throws HANDING_OVER; the next run is asked
 */
export const onceAccepted =
  <Order, Result>(ledger: Ledger, obey: (order: Order) => Promise<Result>) =>
  (order: Order): Promise<Result> =>
    patched('orders-once-accepted') ? accepted(ledger).then(() => obey(order)) : obey(order);

async function accepted(ledger: Ledger): Promise<void> {
  // A timer has its task done first: nothing else that is as short ends it.
  await sleep(1);
  if (ledger.handingOver) throw handingOver();
}
