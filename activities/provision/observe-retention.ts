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

/** What an account holds of what was sent, and which of it is not there. */
export interface Observed {
  readonly held: ScimObject;
  readonly notKept: readonly string[];
}

/**
 * Finds out what the target kept of what was sent. That an answer leaves an attribute out proves nothing: the account is
 * read, once for each attribute at each target, and after that where a step repairs it.
 */
export async function observeRetention(context: StepContext, sent: ScimObject, seen: SeenAccount): Promise<Observed> {
  const { link, retentions, key } = context;
  const known = await retentions.of(key);
  const paths = sentPaths(sent);
  const isNotKept = (path: string): boolean => known.notKept.includes(path);
  if (seen.by === 'link')
    return { held: seen.content, notKept: paths.filter((path) => link?.notKept?.includes(path) ?? isNotKept(path)) };

  const absent = seen.by === 'assumed' ? paths : paths.filter(isAbsentFrom(seen.content));
  const isUnclear = seen.by !== 'read' && isDoubtful(absent, sent, known, context);
  const looked = isUnclear ? await look(context, seen.remoteId, absent) : 'failed';
  if (looked === 'unreadable') {
    // It is believed, from now on.
    const { notKept, onRequest } = known;
    await retentions.learn(key, { unanswered: absent.filter((path) => ![...notKept, ...onRequest].includes(path)) });
  }
  if (typeof looked === 'string') {
    if (seen.by !== 'assumed') await relearn(context, sent, seen.content, known);
    return { held: seen.content, notKept: absent.filter(isNotKept) };
  }
  const { held, notKept, onRequest } = looked;
  const left = new Set(absent.map(topOf));
  await retentions.learn(key, {
    notKept,
    onRequest,
    unanswered: absent.filter((path) => !notKept.includes(path) && !onRequest.includes(path)),
    rewritten: Object.keys(shownOtherwise(sent, held)).filter((name) => left.has(name)),
  });
  await relearn(context, sent, held, known);
  return { held, notKept };
}

/** Whether something is absent from an answer of which it is not known whether the target keeps it, and how. */
function isDoubtful(
  absent: readonly string[],
  sent: ScimObject,
  { notKept, unanswered, onRequest, rewritten }: Retention,
  { link, lookFirst }: StepContext,
): boolean {
  const isChanged = (path: string): boolean => !isSameValue(valueAt(link?.content ?? {}, path), valueAt(sent, path));
  const open = absent.filter((path) => !notKept.includes(path) && !onRequest.includes(path));
  if (lookFirst) return open.length > 0;
  if (open.some((path) => rewritten.includes(topOf(path)) && isChanged(path))) return true;
  const count = notKept.length + unanswered.length + onRequest.length + rewritten.length;
  return count < MOST_PATHS && open.some((path) => !unanswered.includes(path));
}

interface Looked extends Observed {
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
  absent: readonly string[],
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
  const missing = absent.filter(isAbsentFrom(held));
  if (missing.length === 0) return { held, notKept: [], onRequest: [] };
  const shown = await ask(connector.readAttributes?.(type, remoteId, missing, signal));
  if (shown === 'failed') return shown;
  const notKept = missing.filter(isAbsentFrom(shown ?? {}));
  return { held, notKept, onRequest: missing.filter((path) => !notKept.includes(path)) };
}

/** What the target did not keep, and holds now as it was sent. */
async function relearn(
  { retentions, key }: StepContext,
  sent: ScimObject,
  held: ScimObject,
  { notKept }: Retention,
): Promise<void> {
  const kept = notKept.filter((path) => {
    const wanted = valueAt(sent, path);
    return wanted !== undefined && covers(valueAt(held, path), wanted);
  });
  if (kept.length > 0) await retentions.keeps(key, kept);
}
