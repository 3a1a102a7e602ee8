import type { Account, AccountType, Connector } from '../../connectors/connector.ts';
import { mayWithhold } from '../../domain/approval/rules-of.ts';
import { withheldBy } from '../../domain/approval/withheld.ts';
import type { JobId, TenantId } from '../../domain/ids.ts';
import type { Link } from '../../domain/link.ts';
import type { Policy, Target } from '../../domain/policy.ts';
import { driftedAttributes, type Situation } from '../../domain/reconciliation.ts';
import { keptSince, notCompared, type Retention, withoutPaths } from '../../domain/retention.ts';
import type { ScimObject } from '../../domain/scim/resource.ts';
import type { ApprovalStore } from '../../stores/approvals.ts';
import type { ChangeStore } from '../../stores/changes.ts';
import type { Finding } from '../../stores/findings.ts';
import type { LinkStore } from '../../stores/links.ts';
import type { MembershipStore } from '../../stores/memberships.ts';
import type { ResourceStore } from '../../stores/resources.ts';
import type { RetentionStore } from '../../stores/retentions.ts';
import { compareMembers, isDifferent } from '../provision/compare-members.ts';
import { resourcesLike } from './match-resource.ts';

export interface ExamineDependencies {
  readonly links: Pick<LinkStore, 'find' | 'meet' | 'unmet' | 'remoteIds' | 'noteNotKept'>;
  readonly retentions: Pick<RetentionStore, 'read' | 'keeps'>;
  readonly memberships: Pick<MembershipStore, 'page'>;
  readonly approvals: Pick<ApprovalStore, 'ofTarget'>;
  readonly resources: Pick<ResourceStore, 'find' | 'list'>;
  readonly changes: Pick<ChangeStore, 'list'>;
}

/** One run at one target. */
export interface Run {
  readonly tenant: TenantId;
  readonly id: JobId;
  readonly target: Target;
  readonly policy: Policy;
  readonly connector: Pick<Connector, 'capabilities' | 'list' | 'read' | 'readMembers' | 'delete'>;
  readonly signal: AbortSignal;
}

/** A difference, before anything is done about it. */
export type Difference = Pick<
  Finding,
  'situation' | 'resourceType' | 'resourceId' | 'remoteId' | 'attributes' | 'members' | 'confirmed' | 'held' | 'note'
>;

/** Links looked at in one page of those whose accounts were not met. */
export const LINKS = 100;

/** What is different about a page of accounts. */
export async function examineAccounts(
  accounts: readonly Account[],
  type: AccountType,
  run: Run,
  dependencies: ExamineDependencies,
): Promise<Difference[]> {
  const ids = accounts.map(({ remoteId }) => remoteId);
  const linked = await dependencies.links.meet(
    { tenant: run.tenant, target: run.target.id, resourceType: type },
    ids,
    run.id,
  );
  const byAccount = new Map(linked.map((link) => [link.remoteId, link]));
  const retention = await dependencies.retentions.read(placeOf(type, run));
  const found: Difference[] = [];
  for (const account of accounts) {
    const link = byAccount.get(account.remoteId);
    const difference =
      link === undefined
        ? await strange(account, type, run, dependencies)
        : await unlessBusy(link, drift(link, account, retention), run, dependencies);
    if (link !== undefined) await noteKept(link, account, retention, dependencies);
    if (difference !== undefined) found.push(difference);
  }
  return type === 'Group' ? [...found, ...(await examineMembers(linked, run, dependencies))] : found;
}

/** Groups of which others are members there than should be. */
async function examineMembers(
  links: readonly Link[],
  run: Run,
  dependencies: ExamineDependencies,
): Promise<Difference[]> {
  const shown = new Map<Link, readonly string[] | undefined>();
  for (const link of links)
    if (link.state === 'linked' && link.membersVersion !== undefined && link.remoteId !== undefined)
      shown.set(link, await run.connector.readMembers?.(link.remoteId, run.signal));
  // An empty list may be left out (RFC 7643 §2.5), and so may one that a target never shows.
  const showsAny = [...shown.values()].some((members) => members !== undefined);
  const found: Difference[] = [];
  for (const [link, members] of showsAny ? shown : []) {
    const difference = await membersOf(link, members ?? [], run, dependencies);
    if (difference !== undefined) found.push(difference);
  }
  return found;
}

