import type { Account, AccountType, Connector, WrittenAccount } from '../../connectors/connector.ts';
import { requireCapable } from '../../domain/capabilities.ts';
import type { StepAction } from '../../domain/change.ts';
import { isProvostError } from '../../domain/errors.ts';
import type { Link } from '../../domain/link.ts';
import { valueAt, withValueAt } from '../../domain/mapping/paths.ts';
import type { Projection } from '../../domain/mapping/project.ts';
import type { Target } from '../../domain/policy.ts';
import { asSent, covers, shownOtherwise } from '../../domain/reconciliation.ts';
import { withoutPaths, withSentInVain } from '../../domain/retention.ts';
import { isSameValue } from '../../domain/scim/json.ts';
import type { ScimObject, ScimValue } from '../../domain/scim/resource.ts';
import type { LinkStore } from '../../stores/links.ts';
import type { RetentionStore } from '../../stores/retentions.ts';
import { findAccount } from './find-account.ts';
import { requireFree } from './free-account.ts';
import { createChooser } from './generate-values.ts';
import { observeRetention, type SeenAccount } from './observe-retention.ts';

export interface StepContext {
  readonly connector: Connector;
  readonly links: LinkStore;
  readonly retentions: Pick<RetentionStore, 'of' | 'learn' | 'keeps'>;
  readonly target: Target;
  readonly type: AccountType;
  /** What is known of the account; absent where the resource was never sent here. */
  readonly link: Link | undefined;
  /** Tenant, target and resource of the link to write. */
  readonly key: Pick<Link, 'tenant' | 'target' | 'resourceType' | 'resourceId'>;
  /** Something may have taken effect that is not in the link. */
  readonly lookFirst: boolean;
  /** See {@link Search.mustCreate}. */
  readonly mustCreate?: boolean;
  readonly hash: (content: ScimObject) => string;
  readonly signal: AbortSignal;
}

/** What was done, and which attributes of what was sent the account does not keep. */
export interface MadePresent {
  readonly action: StepAction;
  readonly notKept: readonly string[];
}

/** Makes the target hold what is projected, by as few calls as what is known allows. */
export async function makePresent(context: StepContext, projection: Projection): Promise<MadePresent> {
  const { link, lookFirst, connector, type, signal } = context;
  const account = settledAccount(projection, link?.content);
  if (link?.remoteId === undefined || link.state === 'gone') return createOrLink(context, account, projection);
  const wanted = { account, activity: activityOf(account, projection, isDisabledByUs(link)) };
  const isConfirmed =
    link.state === 'linked' && link.contentHash === context.hash(account) && !(await isKeptByNow(link, context));
  if (!lookFirst && isConfirmed && wanted.activity !== 'enable')
    return { action: 'nothing', notKept: link.notKept ?? [] };

  const held =
    lookFirst || link.content === undefined
      ? asRead(await connector.read(type, link.remoteId, signal))
      : knownByLink(link.remoteId, link);
  // Somebody deleted it there: it is made again, under a new id.
  if (held === undefined) return createOrLink(context, account, projection);
  try {
    return await bringUpToDate(context, held, wanted, link.found);
  } catch (error) {
    if (isProvostError(error, 'TARGET_NOT_FOUND')) return createOrLink(context, account, projection);
    throw error;
  }
}

/** Whether something that the account did not keep is kept by the target now: then it is sent again. */
async function isKeptByNow({ notKept = [] }: Link, { retentions, key }: StepContext): Promise<boolean> {
  if (notKept.length === 0) return false;
  const known = await retentions.of(key);
  return notKept.some((path) => !known.notKept.includes(path));
}

const asRead = (account: Account | undefined): SeenAccount | undefined =>
  account === undefined ? undefined : { ...account, by: 'read' };

/** What an account holds if nobody has changed it since. */
const knownByLink = (remoteId: string, { content = {}, shown = {}, notKept = [] }: Link): SeenAccount => ({
  remoteId,
  content: withoutPaths({ ...content, ...shown }, notKept),
  by: 'link',
});

/**
 * Whether an account is to be activated beside its attributes. `enable`: we disabled it, and it is to be active.
 * `suspend`: we disabled it, and only its resource's becoming active changes that. `mapped`: it was never disabled by us,
 * or `active` is one of the attributes and says no.
 */
