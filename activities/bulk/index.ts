import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { ChangeRequest } from '../../domain/change.ts';
import { ProvostError } from '../../domain/errors.ts';
import type { BulkRequestStore, EndedPage } from '../../stores/bulk-requests.ts';
import type { BulkActivities, BulkPageEnd, BulkPageInput } from './contract.ts';
import { isPending, OK, type Outcome, runSteps } from './run-steps.ts';

export interface BulkDependencies {
  readonly bulkRequests: BulkRequestStore;
  /**
   * Hands a change to its resource's workflow and waits for the answer; handing it over again gives the same answer.
   *
   * @throws ProvostError where the engine gives no answer
   */
  applyChange(change: ChangeRequest, policyVersion: number, urgent: boolean, signal: AbortSignal): Promise<Outcome>;
  now(): Date;
}

/** Operations of one bulk request under way at once. */
const AT_ONCE = 16;

/** Between two signs of life, milliseconds; the workflow says when a worker that gives none is lost. */
const BEAT_MS = 2_000;

/** The activities of bulk requests. Temporal retries them, so every line may run more than once. */
export const bulkActivities = (dependencies: BulkDependencies): BulkActivities => ({
  async runBulkPage(input) {
    const { tenant, bulk, page } = input;
    const { bulkRequests } = dependencies;
    const [record, found] = await Promise.all([bulkRequests.find(tenant, bulk), bulkRequests.page(tenant, bulk, page)]);
    if (record === undefined || found === undefined)
      throw new ProvostError('NOT_FOUND', 'The bulk request has no record.');
    if (!Array.isArray(found)) return inCounts(found as EndedPage);

    let done = 0;
    const beat = setInterval(() => heartbeat({ done }), BEAT_MS);
    try {
      const signal = cancellationSignal();
      const ended = await runSteps(found, {
        earlier: await bulkRequests.codesBefore(tenant, bulk, page),
        mayFail: (record.failOnErrors ?? Number.POSITIVE_INFINITY) - input.failed,
        atOnce: AT_ONCE,
        signal,
        applyChange: (change, urgent) => dependencies.applyChange(change, record.policyVersion, urgent, signal),
        ended: (count) => {
          done = count;
        },
      });
      await bulkRequests.endPage(tenant, bulk, page, ended);
      return inCounts(ended);
    } finally {
      clearInterval(beat);
    }
  },

  endBulk: ({ tenant, bulk }: Pick<BulkPageInput, 'tenant' | 'bulk'>) =>
    dependencies.bulkRequests.end(tenant, bulk, dependencies.now()),
});

function inCounts({ results, stopped }: EndedPage): BulkPageEnd {
  const codes: Record<string, number> = {};
  for (const { error } of results) codes[error?.code ?? OK] = (codes[error?.code ?? OK] ?? 0) + 1;
  const failed = results.filter(({ error }) => error !== undefined && !isPending(error.code)).length;
  return { codes, failed, stopped };
}
