import { setTimeout as delay } from 'node:timers/promises';
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { isProvostError, ProvostError } from '../../domain/errors.ts';
import type { JobId, TenantId } from '../../domain/ids.ts';
import type { Job } from '../../domain/job.ts';
import type { ChangeRecord, ChangeStore } from '../../stores/changes.ts';
import type { JobStore } from '../../stores/jobs.ts';
import type { JobActivities } from '../contract.ts';
import type { ReprojectionRequest, RequestReprojection } from '../request-reprojection.ts';
import { type PagesDependencies, readPage } from './pages.ts';

export interface JobDependencies extends PagesDependencies {
  readonly jobs: JobStore;
  readonly changes: ChangeStore;
  requestReprojection: RequestReprojection;
  /** Gives a recorded change to its resource's workflow once more. */
  handOverAgain(change: ChangeRecord): Promise<void>;
  now(): Date;
}

/** Changes of one job that may be open at once: enough to keep targets busy, few enough to stop soon when cancelled. */
const MOST_OPEN = 500;

/** Requests handed to resources' workflows at once. */
const AT_ONCE = 10;

/** What is recorded for so long, milliseconds, and no workflow has written, may never have come to one. */
const HANDED_OVER_BY_NOW_MS = 20_000;

/** Between two signs of life, milliseconds. */
const BEAT_MS = 2_000;

/** The activities of jobs. A page is done anew where its worker was killed: what was asked for already is not again. */
export const jobActivities = (dependencies: JobDependencies): JobActivities => ({
  async jobPage({ tenant, job: id, reach }) {
    const { jobs, requestReprojection } = dependencies;
    const job = await existingJob(tenant, id, dependencies);
    return beating(async () => {
      await roomForMore(job, dependencies);
      const page = await readPage(job, reach.cursor, dependencies).catch((error: unknown) =>
        endAsFailed(job, error, dependencies),
      );
      if (page === undefined) return { reach, isLast: true };
      const { requests, touched = 0, examined, next } = page;
      await inParallel(requests, requestReprojection);
      const reached = {
        examined: reach.examined + examined,
        touched: reach.touched + touched + requests.length,
        ...(next === undefined ? {} : { cursor: next }),
      };
      await jobs.reached(tenant, id, reached);
      return { reach: reached, isLast: next === undefined };
    });
  },

  async jobHasOpenChanges({ tenant, job }) {
    const { changes, handOverAgain, now } = dependencies;
    if ((await changes.countOpenOfJob(tenant, job, 1)) === 0) return false;
    // A worker that died between recording a request and handing it over has its page done anew, where the resource may
    // be gone by then: nobody else would come back to the request.
    const before = new Date(now().getTime() - HANDED_OVER_BY_NOW_MS).toISOString();
    for (const change of await changes.receivedOfJob(tenant, job, before, AT_ONCE)) await handOverAgain(change);
    return true;
  },

  async endJob({ tenant, job, state }) {
    const { jobs, changes, now } = dependencies;
    // A million changes take a while to count.
    await beating(async () => jobs.recount(tenant, job, await changes.endedOfJob(tenant, job)));
    await jobs.end(tenant, job, state, now().toISOString());
  },
});

/** Gives signs of life while something takes long. */
async function beating<T>(work: () => Promise<T>): Promise<T> {
  const beat = setInterval(() => heartbeat(), BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}

async function existingJob(tenant: TenantId, id: JobId, { jobs }: JobDependencies): Promise<Job> {
  const job = await jobs.find(tenant, id);
  if (job === undefined) throw new ProvostError('NOT_FOUND', 'The job has no record.');
  return job;
}

/** What nobody can help by waiting ends the job, and says why. */
async function endAsFailed({ tenant, id }: Job, error: unknown, { jobs, now }: JobDependencies): Promise<undefined> {
  if (!isProvostError(error) || error.traits.retryable) throw error;
  await jobs.end(tenant, id, 'failed', now().toISOString(), error.message);
  return undefined;
}

/** Waits while the targets have enough to do. Parked changes wait for a person, and are nobody's hurry. */
async function roomForMore({ tenant, id }: Job, { changes }: JobDependencies): Promise<void> {
  const signal = cancellationSignal();
  const isFull = async (): Promise<boolean> => (await changes.countOpenOfJob(tenant, id, MOST_OPEN)) >= MOST_OPEN;
  for (let pause = 100; await isFull(); pause = Math.min(pause * 2, 2_000)) await delay(pause, undefined, { signal });
}

async function inParallel(requests: readonly ReprojectionRequest[], request: RequestReprojection): Promise<void> {
  const waiting = [...requests];
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await request(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
