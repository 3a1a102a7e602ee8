import { asChangeId, asResourceId, type TargetId } from '../../domain/ids.ts';
import type { Job, JobTask } from '../../domain/job.ts';
import type { Policy } from '../../domain/policy.ts';
import { comparePolicies } from '../../domain/scope/compare-policies.ts';
import type { ChangeRecord, ChangeStore } from '../../stores/changes.ts';
import { type ComparePagesDependencies, comparedPage } from '../../stores/compared-page.ts';
import type { JobStore } from '../../stores/jobs.ts';
import type { LinkStore } from '../../stores/links.ts';
import { createMembershipReader } from '../../stores/membership-reader.ts';
import type { MembershipStore } from '../../stores/memberships.ts';
import { pauseByTime } from '../../stores/pause-by-time.ts';
import type { ResourceStore } from '../../stores/resources.ts';
import { walkResources } from '../../stores/walk-resources.ts';
import type { Reconcile } from '../reconcile/index.ts';
import type { ReprojectionRequest } from '../request-reprojection.ts';

export interface PagesDependencies extends ComparePagesDependencies {
  readonly jobs: JobStore;
  readonly resources: ResourceStore;
  readonly links: Pick<LinkStore, 'standingsOf'>;
  readonly memberships: MembershipStore;
  readonly policies: { at(tenant: Job['tenant'], version: number): Promise<Policy> };
  readonly reconcile: Reconcile;
  readonly changes: Pick<ChangeStore, 'list' | 'serviceProvidersOf'>;
  /** Tells a resource's workflow to try a parked step again. One that waits no more is left alone. */
  retryParked(order: RetryParked): Promise<void>;
}

export interface RetryParked {
  readonly tenant: Job['tenant'];
  readonly change: ChangeRecord;
  readonly target: TargetId;
  /** Credential id of who started the job. */
  readonly by: string;
}

/** What one page of a job asks for. */
export interface Page {
  readonly requests: readonly ReprojectionRequest[];
  /** What the page itself has done already, besides its requests. */
  readonly touched?: number;
  readonly examined: number;
  /** Cursor of the page behind it; absent on the last. */
  readonly next?: string;
}

/** Resources on a page: some seconds of work, so that little is done again when a worker is lost. */
const PAGE = 200;

/** Parked steps whose workflows are told at once. The target is called no faster than ever. */
const RETRIED_AT_ONCE = 10;

export function readPage(job: Job, cursor: string | undefined, dependencies: PagesDependencies): Promise<Page> {
  const { task } = job;
  switch (task.kind) {
    case 'resync-target':
      return resyncPage(job, task, cursor, dependencies);
    case 'policy-edit':
      return policyEditPage(job, task, cursor, dependencies);
    case 'reconcile-target':
      return dependencies.reconcile.page(job, task, cursor);
    case 'carry-out-findings':
      return dependencies.reconcile.decisions(job, task);
    case 'retry-parked':
      return parkedPage(job, task, cursor, dependencies);
    case 'role-members':
      return roleMembersPage(job, task, cursor, dependencies);
  }
}

async function resyncPage(
  job: Job,
  { target }: Extract<JobTask, { kind: 'resync-target' }>,
  cursor: string | undefined,
  { resources }: PagesDependencies,
): Promise<Page> {
  const { type, page, next } = await walkResources(resources, job.tenant, cursor, PAGE);
  const requests = page.map(({ id }) => ({ ...requestOf(job, type, id, [target]), lookFirst: true }));
  return { requests, examined: page.length, ...(next === undefined ? {} : { next }) };
}

