import {
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { JobActivities } from '../activities/contract.ts';
import { cancelJobSignal, type JobWorkflowInput } from './messages.ts';

/** A page waits for targets that are slow, and gives signs of life meanwhile; a killed worker's page is done again. */
const jobs = proxyActivities<JobActivities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

const LONGEST_PAUSE_MS = 30_000;

/**
 * A piece of work over many resources, a page at a time in the order of ids, until all that it asked for has an end or
 * waits for a person. What it has reached is in its record after every page, so the next run goes on from there.
 */
export async function job(input: JobWorkflowInput): Promise<void> {
  const { tenant, job: id } = input;
  const isCancelled = { now: false };
  setHandler(cancelJobSignal, () => {
    isCancelled.now = true;
  });

  // Changes that were accepted by a process that had not heard of the newest policy come first.
  if (input.reach.cursor === undefined && input.quietMs > 0) await sleep(input.quietMs);
  let { reach } = input;
  for (let isLast = input.walked ?? false; !isLast && !isCancelled.now; ) {
    const page = await unlessCancelled(() => jobs.jobPage({ tenant, job: id, reach }), isCancelled);
    if (page === undefined) break;
    ({ reach, isLast } = page);
    if (workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > input.continueAfterEvents)
      await continueAsNew<typeof job>({ ...input, reach, walked: isLast });
  }

  for (let pause = 500; !isCancelled.now && (await jobs.jobHasOpenChanges({ tenant, job: id })); ) {
    await condition(() => isCancelled.now, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    if (workflowInfo().historyLength > input.continueAfterEvents)
      await continueAsNew<typeof job>({ ...input, reach, walked: true });
  }
  await jobs.endJob({ tenant, job: id, state: isCancelled.now ? 'cancelled' : 'done' });
}

/** A page that waits for a target is not waited for when the job is cancelled. */
async function unlessCancelled<Page>(
  read: () => Promise<Page>,
  isCancelled: { readonly now: boolean },
): Promise<Page | undefined> {
  const scope = new CancellationScope();
  void condition(() => isCancelled.now).then(
    () => scope.cancel(),
    () => undefined,
  );
  try {
    return await scope.run(read);
  } catch (error) {
    if (isCancelled.now && isCancellation(error)) return undefined;
    throw error;
  }
}
