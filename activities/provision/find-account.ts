import type { Account, AccountType, Connector, MatchRule } from '../../connectors/connector.ts';
import { ProvostError } from '../../domain/errors.ts';
import type { Link } from '../../domain/link.ts';
import { rulesFor } from '../../domain/mapping/mapping.ts';
import type { Target } from '../../domain/policy.ts';
import type { ScimObject } from '../../domain/scim/resource.ts';
import { matchValueOf } from './match-value.ts';

export interface Search {
  readonly connector: Connector;
  readonly target: Target;
  readonly type: AccountType;
  readonly link: Link | undefined;
  readonly signal: AbortSignal;
}

/**
 * An account at the target that is the resource's: one that a create of ours made whose answer was lost, or one that
 * matches what is wanted now.
 *
 * @throws ProvostError `TARGET_AMBIGUOUS_MATCH`
 */
export async function findAccount(search: Search, account: ScimObject): Promise<Account | undefined> {
  // A name that was chosen because nobody had it finds somebody else's account, or none.
  const value = isGenerated(search) ? undefined : matchValueOf(account, search.target.matchBy);
  const now = value === undefined ? undefined : { attribute: search.target.matchBy, value };
  const before = unconfirmedRule(search);
  // Between a create and the look for it, the name may have changed: under the new one it would not be found.
  const found = before === undefined ? undefined : await only(search, before);
  if (found !== undefined || now === undefined) return found;
  return before?.attribute === now.attribute && before.value === now.value ? undefined : only(search, now);
}

/** The account of a create that was started and not confirmed. */
export async function findUnconfirmed(search: Search): Promise<Account | undefined> {
  const rule = unconfirmedRule(search);
  return rule === undefined ? undefined : only(search, rule);
}

/**
 * How a create is looked for that may have taken effect. Where what accounts are matched by is not in it, by what
 * identifies it otherwise: to look for nothing would be to create it twice.
 */
function unconfirmedRule(search: Search): MatchRule | undefined {
  const { link, target } = search;
  if (link?.state !== 'pending' || link.content === undefined) return undefined;
  const identifying = isGenerated(search) ? ['externalId', target.matchBy] : [target.matchBy, 'externalId'];
  for (const attribute of [...identifying, 'userName', 'displayName']) {
    const value = matchValueOf(link.content, attribute);
    if (value !== undefined) return { attribute, value };
  }
  throw new ProvostError(
    'TARGET_MISCONFIGURED',
    `A create at ${target.name} was not answered, and the account has nothing that it can be looked for by. See whether it is there, then skip the step or map ${target.matchBy}.`,
  );
}

const isGenerated = ({ target, type }: Search): boolean =>
  rulesFor(target.mapping, type).some((rule) => 'unique' in rule && rule.target === target.matchBy);

async function only({ connector, type, target, signal }: Search, rule: MatchRule): Promise<Account | undefined> {
  const found = await connector.find(type, rule, signal);
  if (found.length <= 1) return found[0];
  throw new ProvostError(
    'TARGET_AMBIGUOUS_MATCH',
    `More than one account at ${target.name} has the same ${rule.attribute}; link one of them by hand.`,
  );
}
