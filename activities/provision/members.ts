import type { Connector } from '../../connectors/connector.ts';
import { ProvostError } from '../../domain/errors.ts';
import { asResourceId, type ChangeId, type ResourceId } from '../../domain/ids.ts';
import type { Link } from '../../domain/link.ts';
import type { MemberOperation } from '../../domain/scim/group-members.ts';
import type { AwaitedMemberStore } from '../../stores/awaited-members.ts';
import type { LinkStore } from '../../stores/links.ts';
import type { Membership, MembershipStore } from '../../stores/memberships.ts';
import { compareMembers, isDifferent } from './compare-members.ts';

/**
 * What a step shall tell a target of a group's members.
 * `since`: what began or ended after the version that the target knows, up to `version`.
 * `undo`: the opposite of what `change` did. `operations`: what a request says, where nothing is stored.
 */
export type WantedMembers =
  | { readonly kind: 'since'; readonly version: number }
  | { readonly kind: 'undo'; readonly change: ChangeId }
  | { readonly kind: 'operations'; readonly operations: readonly MemberOperation[] };

export interface MembersContext {
  readonly connector: Connector;
  readonly key: Pick<Link, 'tenant' | 'target' | 'resourceId'>;
  readonly links: Pick<LinkStore, 'find' | 'remoteIds' | 'confirmMembers'>;
  readonly memberships: Pick<MembershipStore, 'changedSince' | 'writtenBy' | 'page'>;
  readonly awaitedMembers: AwaitedMemberStore;
  /** What the target says of the members is looked at, too, beside what it was told. */
  readonly compare: boolean;
  readonly signal: AbortSignal;
}

/** Members told of at once; the connector parts them further as its target wants it. */
const PAGE = 500;

/**
 * Tells a target who joined and who left a group, and nothing of those who stayed. A member without an account there
 * is remembered, and told of when the account appears.
 *
 * @returns whether anything was told
 */
export async function bringMembers(context: MembersContext, wanted: WantedMembers): Promise<boolean> {
  const { links, key } = context;
  const link = await links.find(key.tenant, key.target, key.resourceId);
  if (link?.remoteId === undefined) return false;
  const group = link.remoteId;
  if (wanted.kind === 'operations') return tellOperations(context, group, wanted.operations);
  const told = await tellPages(context, group, pagesOf(context, link, wanted));
  if (wanted.kind === 'undo') return told;
  const toldAwaited = await tellAwaited(context, group);
  const toldDifference = context.compare && (await tellDifference(context, group));
  if (link.membersVersion !== wanted.version)
    await links.confirmMembers(key.tenant, key.target, key.resourceId, wanted.version);
  return told || toldAwaited || toldDifference;
}

type PageReader = (after: string) => Promise<readonly Membership[]>;

function pagesOf(
  { memberships, key }: MembersContext,
  link: Link,
  wanted: Exclude<WantedMembers, { kind: 'operations' }>,
): PageReader {
  const { tenant, resourceId: group } = key;
  if (wanted.kind === 'since') {
    const known = link.membersVersion ?? 0;
    if (known === wanted.version) return async () => [];
    return (after) => memberships.changedSince(tenant, group, known, { after, limit: PAGE });
  }
  const write = { tenant, group, change: wanted.change };
  return async (after) => {
    const page = await memberships.writtenBy(write, { after, limit: PAGE });
    return page.map((edge) => ({ ...edge, ended: !edge.ended }));
  };
}

async function tellPages(context: MembersContext, group: string, read: PageReader): Promise<boolean> {
  let told = false;
  for (let after = ''; ; ) {
    const page = await read(after);
    const last = page.at(-1);
    if (last === undefined) return told;
    told = (await tell(context, group, page)) || told;
    if (page.length < PAGE) return told;
    after = last.member;
  }
}

async function tell(context: MembersContext, group: string, edges: readonly Membership[]): Promise<boolean> {
  const leaving = edges.filter(({ ended }) => ended).map(({ member }) => member);
  const joining = edges.filter(({ ended }) => !ended).map(({ member }) => member);
  const { awaitedMembers, links, key, connector, signal } = context;
  const [gone, present] = await Promise.all([
    links.remoteIds(key.tenant, key.target, leaving),
    accountsOf(context, joining),
  ]);
  await awaitedMembers.remove(key.tenant, key.target, key.resourceId, leaving);
  const members = { add: [...present.values()], remove: [...gone.values()] };
  if (members.add.length + members.remove.length === 0) return false;
  await connector.changeMembers(group, members, signal);
  return true;
}

/** Accounts of those who join. Who has none is remembered first and looked for again: it may just be appearing. */
async function accountsOf(
  { links, awaitedMembers, key }: MembersContext,
  joining: readonly ResourceId[],
): Promise<Map<ResourceId, string>> {
  const { tenant, target, resourceId: group } = key;
  const found = await links.remoteIds(tenant, target, joining);
  const missing = joining.filter((member) => !found.has(member));
  if (missing.length === 0) return found;
  await awaitedMembers.add(tenant, target, group, missing);
  const appeared = await links.remoteIds(tenant, target, missing);
  await awaitedMembers.remove(tenant, target, group, [...appeared.keys()]);
  return new Map([...found, ...appeared]);
}

/** Those who were remembered and have an account by now. */
async function tellAwaited(context: MembersContext, group: string): Promise<boolean> {
  const { links, awaitedMembers, key, connector, signal } = context;
  const { tenant, target, resourceId } = key;
  let told = false;
  for (;;) {
    const awaited = await awaitedMembers.ofGroup(tenant, target, resourceId, PAGE);
    const appeared = await links.remoteIds(tenant, target, awaited);
    if (appeared.size === 0) return told;
    await connector.changeMembers(group, { add: [...appeared.values()], remove: [] }, signal);
    await awaitedMembers.remove(tenant, target, resourceId, [...appeared.keys()]);
    told = true;
  }
}

/** What somebody else did to the group's members is undone. A target that does not show them is believed. */
async function tellDifference(context: MembersContext, group: string): Promise<boolean> {
  const { connector, key, signal } = context;
  const shown = await connector.readMembers?.(group, signal);
  if (shown === undefined) return false;
  const { tenant, target, resourceId } = key;
  const difference = await compareMembers(shown, { tenant, target, group: resourceId }, context);
  if (!isDifferent(difference)) return false;
  await connector.changeMembers(group, { add: difference.missing, remove: difference.surplus }, signal);
  return true;
}

async function tellOperations(
  context: MembersContext,
  group: string,
  operations: readonly MemberOperation[],
): Promise<boolean> {
  const { links, key, connector, signal } = context;
  for (const operation of operations) {
    if (operation.kind === 'remove-matching') {
      throw new ProvostError(
        'TARGET_REJECTED',
        'Members can only be removed by their ids here: who is in the group is not kept.',
      );
    }
    const named = operation.kind === 'remove-all' ? [] : operation.members.map(({ value }) => asResourceId(value));
    const accounts =
      operation.kind === 'remove'
        ? await links.remoteIds(key.tenant, key.target, named)
        : await accountsOf(context, named);
    const ids = [...accounts.values()];
    if (operation.kind === 'add') await connector.changeMembers(group, { add: ids, remove: [] }, signal);
    else if (operation.kind === 'remove') await connector.changeMembers(group, { add: [], remove: ids }, signal);
    else {
      // Who is in the group there is not known here, so the whole list is put in its place.
      const after = ids.length === 0 ? {} : { members: ids.map((value) => ({ value })) };
      await connector.update('Group', group, { before: { members: [{ value: '' }] }, after }, signal);
    }
  }
  return operations.length > 0;
}
