import type { Client } from '@temporalio/client';
import { hasEnded } from '../domain/change.ts';
import { resourceWorkflowId } from '../domain/ids.ts';
import type { ChangeStore } from '../stores/changes.ts';
import type { StagedDeletion, StagedDeletionStore } from '../stores/staged-deletions.ts';
import { type OperatorDecision, retryStepUpdate, skipStepUpdate } from '../workflows/messages.ts';
import { keepLooking } from './keep-looking.ts';
import { isWaitingNoMore } from './waiting-no-more.ts';

export interface DecisionsDependencies {
  readonly stagedDeletions: Pick<StagedDeletionStore, 'claimDecided' | 'carriedOut' | 'release'>;
  readonly changes: Pick<ChangeStore, 'list' | 'find'>;
  readonly temporal: Client;
  readonly lookEveryMs: number;
  now(): number;
  log(message: string, facts: object): void;
}

/** Decisions carried out at once. */
const AT_ONCE = 16;
/** Another worker takes over what one has not carried out by then. */
const CLAIMED_FOR_MS = 30_000;

/** Tells steps what an operator decided about their staged deletions: those approved try again, those rejected are skipped. */
export function carryOutDecisions(dependencies: DecisionsDependencies): { stop(): Promise<void> } {
  const { stagedDeletions, now, log, lookEveryMs } = dependencies;

  async function carryOutSome(): Promise<number> {
    const claimed = await stagedDeletions.claimDecided(AT_ONCE, now(), now() + CLAIMED_FOR_MS);
    const carried = await Promise.all(
      claimed.map(async (staged) => {
        try {
          if (!(await tell(staged, dependencies))) {
            await stagedDeletions.release(staged);
            return 0;
          }
          await stagedDeletions.carriedOut(staged);
          return 1;
        } catch (error) {
          log('a step could not be told of a decision; it is told again', {
            change: staged.change,
            error: String(error),
          });
          return 0;
        }
      }),
    );
    return carried.filter((one) => one === 1).length;
  }

  return keepLooking({
    look: async () => (await carryOutSome()) > 0,
    everyMs: lookEveryMs,
    failed: (error) =>
      log('could not carry out decisions about staged deletions; trying again', { error: String(error) }),
  });
}

/** @returns false where the step is still on its way to be parked: a deletion is staged a moment before */
async function tell(staged: StagedDeletion, { changes, temporal }: DecisionsDependencies): Promise<boolean> {
  const { tenant, target, resourceType, resourceId, decision } = staged;
  if (decision === undefined) return true;
  const workflow = temporal.workflow.getHandle(resourceWorkflowId(resourceType, tenant, resourceId));
  const parked = await changes.list(tenant, { resourceId, state: 'parked', limit: 200 });
  // Several changes may wait in one step; each has an answer of its own to get.
  const waiting = parked.filter(({ steps }) =>
    steps.some((step) => step.target === target && step.result === 'parked'),
  );
  if (waiting.length === 0) return !(await isUnderWay(staged, changes));
  for (const { id } of waiting) {
    const order: OperatorDecision = { change: id, target, actor: decision.by, at: decision.at };
    try {
      await workflow.executeUpdate(decision.verdict === 'approved' ? retryStepUpdate : skipStepUpdate, {
        args: [order],
      });
    } catch (error) {
      if (!isWaitingNoMore(error)) throw error;
    }
    // One retry takes all of a step with it.
    if (decision.verdict === 'approved') return true;
  }
  return true;
}

/** Nothing is recorded of the step yet, and its change has not ended. */
async function isUnderWay(
  { tenant, target, change }: StagedDeletion,
  changes: Pick<ChangeStore, 'find'>,
): Promise<boolean> {
  const found = await changes.find(tenant, change);
  return found !== undefined && !hasEnded(found.state) && !found.steps.some((step) => step.target === target);
}
