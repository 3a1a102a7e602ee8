import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ProvostError } from '../../../domain/errors.ts';
import { asJobId, asTargetId, type TenantId } from '../../../domain/ids.ts';
import type { Job, JobTask } from '../../../domain/job.ts';
import { findTarget, type Policy } from '../../../domain/policy.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { decodeCursor, pageQuery, toPage } from '../page.ts';
import { InvalidRequest } from '../problem.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { jobInput, jobPage, jobView } from './schemas.ts';

const GROUP = 'Jobs';
const PATH = '/tenants/:tenant/jobs';

type JobsDependencies = Pick<RoutesDependencies, 'record' | 'jobs' | 'jobControl' | 'changes' | 'edits'>;

/** Work over many resources, with its progress. */
export function jobRoutes(dependencies: JobsDependencies): AdminRoute[] {
  const { jobs, jobControl, edits, record } = dependencies;
  return [
    defineRoute({
      method: 'post',
      path: PATH,
      operation: 'startJob',
      group: GROUP,
      summary: 'Start a job',
      description: 'It goes through all resources at low priority: what happens meanwhile overtakes it.',
      permission: 'operate',
      body: jobInput,
      answer: { status: 201, description: 'The job, just begun.', schema: jobView },
      failures: { 409: 'The target is being reconciled already.' },
      async handle({ tenant, principal, body }) {
        const task = toTask(body, await edits.newest(tenant));
        if (task.kind === 'reconcile-target' && (await jobs.isReconciling(tenant, task.target)))
          throw new ProvostError(
            'OPERATION_UNDER_WAY',
            'A reconciliation of this target is running; wait for it, or cancel it.',
          );
        const id = asJobId(randomUUID());
        await record({ tenant, principal }, 'job-started', { job: id, kind: task.kind });
        await jobControl.start({ tenant, id, task, startedBy: principal.credential });
        return {
          body: await viewOfJob(await existing(tenant, id), dependencies),
          location: `/tenants/${tenant}/jobs/${id}`,
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: PATH,
      operation: 'listJobs',
      group: GROUP,
      summary: 'List jobs, newest first',
      permission: 'view changes',
      query: z.strictObject(pageQuery),
      answer: { status: 200, description: 'A page of jobs.', schema: jobPage },
      async handle({ tenant, query }) {
        const [startedAt, id] = decodeCursor(query.cursor, 2) ?? [];
        const before = startedAt === undefined || id === undefined ? {} : { before: { startedAt, id: asJobId(id) } };
        const found = await jobs.list(tenant, { ...before, limit: query.limit + 1 });
        const { items, ...rest } = toPage(found, query.limit, (last) => [last.startedAt, last.id]);
        return { body: { ...rest, items: await viewsOfJobs(tenant, items, dependencies) } };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${PATH}/:job`,
      operation: 'readJob',
      group: GROUP,
      summary: 'Read a job with its progress',
      permission: 'view changes',
      answer: { status: 200, description: 'The job.', schema: jobView },
      async handle({ tenant, parameters }) {
        return { body: await viewOfJob(await existing(tenant, parameters.job), dependencies) };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${PATH}/:job/cancel`,
      operation: 'cancelJob',
      group: GROUP,
      summary: 'Cancel a job',
      description: 'No further resource is looked at. What it asked for already is done all the same.',
      permission: 'operate',
      answer: {
        status: 202,
        description: 'The job; its state changes when the page under way is done.',
        schema: jobView,
      },
      failures: { 409: 'It has ended.' },
      async handle({ tenant, principal, parameters }) {
        const job = await existing(tenant, parameters.job);
        if (job.state !== 'running') throw new ProvostError('OPERATION_NOT_WAITING', 'The job has ended.');
        await record({ tenant, principal }, 'job-cancelled', { job: job.id });
        await jobControl.cancel(tenant, job.id);
        return { body: await viewOfJob(job, dependencies) };
      },
    }),
  ];

  async function existing(tenant: TenantId, id: string): Promise<Job> {
    const found = await jobs.find(tenant, asJobId(id));
    if (found === undefined) throw new ProvostError('NOT_FOUND', 'There is no job with this id.');
    return found;
  }
}

/** @throws InvalidRequest where it names what is not there */
function toTask(input: z.output<typeof jobInput>, policy: Policy): JobTask {
  if (input.kind !== 'policy-edit') {
    const target = asTargetId(input.target);
    if (findTarget(policy, target) === undefined)
      throw new InvalidRequest([{ path: 'target', message: 'There is no target with this id.' }]);
    return { ...input, target };
  }
  for (const path of ['from', 'to'] as const) {
    if (input[path] > policy.version)
      throw new InvalidRequest([{ path, message: `The configuration is at version ${policy.version}.` }]);
  }
  return input;
}

/** A job as it may be read. */
export async function viewOfJob(job: Job, dependencies: Pick<RoutesDependencies, 'changes'>) {
  const [view] = await viewsOfJobs(job.tenant, [job], dependencies);
  if (view === undefined) throw new Error('a job has a view');
  return view;
}

/** Jobs of a tenant as they may be read: one question for all of them, whose cost is of what has not ended. */
async function viewsOfJobs(tenant: TenantId, jobs: readonly Job[], { changes }: Pick<RoutesDependencies, 'changes'>) {
  if (jobs.length === 0) return [];
  const open = await changes.openOfJobs(
    tenant,
    jobs.map(({ id }) => id),
  );
  return jobs.map(({ tenant: _tenant, cursor: _inside, task, confirmed, failed, ...job }) => ({
    ...job,
    ...task,
    progress: { open: 0, parked: 0, ...open.get(job.id), confirmed, failed },
  }));
}
