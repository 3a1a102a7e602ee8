import type { Account, AccountType, Connector } from '../../connectors/connector.ts';
import type { StepAction } from '../../domain/change.ts';
import { isProvostError } from '../../domain/errors.ts';
import type { Link } from '../../domain/link.ts';
import type { Target } from '../../domain/policy.ts';
import { covers } from '../../domain/reconciliation.ts';
import type { ScimObject } from '../../domain/scim/resource.ts';
import type { LinkStore } from '../../stores/links.ts';
import { findAccount } from './find-account.ts';

export interface StepContext {
  readonly connector: Connector;
  readonly links: LinkStore;
  readonly target: Target;
  readonly type: AccountType;
  /** What is known of the account; absent where the resource was never sent here. */
  readonly link: Link | undefined;
  /** Tenant, target and resource of the link to write. */
  readonly key: Pick<Link, 'tenant' | 'target' | 'resourceType' | 'resourceId'>;
  /** Something may have taken effect that is not in the link. */
  readonly lookFirst: boolean;
  readonly hash: (content: ScimObject) => string;
  readonly signal: AbortSignal;
}

/** Makes the target hold `account`, by as few calls as what is known allows. */
export async function makePresent(context: StepContext, account: ScimObject): Promise<StepAction> {
  const { link, lookFirst, connector, type, signal } = context;
  if (link?.remoteId === undefined || link.state === 'gone') return createOrLink(context, account);
  if (!lookFirst && link.state === 'linked' && link.contentHash === context.hash(account)) return 'nothing';

  const held =
    lookFirst || link.content === undefined
      ? await connector.read(type, link.remoteId, signal)
      : { remoteId: link.remoteId, content: link.content };
  // Somebody deleted it there: it is made again, under a new id.
  if (held === undefined) return createOrLink(context, account);
  try {
    return await bringUpToDate(context, held, account, link.found);
  } catch (error) {
    if (isProvostError(error, 'TARGET_NOT_FOUND')) return createOrLink(context, account);
    throw error;
  }
}

/** An account that matches is linked instead of duplicated; only where there is none is one created. */
async function createOrLink(context: StepContext, account: ScimObject): Promise<StepAction> {
  const { connector, type, links, key, link, signal } = context;
  // A create of ours that was never confirmed may be what is found: then it was not there before us.
  const isOurs = link?.state === 'pending';
  const existing = await findAccount(context, account);
  if (existing !== undefined) {
    await bringUpToDate(unknownMembers(context), existing, account, isOurs ? undefined : existing.content);
    return isOurs ? 'create' : 'link';
  }
  await links.save({ ...key, state: 'pending', content: account });
  let created: Account;
  try {
    created = await connector.create(type, account, signal);
  } catch (error) {
    if (!isProvostError(error, 'TARGET_CONFLICT')) throw error;
    const other = await findAccount(context, account);
    if (other === undefined) throw error;
    await bringUpToDate(
      unknownMembers(context),
      other,
      account,
      isOurs || context.lookFirst ? undefined : other.content,
    );
    return 'link';
  }
  await confirm(unknownMembers(context), created.remoteId, account, undefined);
  return 'create';
}

async function bringUpToDate(
  context: StepContext,
  held: Account,
  account: ScimObject,
  found: ScimObject | undefined,
): Promise<StepAction> {
  const { connector, type, link, signal } = context;
  const before = managedPart(held.content, link?.content ?? {}, account);
  const differs = Object.keys(before).some((name) => account[name] === undefined) || !covers(before, account);
  if (differs) await connector.update(type, held.remoteId, { before, after: account }, signal);
  await confirm(context, held.remoteId, account, found);
  return differs ? 'update' : 'nothing';
}

/** Of an account that is new to us, nothing is known of its members. */
const unknownMembers = (context: StepContext): StepContext => {
  if (context.link?.membersVersion === undefined) return context;
  const { membersVersion: _unknown, ...link } = context.link;
  return { ...context, link };
};

async function confirm(
  { links, key, hash, link }: StepContext,
  remoteId: string,
  content: ScimObject,
  found: ScimObject | undefined,
): Promise<void> {
  await links.save({
    ...key,
    state: 'linked',
    remoteId,
    content,
    contentHash: hash(content),
    ...(found === undefined ? {} : { found }),
    ...(link?.membersVersion === undefined ? {} : { membersVersion: link.membersVersion }),
  });
}

/** Of what the target holds, the attributes that are ours: in the projection now or in the one confirmed before. */
function managedPart(held: ScimObject, confirmedBefore: ScimObject, account: ScimObject): ScimObject {
  const ours = new Set([...Object.keys(confirmedBefore), ...Object.keys(account)]);
  return Object.fromEntries(Object.entries(held).filter(([name]) => ours.has(name)));
}
