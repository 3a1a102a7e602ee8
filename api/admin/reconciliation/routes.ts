import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ProvostError } from '../../../domain/errors.ts';
import { asJobId, type JobId, type TenantId } from '../../../domain/ids.ts';
import type { Job } from '../../../domain/job.ts';
import { ACTIONS } from '../../../domain/reconciliation.ts';
import type { Finding } from '../../../stores/findings.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { decodeCursor, toPage } from '../page.ts';
import { InvalidRequest } from '../problem.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { MEDIA_TYPES, reportLines } from './report.ts';
import { decisionInput, findingCounts, findingPage, findingsQuery, findingView } from './schemas.ts';

const GROUP = 'Reconciliation';
const RUN = '/tenants/:tenant/jobs/:job/findings';
const ONE = '/tenants/:tenant/findings/:finding';

type Dependencies = Pick<RoutesDependencies, 'record' | 'findings' | 'jobs' | 'jobControl'>;

/** What reconciliations found, and what persons decide about it. */
export function reconciliationRoutes({ findings, jobs, jobControl, record }: Dependencies): AdminRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: RUN,
      operation: 'listFindings',
      group: GROUP,
      summary: 'List what a reconciliation found',
      permission: 'view changes',
      query: findingsQuery,
      answer: {
        status: 200,
        description: 'A page of findings, without values; each shows its own.',
        schema: findingPage,
      },
      async handle({ tenant, parameters, query: { cursor, limit, situation, state } }) {
        const run = await reconciliation(tenant, parameters.job);
        const [after] = decodeCursor(cursor, 1) ?? [];
        const found = await findings.list(tenant, {
          run,
          limit: limit + 1,
          ...(after === undefined ? {} : { after }),
          ...(situation === undefined ? {} : { situation }),
          ...(state === undefined ? {} : { state }),
        });
        const { items, ...rest } = toPage(found, limit, ({ id }) => [id]);
        return { body: { ...rest, items: items.map(({ confirmed: _was, held: _is, ...finding }) => finding) } };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${RUN}/counts`,
      operation: 'countFindings',
      group: GROUP,
      summary: 'Count what a reconciliation found',
      permission: 'view changes',
      answer: { status: 200, description: 'Numbers by situation and state.', schema: findingCounts },
      async handle({ tenant, parameters }) {
        const run = await reconciliation(tenant, parameters.job);
        return { body: { items: await findings.count(tenant, run) } };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${RUN}/report`,
      operation: 'downloadFindings',
      group: GROUP,
      summary: 'Download the report of a reconciliation',
      description: 'As CSV (RFC 4180) or JSON lines. Values of persons are not in it.',
      permission: 'view changes',
      query: z.strictObject({ format: z.enum(['csv', 'jsonl']).default('csv') }),
      answer: { status: 200, description: 'The report, as a file.' },
      async handle({ tenant, parameters, query: { format } }) {
        const run = await reconciliation(tenant, parameters.job);
        return {
          body: undefined,
          file: {
            name: `reconciliation-${run}.${format}`,
            mediaType: MEDIA_TYPES[format],
            chunks: reportLines(format, (page) => findings.list(tenant, { ...page, run })),
          },
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: ONE,
      operation: 'readFinding',
      group: GROUP,
      summary: 'Read a finding, with what the target confirmed and what it holds',
      permission: 'operate',
      answer: { status: 200, description: 'The finding.', schema: findingView },
      async handle({ tenant, parameters }) {
        return { body: await existing(tenant, parameters.finding) };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ONE}/decide`,
      operation: 'decideFinding',
      group: GROUP,
      summary: 'Decide about a finding that waits',
      permission: 'operate',
      body: decisionInput,
      answer: { status: 202, description: 'It is being carried out.', schema: findingView },
      failures: { 409: 'It does not wait for a decision.' },
      async handle({ tenant, principal, parameters, body: { action } }) {
        const finding = await existing(tenant, parameters.finding);
        if (!ACTIONS[finding.situation].includes(action))
          throw new InvalidRequest([
            { path: 'action', message: `About this one can be decided: ${ACTIONS[finding.situation].join(', ')}.` },
          ]);
        const state = action === 'report' ? 'reported' : 'decided';
        if (!(await findings.decide(finding, action, principal.credential, state)))
          throw new ProvostError('OPERATION_NOT_WAITING', 'The finding does not wait for a decision.');
        await record({ tenant, principal }, 'finding-decided', { finding: finding.id, target: finding.target, action });
        if (state === 'decided') {
          const task = { kind: 'carry-out-findings', target: finding.target, run: finding.run } as const;
          await jobControl.start({ tenant, id: asJobId(randomUUID()), task, startedBy: principal.credential });
        }
        return { body: await existing(tenant, finding.id) };
      },
    }),
  ];

  async function reconciliation(tenant: TenantId, id: string): Promise<JobId> {
    const job: Job | undefined = await jobs.find(tenant, asJobId(id));
    if (job?.task.kind === 'reconcile-target') return job.id;
    throw new ProvostError('NOT_FOUND', 'There is no reconciliation with this id.');
  }

  async function existing(tenant: TenantId, id: string): Promise<Finding> {
    const found = await findings.find(tenant, id);
    if (found === undefined) throw new ProvostError('NOT_FOUND', 'There is no finding with this id.');
    return found;
  }
}
