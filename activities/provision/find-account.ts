import type { Account, AccountType, Connector, MatchedValue, MatchRule } from '../../connectors/connector.ts';
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
  /** A person has decided that no account that is there is the resource's. */
  readonly mustCreate?: boolean;
  readonly signal: AbortSignal;
}

/**
 * An account at the target that is the resource's: one that a create of ours made whose answer was lost, or one that
 * matches what is wanted now, by the target's matching rules or by what its accounts are matched by.
 *
 * @throws ProvostError `TARGET_AMBIGUOUS_MATCH`, `TARGET_MATCH_UNDECIDED`
 */
export async function findAccount(search: Search, account: ScimObject): Promise<Account | undefined> {
  const before = unconfirmedRule(search);
  // Between a create and the look for it, the name may have changed: under the new one it would not be found.
  const ours = before === undefined ? undefined : await only(search, before);
  if (ours !== undefined || search.mustCreate === true) return ours;
  const { matching } = search.target;
  for (const rule of rulesNow(search, account)) {
    if (isSame(rule, before)) continue;
    const found = await only(search, rule);
    if (found === undefined) continue;
    if (matching?.onOne === 'park')
      throw undecided(`The account ${found.remoteId} at ${search.target.name} matches by ${attributesOf(rule)}`);
    return found;
  }
  if (matching?.onNone === 'park' && before === undefined)
    throw undecided(`No account at ${search.target.name} matches`);
  return undefined;
}

/** Rules of which the account has every value, in their order. */
function rulesNow(search: Search, account: ScimObject): MatchRule[] {
  const { matching, matchBy } = search.target;
  const rules = matching?.rules ?? [{ attributes: [matchBy] }];
  return rules.flatMap(({ attributes }): MatchRule[] => {
    const values = attributes.map((attribute) => ({
      attribute,
      // A name that was chosen because nobody had it finds somebody else's account, or none.
      value: isGenerated(search, attribute) ? undefined : matchValueOf(account, attribute),
    }));
    const known = values.filter((one): one is MatchedValue => one.value !== undefined);
    const [first, ...and] = known;
    if (first === undefined || known.length < values.length) return [];
    return [{ ...first, ...(and.length === 0 ? {} : { and }) }];
  });
}

const isSame = (rule: MatchRule, other: MatchRule | undefined): boolean =>
  rule.and === undefined && rule.attribute === other?.attribute && rule.value === other.value;

const attributesOf = ({ attribute, and = [] }: MatchRule): string =>
  [attribute, ...and.map((other) => other.attribute)].join(' and ');

const undecided = (what: string): ProvostError =>
  new ProvostError('TARGET_MATCH_UNDECIDED', `${what}. Decide whether to link an account or to create one.`);

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
  const identifying = isGenerated(search, target.matchBy)
    ? ['externalId', target.matchBy]
    : [target.matchBy, 'externalId'];
  for (const attribute of [...identifying, 'userName', 'displayName']) {
    const value = matchValueOf(link.content, attribute);
    if (value !== undefined) return { attribute, value };
  }
  throw new ProvostError(
    'TARGET_MISCONFIGURED',
    `A create at ${target.name} was not answered, and the account has nothing that it can be looked for by. See whether it is there, then skip the step or map ${target.matchBy}.`,
  );
}

const isGenerated = ({ target, type }: Search, attribute: string): boolean =>
  rulesFor(target.mapping, type).some((rule) => 'unique' in rule && rule.target === attribute);

async function only({ connector, type, target, signal }: Search, rule: MatchRule): Promise<Account | undefined> {
  const found = await connector.find(type, rule, signal);
  if (found.length <= 1) return found[0];
  throw new ProvostError(
    'TARGET_AMBIGUOUS_MATCH',
    `More than one account at ${target.name} has the same ${attributesOf(rule)}, ${found.map(({ remoteId }) => remoteId).join(' and ')} among them. Decide which one it is.`,
  );
}