type Activity = 'enable' | 'suspend' | 'mapped';

interface Wanted {
  readonly account: ScimObject;
  readonly activity: Activity;
}

const isDisabledByUs = ({ state, suspended }: Link): boolean => state === 'disabled' || suspended === true;

function activityOf(account: ScimObject, { active }: Projection, wasDisabled: boolean): Activity {
  const mapped = account['active'];
  if (!wasDisabled || mapped === false) return 'mapped';
  return mapped !== undefined || active ? 'enable' : 'suspend';
}

/** With what was confirmed before where it stays as it is, and what was chosen once. */
function settledAccount({ account, kept, generated }: Projection, before: ScimObject | undefined): ScimObject {
  const paths = [...kept, ...generated.map(({ target }) => target)];
  return paths.reduce((settled, path) => {
    const value = before === undefined ? undefined : valueAt(before, path);
    return value === undefined ? settled : withValueAt(settled, path, value);
  }, account);
}

/** An account that matches is linked instead of duplicated; only where there is none is one created. */
async function createOrLink(context: StepContext, wanted: ScimObject, projection: Projection): Promise<MadePresent> {
  const { connector, type, links, key, link, signal } = context;
  requireCapable(connector.capabilities, type);
  const open = projection.generated.filter(({ target }) => valueAt(wanted, target) === undefined);
  // A create of ours that was never confirmed may be what is found: then it was not there before us.
  const isOurs = link?.state === 'pending';
  const existing = await findAccount(context, wanted);
  if (existing !== undefined) {
    const wasDisabled = !isOurs && (await takeOver(context, existing));
    const account = settledAccount({ ...projection, account: wanted, generated: open }, existing.content);
    const whole = { account, activity: activityOf(account, projection, wasDisabled) };
    const found = isOurs ? undefined : existing.content;
    const { notKept } = await bringUpToDate(unknownMembers(context), { ...existing, by: 'read' }, whole, found);
    return { action: isOurs ? 'create' : 'link', notKept };
  }
  requireCapable(connector.capabilities, type, 'create');
  const chooser = createChooser(projection.generated, context);
  // What an attempt before this one chose is tried first: its create may still arrive.
  for (let account = open.length === 0 ? wanted : await chooser.choose(wanted); ; ) {
    const whole = withInitial(account, projection.initial);
    await links.save({ ...key, state: 'pending', content: whole });
    try {
      const created = byAnswer(await connector.create(type, whole, signal));
      const wanted = { account, activity: 'mapped' } as const;
      return { action: 'create', notKept: await confirm(unknownMembers(context), created, wanted, undefined) };
    } catch (error) {
      if (!isProvostError(error, 'TARGET_CONFLICT')) throw error;
      const other = await findAccount(context, account);
      if (other !== undefined) {
        const wasDisabled = !isOurs && (await takeOver(context, other));
        const found = isOurs || context.lookFirst ? undefined : other.content;
        const whole = { account, activity: activityOf(account, projection, wasDisabled) };
        const { notKept } = await bringUpToDate(unknownMembers(context), { ...other, by: 'read' }, whole, found);
        return { action: 'link', notKept };
      }
      if (!chooser.reject()) throw error;
      account = await chooser.choose(account);
    }
  }
}

/**
 * The account is this resource's before anything of it is written there: of two that match it, one comes first. One that
 * was disabled with another resource is no longer that one's, or its grace would end with the deletion of this account.
 *
 * @returns whether it was disabled by us
 */
async function takeOver(context: StepContext, { remoteId, content }: Account): Promise<boolean> {
  const { links, key } = context;
  await requireFree(context, remoteId);
  const before = await links.holderOf(key, remoteId);
  const wasDisabled = before !== undefined && before !== key.resourceId;
  await links.save({
    ...key,
    state: 'linked',
    remoteId,
    found: content,
    // Until it is enabled, a later attempt has to know that it was not.
    ...(wasDisabled ? { suspended: true } : {}),
  });
  if (wasDisabled) await links.remove(key.tenant, key.target, before);
  return wasDisabled;
}

