import type { StepAction } from '../../domain/change.ts';
import type { Deprovision } from '../../domain/policy.ts';
import { findUnconfirmed } from './find-account.ts';
import type { StepContext } from './make-present.ts';

/**
 * Makes the target hold no active account.
 *
 * @param erase the account is to go even where policy only disables: its creation is being undone
 */
export async function makeAbsent(context: StepContext, erase: boolean): Promise<StepAction> {
  const { link, target, links, key } = context;
  if (link === undefined || link.state === 'gone') return 'nothing';
  const remoteId = link.remoteId ?? (await findUnconfirmed(context))?.remoteId;
  if (remoteId === undefined) {
    await links.remove(key.tenant, key.target, key.resourceId);
    return 'nothing';
  }
  if (erase && link.found !== undefined) return giveBack(context, remoteId);
  return deprovision(context, remoteId, erase ? 'delete' : target.deprovision);
}

async function deprovision(context: StepContext, remoteId: string, how: Deprovision): Promise<StepAction> {
  const { connector, type, links, key, link, signal } = context;
  if (how === 'disable' && connector.capabilities.disable && type === 'User') {
    if (link?.state === 'disabled' && !context.lookFirst) return 'nothing';
    await connector.disable(type, remoteId, signal);
    await links.save({ ...key, state: 'disabled', remoteId });
    return 'disable';
  }
  if (how !== 'leave') await connector.delete(type, remoteId, signal);
  await links.remove(key.tenant, key.target, key.resourceId);
  return how === 'leave' ? 'nothing' : 'delete';
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
