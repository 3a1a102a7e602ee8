import type { ChangeReport, ResourceKey } from '../activities/contract.ts';
import { STORE, storeStep } from '../domain/change.ts';
import { core } from './activity-options.ts';
import { isHandingOver } from './handing-over.ts';
import { now } from './ledger.ts';
import type { Records } from './records.ts';
import { isStoreFailure, storeFailure, whenStored } from './stored.ts';

/**
 * Records what has come of changes. What cannot be recorded is parked by itself, and keeps neither the others nor the
 * run: its record says so, and an operator has it tried again.
 *
 * @param mustStop whether the next run has to go on instead
 * @returns false where the database is away and the next run has to record it
 */
export async function record(records: Records, key: ResourceKey, mustStop: () => boolean): Promise<boolean> {
  const batch = records.take();
  const failure = await attempt(batch);
  if (failure === undefined) {
    records.done();
    return true;
  }
  for (const report of batch) {
    if (isHandingOver(failure)) return giveBack();
    // It waits behind an earlier one of its change.
    if (records.parked.has(report.change)) continue;
    const alone = batch.length === 1 ? failure : await attempt([report]);
    if (isHandingOver(alone)) return giveBack();
    if (alone === undefined) records.done(report);
    else await park(report, alone);
  }
  return true;

  function giveBack(): false {
    records.putBack();
    return false;
  }

  async function attempt(reports: readonly ChangeReport[]): Promise<unknown> {
    try {
      await whenStored(() => core.report({ ...key, reports }), mustStop);
      return undefined;
    } catch (error) {
      if (isHandingOver(error) || isStoreFailure(error)) return error;
      throw error;
    }
  }

  async function park(report: ChangeReport, reason: unknown): Promise<void> {
    const parked = { ...storeFailure(reason), since: now() };
    records.park(report, parked);
    const steps = [...report.steps.filter(({ target }) => target !== STORE), storeStep(parked)];
    // Where even that fails, the workflow's own page and its search attribute say it.
    await attempt([{ ...report, state: 'parked', steps, facts: [], recordOnly: true }]);
  }
}