async function policyEditPage(
  job: Job,
  { from, to }: Extract<JobTask, { kind: 'policy-edit' }>,
  cursor: string | undefined,
  dependencies: PagesDependencies,
): Promise<Page> {
  const { tenant } = job;
  const [before, after] = await Promise.all([
    dependencies.policies.at(tenant, from),
    dependencies.policies.at(tenant, to),
  ]);
  const comparison = comparePolicies(before, after);
  if (comparison.targets.length === 0) return { requests: [], examined: 0 };
  const { type, page, next } = await walkResources(dependencies.resources, tenant, cursor, PAGE);
  const compared = await comparedPage(page, [before, after], dependencies);
  const requests: ReprojectionRequest[] = [];
  const pause = pauseByTime();
  for (const resource of compared) {
    const targets = [...comparison.effectsOn(resource).keys()];
    if (targets.length > 0) requests.push(requestOf(job, type, resource.facts.id, targets));
    await pause();
  }
  return { requests, examined: page.length, ...(next === undefined ? {} : { next }) };
}

/** Newest first; what is parked again meanwhile is behind the page and not tried twice. */
async function parkedPage(
  job: Job,
  { target, code }: Extract<JobTask, { kind: 'retry-parked' }>,
  cursor: string | undefined,
  { changes, retryParked }: PagesDependencies,
): Promise<Page> {
  const { tenant, startedBy } = job;
  // What was parked after the job began is not what the operator looked at.
  const [receivedAt = job.startedAt, id = ''] = cursor?.split(' ') ?? [];
  const found = await changes.list(tenant, {
    state: 'parked',
    parkedAt: { target, code },
    before: { receivedAt, id: asChangeId(id) },
    limit: PAGE,
  });
  const waiting = [...found];
  const work = async (): Promise<void> => {
    for (let change = waiting.shift(); change !== undefined; change = waiting.shift())
      await retryParked({ tenant, change, target, by: startedBy });
  };
  await Promise.all(Array.from({ length: RETRIED_AT_ONCE }, work));
  const last = found.at(-1);
  return {
    requests: [],
    touched: found.length,
    examined: found.length,
    ...(found.length < PAGE || last === undefined ? {} : { next: `${last.receivedAt} ${last.id}` }),
  };
}

/** Who was named, and everybody below the groups that were: `item/member` is how far the walk below an item has got. */
async function roleMembersPage(
  job: Job,
  { targets }: Extract<JobTask, { kind: 'role-members' }>,
  cursor: string | undefined,
  dependencies: PagesDependencies,
): Promise<Page> {
  const { jobs, memberships, resources } = dependencies;
  const { tenant, id } = job;
  if (cursor?.includes('/')) {
    const [item = '', group = '', after = ''] = cursor.split('/');
    const groups = (
      await createMembershipReader({ memberships, resources }).withGroupsBelow(tenant, [asResourceId(item)])
    ).sort();
    const current = group === '' ? groups[0] : groups.find((candidate) => candidate === group);
    if (current === undefined) return { requests: [], examined: 0, next: item };
    const members = await memberships.page(tenant, current, after, PAGE);
    const users = members.filter(({ memberType }) => memberType === 'User');
    const last = members.at(-1);
    const following = groups[groups.indexOf(current) + 1];
    const next =
      last !== undefined && members.length === PAGE
        ? `${item}/${current}/${last.member}`
        : following === undefined
          ? item
          : `${item}/${following}/`;
    return {
      requests: users.map(({ member }) => requestOf(job, 'User', member, targets)),
      examined: users.length,
      next,
    };
  }
  const items = await jobs.itemsOf(tenant, id, cursor ?? '', PAGE);
  // A group is gone through before the items behind it.
  const at = items.findIndex(({ resourceType }) => resourceType === 'Group');
  const group = items[at];
  const taken = group === undefined ? items : items.slice(0, at);
  const next =
    group === undefined ? (items.length === PAGE ? items.at(-1)?.resourceId : undefined) : `${group.resourceId}//`;
  return {
    requests: taken.map(({ resourceType, resourceId }) => requestOf(job, resourceType, resourceId, targets)),
    examined: taken.length,
    ...(next === undefined ? {} : { next }),
  };
}

const requestOf = (
  { tenant, id }: Job,
  resourceType: string,
  resourceId: ReprojectionRequest['resourceId'],
  targets: readonly TargetId[],
): ReprojectionRequest => ({ tenant, resourceType, resourceId, targets, cause: id, job: id });