/** An account as it is made: with what is never looked at again. */
const withInitial = (account: ScimObject, initial: ScimObject): ScimObject => {
  const merged: Record<string, ScimValue> = { ...account };
  for (const [name, value] of Object.entries(initial)) {
    const held = merged[name];
    merged[name] = isObject(held) && isObject(value) ? withInitial(held, value) : value;
  }
  return merged;
};

const isObject = (value: ScimValue | undefined): value is ScimObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Attributes first, then its activation: an account that cannot be brought up to date gives nobody access. */
async function bringUpToDate(
  context: StepContext,
  held: SeenAccount,
  wanted: Wanted,
  found: ScimObject | undefined,
): Promise<MadePresent> {
  const { connector, type, link, signal, retentions, key } = context;
  const { account, activity } = wanted;
  const known = await retentions.of(key);
  const sent = asSent(withSentInVain(held.content, account, link ?? {}, known), link?.content ?? {}, link?.shown ?? {});
  const before = managedPart(sent, link?.content ?? {}, account);
  const differs = Object.keys(before).some((name) => account[name] === undefined) || !covers(before, account);
  const answer = differs
    ? byAnswer(await connector.update(type, held.remoteId, { before, after: account }, signal))
    : held;
  const enables = activity === 'enable' && type === 'User' && answer.content['active'] !== true;
  if (enables) await connector.enable(type, answer.remoteId, signal);
  const notKept = await confirm(context, answer, wanted, found, differs ? held.content : {});
  return { action: differs || enables ? 'update' : 'nothing', notKept };
}

const byAnswer = (account: WrittenAccount): SeenAccount => ({
  ...account,
  by: account.isAssumed === true ? 'assumed' : 'answer',
});

/** Of an account that is new to us, nothing is known of its members. */
const unknownMembers = (context: StepContext): StepContext => {
  if (context.link?.membersVersion === undefined) return context;
  const { membersVersion: _unknown, ...link } = context.link;
  return { ...context, link };
};

/**
 * Keeps what was sent, the id that the target answered with, what it shows otherwise than it was sent, and what it does not
 * keep.
 *
 * @returns paths of what it does not keep
 */
async function confirm(
  context: StepContext,
  seen: SeenAccount,
  { account: content, activity }: Wanted,
  found: ScimObject | undefined,
  before: ScimObject = {},
): Promise<readonly string[]> {
  const { links, key, hash, link } = context;
  const { held, notKept } = await observeRetention(context, content, seen);
  const left = link?.notKept === undefined ? changedIn(before, content, link) : before;
  const shown = { ...shownBefore(link, content), ...shownOtherwise(content, held, left) };
  await links.save({
    ...key,
    state: 'linked',
    remoteId: seen.remoteId,
    content,
    contentHash: hash(content),
    ...(notKept === undefined ? {} : { notKept }),
    ...(Object.keys(shown).length === 0 ? {} : { shown }),
    ...(activity === 'suspend' ? { suspended: true } : {}),
    ...(found === undefined ? {} : { found }),
    ...(link?.membersVersion === undefined ? {} : { membersVersion: link.membersVersion }),
  });
  return notKept ?? [];
}

/**
 * Of what an account held, that of which something new was sent. What was sent before and looks the same after it is sent
 * again is the target's form of it, where nobody has noted yet what the account keeps.
 */
const changedIn = (held: ScimObject, sent: ScimObject, link: Link | undefined): ScimObject =>
  Object.fromEntries(
    Object.entries(held).filter(([name]) => !isSameValue(link?.content?.[name], sent[name], 'unordered')),
  );

/** An answer without the account says nothing of how values look there that stay what they were. */
function shownBefore(link: Link | undefined, content: ScimObject): ScimObject {
  const { content: before = {}, shown = {} } = link ?? {};
  return Object.fromEntries(Object.entries(shown).filter(([name]) => isSameValue(before[name], content[name])));
}

/** Of what the target holds, the attributes that are ours: in the projection now or in the one confirmed before. */
function managedPart(held: ScimObject, confirmedBefore: ScimObject, account: ScimObject): ScimObject {
  const ours = new Set([...Object.keys(confirmedBefore), ...Object.keys(account)]);
  return Object.fromEntries(Object.entries(held).filter(([name]) => ours.has(name)));
}