/** Whether others are in a group there than should be. Looked at twice: a step may have written meanwhile. */
async function membersOf(
  link: Link,
  shown: readonly string[],
  run: Run,
  dependencies: ExamineDependencies,
): Promise<Difference | undefined> {
  const { tenant, target, connector, signal, policy } = run;
  if (mayWithhold(policy)) {
    const withheld = withheldBy(await dependencies.approvals.ofTarget(tenant, link.resourceId, target.id));
    if (withheld.values.has('members')) return undefined;
  }
  const about = { tenant, target: target.id, group: link.resourceId };
  if (!isDifferent(await compareMembers(shown, about, dependencies))) return undefined;
  if (await isUnderWay(link, run, dependencies)) return undefined;
  const again = (await connector.readMembers?.(link.remoteId ?? '', signal)) ?? [];
  const difference = await compareMembers(again, about, dependencies);
  const now = await dependencies.links.find(tenant, target.id, link.resourceId);
  if (!isDifferent(difference) || now?.membersVersion !== link.membersVersion) return undefined;
  const { missing, surplus } = difference;
  return {
    ...known(link),
    situation: 'members-differ',
    members: { missing: missing.length, surplus: surplus.length },
    confirmed: { members: missing.slice(0, SHOWN_MEMBERS).map((value) => ({ value })) },
    held: { members: surplus.slice(0, SHOWN_MEMBERS).map((value) => ({ value })) },
  };
}

/** Members that a finding names; all of them are counted. */
const SHOWN_MEMBERS = 100;

/** What is different about a page of links whose accounts were not met: each is looked for once more by its id. */
export async function examineUnmet(
  after: string,
  run: Run,
  dependencies: ExamineDependencies,
): Promise<{ readonly differences: readonly Difference[]; readonly examined: number; readonly next?: string }> {
  const { tenant, target, connector, signal } = run;
  const page = await dependencies.links.unmet(tenant, target.id, run.id, { after, limit: LINKS });
  const differences: Difference[] = [];
  for (const link of page) {
    if (link.remoteId === undefined) continue;
    const type = link.resourceType as AccountType;
    const account = await connector.read(type, link.remoteId, signal);
    const retention = await dependencies.retentions.read(placeOf(type, run));
    const difference = account === undefined ? missing(link) : drift(link, account, retention);
    if (account !== undefined) await noteKept(link, account, retention, dependencies);
    const stands = await unlessBusy(link, difference, run, dependencies);
    if (stands !== undefined) differences.push(stands);
  }
  const last = page.at(-1);
  return {
    differences,
    examined: page.length,
    ...(last !== undefined && page.length === LINKS ? { next: last.resourceId } : {}),
  };
}

const missing = (link: Link): Difference => ({ ...known(link), situation: 'missing', ...confirmed(link) });

const placeOf = (resourceType: string, { tenant, target }: Pick<Run, 'tenant' | 'target'>) => ({
  tenant,
  target: target.id,
  resourceType,
});

/** The account keeps by now what it did not: it counts from here on, and is sent to the others again. */
async function noteKept(
  link: Link,
  { content }: Account,
  retention: Retention,
  { links, retentions }: Pick<ExamineDependencies, 'links' | 'retentions'>,
): Promise<void> {
  if (link.state !== 'linked') return;
  const kept = keptSince(link, content, retention);
  if (kept.length === 0) return;
  await retentions.keeps(link, kept);
  await links.noteNotKept(
    link,
    (link.notKept ?? retention.notKept).filter((path) => !kept.includes(path)),
  );
}

