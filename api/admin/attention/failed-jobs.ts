import { asJobId } from '../../../domain/ids.ts';
import { namesIn } from '../changes/view.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import type { AttentionSource } from './source.ts';

/** A failure that nobody looked at for so long interests nobody. */
const LATELY_MS = 30 * 86_400_000;

/** Jobs that could not go on as things are configured. */
export const failedJobs = ({ jobs, now }: Pick<RoutesDependencies, 'jobs' | 'now'>): AttentionSource => ({
  kind: 'failed-job',
  async read({ tenant, policy, target, code, after, limit }) {
    if (code !== undefined) return { items: [] };
    const found = await jobs.failed(tenant, {
      endedAfter: new Date(now().getTime() - LATELY_MS).toISOString(),
      limit: limit + 1,
      ...(target === undefined ? {} : { target }),
      ...(after === undefined ? {} : { after: asJobId(after) }),
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(({ id, task, error, endedAt }) => ({
        kind: 'failed-job',
        job: id,
        because: `The job ${task.kind} could not go on: ${error ?? 'it did not say why.'}`,
        ...(endedAt === undefined ? {} : { since: endedAt }),
        ...('target' in task ? { target: task.target, name: namesIn(policy)(task.target) } : {}),
        actions: [{ operation: 'startJob', method: 'POST', path: `/tenants/${tenant}/jobs` }],
      })),
      ...(found.length > limit && last !== undefined ? { next: last.id } : {}),
    };
  },
});
