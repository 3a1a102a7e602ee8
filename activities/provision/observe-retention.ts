import type { Account } from '../../connectors/connector.ts';
import { isProvostError } from '../../domain/errors.ts';
import { topOf, valueAt } from '../../domain/mapping/paths.ts';
import { covers, shownOtherwise } from '../../domain/reconciliation.ts';
import { isAbsentFrom, MOST_PATHS, type Retention, sentPaths } from '../../domain/retention.ts';
import { isSameValue } from '../../domain/scim/json.ts';
import type { ScimObject } from '../../domain/scim/resource.ts';
import type { StepContext } from './make-present.ts';

/**
 * How an account is known. `answer`: the target answered a write with it, and may have left something out. `assumed`: it
 * answered a write without it. `read`: it was read, whole. `link`: it was not looked at.
 */
export interface SeenAccount extends Account {
  readonly by: 'answer' | 'assumed' | 'read' | 'link';
}

/** What an account holds of what was sent, and which of it is not there; absent where that could not be found out. */
export interface Observed {
  readonly held: ScimObject;
  readonly notKept?: readonly string[];
}

/**
 * Finds out what the target kept of what was sent. An answer proves nothing: it may leave out what is kept, and show what
 * is not (Keycloak). So the account is read, once for each attribute at each target; after that where a step repairs it,
 * and for new values of an attribute that is kept in another form than answers show.
 */
export async function observeRetention(context: StepContext, sent: ScimObject, seen: SeenAccount): Promise<Observed> {
  const { link, retentions, key } = context;
  const known = await retentions.of(key);
  const paths = sentPaths(sent);
  const isNotKept = (path: string): boolean => known.notKept.includes(path);
  if (seen.by === 'link')
    return { held: seen.content, notKept: paths.filter((path) => link?.notKept?.includes(path) ?? isNotKept(path)) };

  const wasWritten = seen.by !== 'read';
  const looked =
    wasWritten && isDoubtful(paths, sent, known, context) ? await look(context, seen.remoteId, paths) : undefined;
  if (looked === 'failed') return { held: seen.content };
  if (looked === 'unreadable') {
    // It is believed, from now on.
    const { notKept, onRequest } = known;
    await retentions.learn(key, { kept: paths.filter((path) => ![...notKept, ...onRequest].includes(path)) });
  }
  if (looked === undefined || looked === 'unreadable') {
    const again = seen.by === 'assumed' ? [] : keptAgain(sent, seen, known);
    if (again.length > 0) await retentions.keeps(key, again);
    return { held: seen.content, notKept: paths.filter((path) => isNotKept(path) && !again.includes(path)) };
  }
  await learn(context, { sent, seen, paths, looked });
  const again = keptAgain(sent, { content: looked.held, by: 'read' }, known);
  if (again.length > 0) await retentions.keeps(key, again);
  return { held: looked.held, notKept: looked.notKept };
}

/** What the target did not keep, and holds now as it was sent; an answer that shows what is not kept says nothing. */
const keptAgain = (
  sent: ScimObject,
  { content, by }: Pick<SeenAccount, 'content' | 'by'>,
  { notKept, echoed }: Retention,
): string[] =>
  notKept.filter((path) => {
    const wanted = valueAt(sent, path);
    const isBelieved = by === 'read' || !echoed.includes(path);
    return wanted !== undefined && isBelieved && covers(valueAt(content, path), wanted);
  });

interface Evidence {
  readonly sent: ScimObject;
  readonly seen: SeenAccount;
  readonly paths: readonly string[];
  readonly looked: Looked;
}

async function learn({ retentions, key }: StepContext, { sent, seen, paths, looked }: Evidence): Promise<void> {
  const { held, notKept, onRequest } = looked;
  const answered = seen.by === 'answer' ? seen.content : {};
  await retentions.learn(key, {
    notKept,
    onRequest,
    kept: paths.filter((path) => !notKept.includes(path) && !onRequest.includes(path)),
    rewritten: Object.keys(shownOtherwise(sent, held)).filter((name) => !covers(answered[name], held[name])),
    echoed: notKept.filter((path) => !isAbsentFrom(answered)(path)),
  });
}

/** Whether something was sent of which it is not known whether the target keeps it, and how. */
function isDoubtful(
  paths: readonly string[],
  sent: ScimObject,
  known: Retention,
  { link, lookFirst }: StepContext,
): boolean {
  if (lookFirst) return paths.length > 0;
  const { notKept, kept, onRequest, rewritten } = known;
  const isChanged = (path: string): boolean => !isSameValue(valueAt(link?.content ?? {}, path), valueAt(sent, path));
  const isNew = (path: string): boolean => link?.state !== 'linked' || isChanged(path);
  if (paths.some((path) => rewritten.includes(topOf(path)) && !notKept.includes(path) && isNew(path))) return true;
  const isKnown = (path: string): boolean => [notKept, kept, onRequest].some((list) => list.includes(path));
  return Object.values(known).flat().length < MOST_PATHS && !paths.every(isKnown);
}

interface Looked {
  readonly held: ScimObject;
  readonly notKept: readonly string[];
  readonly onRequest: readonly string[];
}

/**
 * Reads what was written. That is confirmed already, so a look that fails fails no step.
 *
 * @returns `unreadable` where looking again is of no use
 */
async function look(
  { connector, type, signal }: StepContext,
  remoteId: string,
  paths: readonly string[],
): Promise<Looked | 'failed' | 'unreadable'> {
  const ask = async <Answer>(asking: Promise<Answer> | undefined): Promise<Answer | 'failed' | undefined> => {
    try {
      return await asking;
    } catch (error) {
      return isProvostError(error) && !error.traits.retryable ? undefined : 'failed';
    }
  };
  const account = await ask(connector.read(type, remoteId, signal));
  if (account === undefined) return 'unreadable';
  if (account === 'failed') return account;
  const held = account.content;
  const missing = paths.filter(isAbsentFrom(held));
  if (missing.length === 0) return { held, notKept: [], onRequest: [] };
  const shown = await ask(connector.readAttributes?.(type, remoteId, missing, signal));
  if (shown === 'failed') return shown;
  const notKept = missing.filter(isAbsentFrom(shown ?? {}));
  return { held, notKept, onRequest: missing.filter((path) => !notKept.includes(path)) };
}