function drift(link: Link, account: Account, retention: Retention): Difference | undefined {
  if (link.state === 'disabled') {
    if (account.content['active'] === false || link.resourceType !== 'User') return undefined;
    return { ...known(link), situation: 'active-again', attributes: ['active'], held: only(account, ['active']) };
  }
  if (link.state !== 'linked' || link.content === undefined) return undefined;
  const left = notCompared(link, account.content, retention);
  const attributes = driftedAttributes(
    withoutPaths(link.content, left),
    account.content,
    withoutPaths(link.shown ?? {}, left),
  );
  if (attributes.length === 0) return undefined;
  return {
    ...known(link),
    situation: 'changed',
    attributes,
    ...confirmed(link, attributes),
    held: only(account, attributes),
  };
}

/** An account that is nobody's here. */
async function strange(
  account: Account,
  type: AccountType,
  run: Run,
  { resources, links }: ExamineDependencies,
): Promise<Difference | undefined> {
  const about = { resourceType: type, remoteId: account.remoteId, held: account.content } as const;
  const [first, second] = await resourcesLike(account, type, run, resources);
  if (first === undefined) return { ...about, situation: 'unknown' };
  if (second !== undefined) return { ...about, situation: 'ambiguous' };
  const link = await links.find(run.tenant, run.target.id, first.id);
  // It was linked since the page was read.
  if (link?.remoteId === account.remoteId) return undefined;
  // A create that is under way, or was never confirmed, is its step's affair.
  if (link?.state === 'pending') return undefined;
  if (link?.remoteId !== undefined && link.state !== 'gone')
    return {
      ...about,
      resourceId: first.id,
      situation: 'unknown',
      note: 'The resource that it is like has another account here.',
    };
  return { ...about, resourceId: first.id, situation: 'unlinked' };
}

/**
 * A step that writes meanwhile looks like drift. So a difference counts only if the link is still the one it was compared
 * with, nothing of the resource is under way, and a second look finds it too.
 */
async function unlessBusy(
  link: Link,
  difference: Difference | undefined,
  { tenant, target, connector, signal }: Run,
  { links, changes, retentions }: ExamineDependencies,
): Promise<Difference | undefined> {
  if (difference === undefined || link.remoteId === undefined) return undefined;
  if (await isUnderWay(link, { tenant }, { changes })) return undefined;
  const account = await connector.read(link.resourceType as AccountType, link.remoteId, signal);
  const now = await links.find(tenant, target.id, link.resourceId);
  if (now === undefined || now.remoteId !== link.remoteId || now.contentHash !== link.contentHash) return undefined;
  if (now.state !== link.state) return undefined;
  if (account === undefined) return missing(now);
  return drift(now, account, await retentions.read(placeOf(now.resourceType, { tenant, target })));
}

async function isUnderWay(
  { resourceId }: Link,
  { tenant }: Pick<Run, 'tenant'>,
  { changes }: Pick<ExamineDependencies, 'changes'>,
): Promise<boolean> {
  const lately = await changes.list(tenant, { resourceId, limit: 5 });
  return lately.some(({ state }) => UNDER_WAY.has(state));
}

const UNDER_WAY: ReadonlySet<string> = new Set(['received', 'persisted', 'provisioning']);

const known = ({ resourceType, resourceId, remoteId }: Link) => ({
  resourceType: resourceType as AccountType,
  resourceId,
  ...(remoteId === undefined ? {} : { remoteId }),
});

const confirmed = ({ content }: Link, names?: readonly string[]): { readonly confirmed?: ScimObject } =>
  content === undefined ? {} : { confirmed: names === undefined ? content : pick(content, names) };

const only = ({ content }: Account, names: readonly string[]): ScimObject => pick(content, names);

const pick = (object: ScimObject, names: readonly string[]): ScimObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => names.includes(name)));

/** Names a situation for whoever reads it. */
export const inWords: Readonly<Record<Situation, string>> = {
  changed: 'The account holds other values than it confirmed.',
  missing: 'The account is gone.',
  'members-differ': 'Others are in the group than should be.',
  'active-again': 'The account was disabled and is active.',
  unlinked: 'An account that is nobody’s here matches one resource.',
  ambiguous: 'An account that is nobody’s here matches several resources.',
  unknown: 'An account that matches nothing here.',
};
