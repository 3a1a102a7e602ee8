import { isCapable, requireCapable } from '../../domain/capabilities.ts';
import type { StepAction } from '../../domain/change.ts';
import { type Deprovision, deprovisionOf } from '../../domain/policy.ts';
import { findUnconfirmed } from './find-account.ts';
import type { StepContext } from './make-present.ts';
import type { DeletionSchedule } from './schedule-deletion.ts';

/** A step that may have to keep an account for some days. */
export interface AbsentContext extends StepContext {
  readonly deletions: DeletionSchedule;
  now(): Date;
}

const DAY_MS = 86_400_000;

/**
 * Makes the target hold no active account.
 *
 * @param erase the account is to go even where policy only disables: its creation is being undone
 */
export async function makeAbsent(context: AbsentContext, erase: boolean): Promise<StepAction> {
  const { link, target, type, links, key } = context;
  if (link === undefined || link.state === 'gone') return 'nothing';
  const remoteId = link.remoteId ?? (await findUnconfirmed(context))?.remoteId;
  if (remoteId === undefined) {
    await links.remove(key.tenant, key.target, key.resourceId);
    return 'nothing';
  }
  if (erase && link.found !== undefined) return giveBack(context, remoteId);
  return deprovision(context, remoteId, erase ? eraseBy(context) : deprovisionOf(target, type));
}

/** What was just made is deleted; where the target deletes nothing, it is disabled: the other way round never. */
const eraseBy = ({ connector: { capabilities }, type }: AbsentContext): Deprovision =>
  isCapable(capabilities, type, 'delete') || !isCapable(capabilities, type, 'disable') ? 'delete' : 'disable';

async function deprovision(context: AbsentContext, remoteId: string, how: Deprovision): Promise<StepAction> {
  const { connector, type, links, key, link, signal } = context;
  if (how === 'disable' && !isGraceOver(context)) {
    requireCapable(connector.capabilities, type, 'disable');
    const isDone = link?.state === 'disabled' && !context.lookFirst;
    if (!isDone) await connector.disable(type, remoteId, signal);
    const disabledAt = (link?.state === 'disabled' ? link.disabledAt : undefined) ?? context.now().toISOString();
    if (!isDone || link.disabledAt === undefined) await links.save({ ...key, state: 'disabled', remoteId, disabledAt });
    await endGraceLater(context, disabledAt);
    return isDone ? 'nothing' : 'disable';
  }
  if (how !== 'leave') {
    requireCapable(connector.capabilities, type, 'delete');
    await connector.delete(type, remoteId, signal);
  }
  await links.remove(key.tenant, key.target, key.resourceId);
  return how === 'leave' ? 'nothing' : 'delete';
}

/** Whether it has been disabled for as long as the target's policy keeps such accounts. */
function isGraceOver({ link, target, now }: AbsentContext): boolean {
  const { deleteAfterDays } = target;
  if (link?.state !== 'disabled' || link.disabledAt === undefined || deleteAfterDays === undefined) return false;
  return now().getTime() >= Date.parse(link.disabledAt) + deleteAfterDays * DAY_MS;
}

/** Looked at anew then: whoever is back by that time keeps his account. */
async function endGraceLater({ key, target, deletions, now }: AbsentContext, disabledAt: string): Promise<void> {
  if (target.deleteAfterDays === undefined) return;
  await deletions.schedule(key, Date.parse(disabledAt) + target.deleteAfterDays * DAY_MS - now().getTime());
}

/** The account was there before us: it gets back what it held and is no longer ours. */
async function giveBack(
  { connector, type, links, key, link, signal }: StepContext,
  remoteId: string,
): Promise<StepAction> {
  const held = await connector.read(type, remoteId, signal);
  if (held !== undefined && link?.found !== undefined) {
    await connector.update(type, remoteId, { before: held.content, after: link.found }, signal);
  }
  await links.remove(key.tenant, key.target, key.resourceId);
  return 'update';
}
