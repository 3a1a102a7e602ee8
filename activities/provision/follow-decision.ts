import type { AccountType, Connector } from '../../connectors/connector.ts';
import { ProvostError } from '../../domain/errors.ts';
import type { Link } from '../../domain/link.ts';
import type { Target } from '../../domain/policy.ts';
import type { AccountDecision } from '../../stores/account-decisions.ts';
import type { LinkStore } from '../../stores/links.ts';

export interface DecidedStep {
  readonly connector: Connector;
  readonly links: Pick<LinkStore, 'save' | 'holderOf' | 'remove'>;
  readonly target: Target;
  readonly type: AccountType;
  readonly link: Link | undefined;
  readonly key: Pick<Link, 'tenant' | 'target' | 'resourceType' | 'resourceId'>;
  readonly signal: AbortSignal;
}

/**
 * Does what a person decided about an account, before the step looks at it.
 *
 * @returns the link as it stands then, or `forgotten` where the step is over
 * @throws ProvostError `TARGET_MATCH_UNDECIDED` where there is no such account, or where it is somebody else's
 */
export async function followDecision(
  step: DecidedStep,
  decision: AccountDecision,
): Promise<Link | 'forgotten' | undefined> {
  const { connector, links, target, type, link, key, signal } = step;
  if (decision.kind === 'create') return undefined;
  if (decision.kind === 'unlink') {
    await links.remove(key.tenant, key.target, key.resourceId);
    return 'forgotten';
  }
  const { remoteId } = decision;
  if (link?.remoteId === remoteId) return link;
  const holder = await links.holderOf(key, remoteId);
  if (holder !== undefined && holder !== key.resourceId)
    throw new ProvostError(
      'TARGET_MATCH_UNDECIDED',
      `The account ${remoteId} at ${target.name} is that of the resource ${holder}; decide for another one.`,
    );
  const held = await connector.read(type, remoteId, signal);
  if (held === undefined)
    throw new ProvostError(
      'TARGET_MATCH_UNDECIDED',
      `There is no account ${remoteId} at ${target.name}; decide for another one.`,
    );
  const linked: Link = { ...key, state: 'linked', remoteId, found: held.content };
  await links.save(linked);
  return linked;
}
