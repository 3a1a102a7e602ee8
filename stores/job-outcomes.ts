import type { Collection } from 'mongoose';
import { type ChangeState, OPEN_STATES } from '../domain/change.ts';
import type { JobId, TenantId } from '../domain/ids.ts';

export const UNDER_WAY = OPEN_STATES.filter((state) => state !== 'parked');
const ENDED_STATES = ['settled', 'compensated', 'rejected'] as const satisfies readonly ChangeState[];

/** Numbers of changes of a job that have not ended. `open`: neither ended nor parked. */
export interface OpenOfJob {
  readonly open: number;
  readonly parked: number;
}

/** Numbers of changes of a job that have ended. */
export interface EndedOfJob {
  readonly confirmed: number;
  readonly failed: number;
}

/** What became of a change that has ended, as its job counts it. @param results of its steps */
export const outcomeOf = (state: ChangeState, results: readonly string[]): keyof EndedOfJob =>
  state === 'settled' && !results.includes('failed') ? 'confirmed' : 'failed';

/** What is under way and what is parked of each of these jobs; those without either are left out. */
export async function openOfJobs(
  changes: Collection,
  tenant: TenantId,
  jobs: readonly JobId[],
): Promise<Map<JobId, OpenOfJob>> {
  const rows = (await changes
    .aggregate([
      { $match: { tenant, job: { $in: jobs }, state: { $in: OPEN_STATES } } },
      { $group: { _id: { job: '$job', state: '$state' }, changes: { $sum: 1 } } },
    ])
    .toArray()) as unknown as OpenRow[];
  const found = new Map<JobId, OpenOfJob>();
  for (const { _id, changes: count } of rows) {
    const { open, parked } = found.get(_id.job) ?? { open: 0, parked: 0 };
    found.set(_id.job, _id.state === 'parked' ? { open, parked: parked + count } : { open: open + count, parked });
  }
  return found;
}

interface OpenRow {
  readonly _id: { readonly job: JobId; readonly state: ChangeState };
  readonly changes: number;
}

/** How the changes of a job ended that have. It reads all of them: once, when the job ends. */
export async function endedOfJob(changes: Collection, tenant: TenantId, job: JobId): Promise<EndedOfJob> {
  const rows = (await changes
    .aggregate([
      { $match: { tenant, job, state: { $in: ENDED_STATES } } },
      { $group: { _id: { state: '$state', results: '$steps.result' }, changes: { $sum: 1 } } },
    ])
    .toArray()) as unknown as EndedRow[];
  const ended = { confirmed: 0, failed: 0 };
  for (const { _id, changes: count } of rows) ended[outcomeOf(_id.state, _id.results ?? [])] += count;
  return ended;
}

interface EndedRow {
  readonly _id: { readonly state: ChangeState; readonly results?: readonly string[] };
  readonly changes: number;
}
