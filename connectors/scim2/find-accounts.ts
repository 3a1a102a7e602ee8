import { ProvostError } from '../../domain/errors.ts';
import { isRecord } from '../../domain/scim/json.ts';
import type { Account, MatchRule } from '../connector.ts';
import type { CallAnswer, CallTarget } from './call-target.ts';
import { isMatch, matchFilter } from './match-account.ts';
import { type ReadAccount, type ReadList, readList } from './read-account.ts';

const PAGE = 100;
/** Where a filter is of no use, the most accounts that are looked through for one match. */
const MOST_SEARCHED = 5_000;
const MOST_LIST_BYTES = 8 * 1_048_576;

export interface Search {
  readonly path: string;
  readonly match: MatchRule;
  /** Attributes that need not come along, e.g. a group's members. */
  readonly excluded: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Accounts that match, at most two. What a target returns is checked. Where it ignores the filter or cannot read it,
 * all accounts are looked through, up to 5,000.
 *
 * @throws ProvostError `TARGET_MISCONFIGURED` where it has more accounts than that
 */
export async function findAccounts(call: CallTarget, search: Search): Promise<readonly Account[]> {
  const filter = matchFilter(search.match);
  const filtered = await list(call, search, { filter, startIndex: '1', count: '2' });
  if (filtered === 'filter refused') return searchAll(call, search);
  const matches = filtered.accounts.filter(matching(search));
  const isIgnored = matches.length < filtered.accounts.length && filtered.total > filtered.accounts.length;
  return isIgnored ? searchAll(call, search) : firstTwo(matches);
}

async function searchAll(call: CallTarget, search: Search): Promise<readonly Account[]> {
  const found: ReadAccount[] = [];
  for (let seen = 0; seen < MOST_SEARCHED; ) {
    const page = await list(call, search, { startIndex: String(seen + 1), count: String(PAGE) });
    if (page === 'filter refused') break;
    found.push(...page.accounts.filter(matching(search)));
    seen += page.accounts.length;
    if (found.length >= 2 || page.accounts.length === 0 || seen >= page.total) return firstTwo(found);
  }
  throw new ProvostError(
    'TARGET_MISCONFIGURED',
    `The target cannot filter by ${search.match.attribute} and has too many accounts to read them all.`,
  );
}

async function list(
  call: CallTarget,
  search: Search,
  query: Readonly<Record<string, string>>,
): Promise<ReadList | 'filter refused'> {
  const answer = await call({
    method: 'GET',
    path: search.path,
    query: search.excluded === undefined ? query : { ...query, excludedAttributes: search.excluded },
    accept: isAnswer,
    maxAnswerBytes: MOST_LIST_BYTES,
    carried: [search.match.value],
    signal: search.signal,
  });
  if (answer.status === 404) return { accounts: [], total: 0 };
  if (answer.status === 400) return 'filter refused';
  const read = readList(answer.body);
  if (read !== undefined) return read;
  throw new ProvostError('TARGET_UNAVAILABLE', 'The target answered a search with something else than a list.', {
    targetStatus: answer.status,
  });
}

/** Some targets answer an empty result with 404; some cannot read an escaped quote, or know few attributes. */
const isAnswer = ({ status, body }: CallAnswer): boolean =>
  status === 404 || (status === 400 && isRecord(body) && body['scimType'] === 'invalidFilter');

const matching =
  ({ match }: Search) =>
  ({ remoteId, content }: ReadAccount): boolean =>
    isMatch({ ...content, id: remoteId }, match);

const firstTwo = (accounts: readonly ReadAccount[]): Account[] =>
  accounts.slice(0, 2).map(({ remoteId, content }) => ({ remoteId, content }));
