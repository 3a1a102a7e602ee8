import { cancellationSignal } from '@temporalio/activity';
import type { AccountType } from '../../connectors/connector.ts';
import { isCapable } from '../../domain/capabilities.ts';
import { ProvostError } from '../../domain/errors.ts';
import { asResourceId, type TenantId } from '../../domain/ids.ts';
import type { Job, JobTask } from '../../domain/job.ts';
import { findTarget, type Policy, type Target } from '../../domain/policy.ts';
import { ACTIONS, actionFor, DEFAULT_MOST_CHANGES, type ReconciliationAction } from '../../domain/reconciliation.ts';
import type { Finding, FindingStore } from '../../stores/findings.ts';
import type { Page } from '../jobs/pages.ts';
import { createGate, type GateDependencies } from '../provision/admission/gate.ts';
import { type MeteredConnector, meterConnector } from '../provision/admission/metered-connector.ts';
import type { WithConnector } from '../provision/index.ts';
import type { RequestReprojection } from '../request-reprojection.ts';
import { type ActDependencies, act } from './act.ts';
import { type Difference, type ExamineDependencies, examineAccounts, examineUnmet, type Run } from './examine.ts';

export interface ReconcileDependencies extends ExamineDependencies, ActDependencies, GateDependencies {
  readonly links: ExamineDependencies['links'] & ActDependencies['links'];
  readonly findings: FindingStore;
  readonly policies: { current(tenant: TenantId): Promise<Policy>; renewed(tenant: TenantId): Promise<Policy> };
  withConnector: WithConnector;
  requestReprojection: RequestReprojection;
  now(): Date;
}

export type Reconcile = ReturnType<typeof createReconcile>;

/** Decisions carried out in one page. */
const DECISIONS = 50;

/**
 * Pages of a reconciliation: first the target's users, then its groups, then the links whose accounts were not among
 * them. The cursor says which, and how far.
 */
