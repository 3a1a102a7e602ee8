import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import { bulkPages } from './activity-options.ts';
import { type BulkProgress, type BulkWorkflowInput, bulkProgressQuery } from './messages.ts';
import { showState } from './visibility.ts';

/**
 * One bulk request (RFC 7644 §3.7), a page of its operations after the other. What is asked for is in the store; here
 * are its id and counts. Every operation is done by its resource's own workflow.
 */
export async function bulk({ tenant, bulk: id, operations, pages }: BulkWorkflowInput): Promise<BulkProgress> {
  const codes: Record<string, number> = {};
  let failed = 0;
  let stopped = false;
  const progress = (): BulkProgress => ({ operations, codes, failed, stopped });
  setHandler(bulkProgressQuery, progress);

  for (let page = 0; page < pages && !stopped; page += 1) {
    const end = await bulkPages(page, pages).runBulkPage({ tenant, bulk: id, page, failed });
    for (const [code, count] of Object.entries(end.codes)) codes[code] = (codes[code] ?? 0) + count;
    failed += end.failed;
    stopped = end.stopped;
    setCurrentDetails(inWords(progress()));
  }
  await bulkPages(pages, pages).endBulk({ tenant, bulk: id });
  showState('settled');
  return progress();
}

/** For an operator, on the workflow's own page. */
function inWords({ operations, codes, failed, stopped }: BulkProgress): string {
  const ended = Object.values(codes).reduce((sum, count) => sum + count, 0);
  return [
    `${ended} of ${operations} operations have ended, ${failed} of them failed.`,
    ...(stopped ? ['So many failed that the rest is not begun, as the client asked.'] : []),
    ...Object.entries(codes).map(([code, count]) => `- ${code}: ${count}`),
  ].join('\n');
}
