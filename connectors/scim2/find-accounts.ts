import { ProvostError } from '../../domain/errors.ts';
import type { Account, AccountPage, MatchRule } from '../connector.ts';
import type { CallAnswer, CallTarget } from './call-target.ts';
import { isMatch, matchFilter, unescapedFilter } from './match-account.ts';
import { type ReadAccount, type ReadList, readList } from './read-account.ts';

const PAGE = 100;
/** Where a filter is of no use, the most accounts that are looked through for one match. */
const MOST_SEARCHED = 5_000;
const MOST_LIST_BYTES = 8 * 1_048_576;

export interface Listing {
  readonly path: string;
  readonly excluded: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * One page of all accounts, by index (RFC 7644 §3.4.2.4), or by the target's own cursors where it hands them out (RFC
 * 9865).
 *
 * @throws ProvostError `TARGET_MISCONFIGURED` where it gives the same page for every index
 */
export async function listAccounts(
  call: CallTarget,
  { path, excluded, signal }: Listing,
  cursor: string | undefined,
): Promise<AccountPage> {
  const place = placeOf(cursor);
  const answer = await call({
    method: 'GET',
    path,
    query: {
      ...('cursor' in place ? { cursor: place.cursor } : { startIndex: String(place.from) }),
      count: String(PAGE),
      ...(excluded === undefined ? {} : { excludedAttributes: excluded }),
    },
    accept: ({ status }) => EMPTY.has(status),
    maxAnswerBytes: MOST_LIST_BYTES,
    carried: [],
    signal,
  });
  const { accounts: found, total, nextCursor } = listIn(answer);
  const accounts = found.map(({ remoteId, content }) => ({ remoteId, content }));
  if (nextCursor !== undefined) return { accounts, next: `${CURSOR}${nextCursor}` };
  const [first] = accounts;
  if ('cursor' in place || first === undefined) return { accounts };
  if (first.remoteId === place.firstBefore)
    throw new ProvostError('TARGET_MISCONFIGURED', 'The target gives its first page whatever page is asked for.', {
      targetStatus: answer.status,
    });
  const behind = place.from + accounts.length;
  return behind > total ? { accounts } : { accounts, next: `${behind} ${first.remoteId}` };
}

/** A page behind another knows what that one began with. */
function placeOf(
  cursor: string | undefined,
): { readonly cursor: string } | { readonly from: number; readonly firstBefore?: string } {
  if (cursor === undefined) return { from: 1 };
  if (cursor.startsWith(CURSOR)) return { cursor: cursor.slice(CURSOR.length) };
  const at = cursor.indexOf(' ');
  return { from: Number(cursor.slice(0, at)), firstBefore: cursor.slice(at + 1) };
}

const CURSOR = 'cursor:';

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
  const unescaped = unescapedFilter(search.match);
  const filtered = await filteredBy(call, search, matchFilter(search.match));
  if (filtered === 'filter refused') return searchAll(call, search);
  if (filtered.accounts.length === 0 && unescaped !== undefined) {
    const literal = await filteredBy(call, search, unescaped);
    return literal === 'filter refused' ? [] : firstTwo(literal.accounts.filter(matching(search)));
  }
  const matches = filtered.accounts.filter(matching(search));
  const isIgnored = matches.length < filtered.accounts.length && filtered.total > filtered.accounts.length;
  return isIgnored ? searchAll(call, search) : firstTwo(matches);
}

async function searchAll(call: CallTarget, search: Search): Promise<readonly Account[]> {
  const found: ReadAccount[] = [];
  for (let seen = 0; seen < MOST_SEARCHED; ) {
    const page = await list(call, search, { startIndex: String(seen + 1), count: String(PAGE) });
    found.push(...page.accounts.filter(matching(search)));
    seen += page.accounts.length;
    if (found.length >= 2 || page.accounts.length === 0 || seen >= page.total) return firstTwo(found);
  }
  throw new ProvostError(
    'TARGET_MISCONFIGURED',
    `The target cannot filter by ${search.match.attribute} and has too many accounts to read them all.`,
  );
}

async function filteredBy(call: CallTarget, search: Search, filter: string): Promise<ReadList | 'filter refused'> {
  const query = { filter, startIndex: '1', count: '2' };
  const answer = await ask(call, search, query, ({ status }) => EMPTY.has(status) || CANNOT_FILTER.has(status));
  return CANNOT_FILTER.has(answer.status) ? 'filter refused' : listIn(answer);
}

const list = async (call: CallTarget, search: Search, query: Readonly<Record<string, string>>): Promise<ReadList> =>
  listIn(await ask(call, search, query, ({ status }) => EMPTY.has(status)));

/** Some targets answer an empty result with 404. */
const EMPTY: ReadonlySet<number> = new Set([404]);
/** Some cannot read an escaped quote, or know few attributes, or no filter at all; few say so as RFC 7644 §3.12 wants. */
const CANNOT_FILTER: ReadonlySet<number> = new Set([400, 501]);

const ask = (
  call: CallTarget,
  { path, match, excluded, signal }: Search,
  query: Readonly<Record<string, string>>,
  accept: (answer: CallAnswer) => boolean,
): Promise<CallAnswer> =>
  call({
    method: 'GET',
    path,
    query: excluded === undefined ? query : { ...query, excludedAttributes: excluded },
    accept,
    maxAnswerBytes: MOST_LIST_BYTES,
    carried: [match.value, ...(match.and ?? []).map(({ value }) => value)],
    signal,
  });

function listIn(answer: CallAnswer): ReadList {
  if (EMPTY.has(answer.status)) return { accounts: [], total: 0 };
  const read = readList(answer.body);
  if (read !== undefined) return read;
  throw new ProvostError('TARGET_UNAVAILABLE', 'The target answered a search with something else than a list.', {
    targetStatus: answer.status,
  });
}

const matching =
  ({ match }: Search) =>
  ({ remoteId, content }: ReadAccount): boolean =>
    isMatch({ ...content, id: remoteId }, match);

const firstTwo = (accounts: readonly ReadAccount[]): Account[] =>
  accounts.slice(0, 2).map(({ remoteId, content }) => ({ remoteId, content }));