export function createReconcile(dependencies: ReconcileDependencies) {
  const gate = createGate(dependencies);

  /** Opens a run for one page, and learns from its calls how the target fares, as from those of steps. */
  async function inRun<Result>(
    { tenant, id }: Job,
    wanted: Target['id'],
    examine: (run: Run) => Promise<Result>,
  ): Promise<Result> {
    const known = await dependencies.policies.current(tenant);
    // It may have been added a moment ago.
    const policy = findTarget(known, wanted) === undefined ? await dependencies.policies.renewed(tenant) : known;
    const target = findTarget(policy, wanted);
    if (target === undefined) throw new ProvostError('NOT_FOUND', 'The target is not configured any more.');
    const signal = cancellationSignal();
    const caller = { tenant, target, resource: asResourceId(id), urgent: false, signal };
    const { probing } = await gate.enter(caller);
    let connector: MeteredConnector | undefined;
    try {
      return await dependencies.withConnector(tenant, target, (opened) => {
        // What nobody here knows is not what the guard counts: a run has a limit of its own.
        connector = meterConnector(opened, { caller, gate, beforeAccountGoes: async () => undefined });
        return examine({ tenant, id, target, policy, connector, signal });
      });
    } finally {
      await gate.learn(caller, connector?.lastCall, probing);
    }
  }

  /** Handed over before it is noted down: a worker that dies in between does it once more. */
  async function carryOut(finding: Finding, action: ReconciliationAction, run: Run): Promise<void> {
    const { request, ...settled } = await act(finding, action, run, dependencies);
    if (request !== undefined) await dependencies.requestReprojection(request);
    await dependencies.findings.settle(finding, settled);
  }

  /** Records differences, and does about each what is configured. @returns how many it acted on */
  async function follow(differences: readonly Difference[], run: Run, dryRun: boolean): Promise<number> {
    const { findings, now } = dependencies;
    const policy = run.target.reconciliation ?? {};
    let left = (policy.mostChanges ?? DEFAULT_MOST_CHANGES) - (dryRun ? 0 : await changesSoFar(run, findings));
    let acted = 0;
    for (const difference of differences) {
      const configured = actionFor(policy, difference.situation);
      const acts = !dryRun && configured !== 'report' && configured !== 'park';
      const isTooMany = acts && left <= 0;
      const action: ReconciliationAction = dryRun ? 'report' : isTooMany ? 'park' : configured;
      const finding: Finding = {
        ...difference,
        id: idOf(difference, run),
        tenant: run.tenant,
        target: run.target.id,
        run: run.id,
        action: dryRun ? configured : action,
        state: action === 'report' ? 'reported' : 'waiting',
        foundAt: now().toISOString(),
        ...(isTooMany
          ? {
              note: `More than ${policy.mostChanges ?? DEFAULT_MOST_CHANGES} differences in one run: decide about the rest.`,
            }
          : {}),
      };
      const isNew = await findings.add(finding);
      if (!acts || isTooMany) continue;
      if (!isNew && (await findings.find(run.tenant, finding.id))?.state !== 'waiting') continue;
      left -= 1;
      acted += 1;
      await carryOut(finding, action, run);
    }
    return acted;
  }

  return {
    page: (job: Job, task: ReconcileTask, cursor: string | undefined): Promise<Page> =>
      inRun(job, task.target, (run) => examinePage(run, task, cursor)),

    /** What persons decided about findings of an earlier run. */
    async decisions(job: Job, task: Extract<JobTask, { kind: 'carry-out-findings' }>): Promise<Page> {
      const decided = await dependencies.findings.list(job.tenant, {
        run: task.run,
        state: 'decided',
        limit: DECISIONS,
      });
      if (decided.length === 0) return { requests: [], examined: 0 };
      await inRun(job, task.target, async (run) => {
        for (const finding of decided) await carryOut(finding, finding.action, run);
      });
      const touched = decided.length;
      return { requests: [], touched, examined: touched, ...(touched === DECISIONS ? { next: 'more' } : {}) };
    },
  };

  async function examinePage(run: Run, task: ReconcileTask, cursor: string | undefined): Promise<Page> {
    const { capabilities } = run.connector;
    const types = (['User', 'Group'] as const).filter(
      (type) => run.target.resourceTypes.includes(type) && isCapable(capabilities, type),
    );
    const [phase = types[0] ?? 'links', ...rest] = cursor?.split('/') ?? [];
    const place = rest.join('/');
    if (phase !== 'User' && phase !== 'Group') {
      const { differences, examined, next } = await examineUnmet(place, run, dependencies);
      const touched = await follow(differences, run, task.dryRun);
      return { requests: [], touched, examined, ...(next === undefined ? {} : { next: `links/${next}` }) };
    }
    const type: AccountType = phase;
    const { accounts, next } = await run.connector.list(type, place === '' ? undefined : place, run.signal);
    const differences = await examineAccounts(accounts, type, run, dependencies);
    const touched = await follow(differences, run, task.dryRun);
    const following = types[types.indexOf(type) + 1] ?? 'links';
    return {
      requests: [],
      touched,
      examined: accounts.length,
      next: next === undefined ? `${following}/` : `${type}/${next}`,
    };
  }
}

type ReconcileTask = Extract<JobTask, { kind: 'reconcile-target' }>;

/** Waiting ones do not count: nothing was done about them. */
async function changesSoFar({ tenant, id }: Run, findings: FindingStore): Promise<number> {
  return (await findings.count(tenant, id))
    .filter(({ state }) => state === 'done' || state === 'failed')
    .reduce((sum, { count }) => sum + count, 0);
}

const idOf = ({ situation, resourceType, remoteId, resourceId }: Difference, { id }: Run): string =>
  `${id}:${resourceType}:${remoteId ?? resourceId ?? ''}${situation === 'members-differ' ? ':members' : ''}`;

/** Whether a person may decide so about a finding. */
export const mayDecide = ({ situation }: Finding, action: ReconciliationAction): boolean =>
  ACTIONS[situation].includes(action);
