import type { Link } from './link.ts';
import { valueAt, withoutValueAt, withValueAt } from './mapping/paths.ts';
import { covers } from './reconciliation.ts';
import { isArray, isObject, isSameValue } from './scim/json.ts';
import type { ScimObject, ScimValue } from './scim/resource.ts';

/** What is known of what a target keeps of accounts of one type: paths of attributes, never values. */
export interface Retention {
  /** Sent, and not there when the account was read afterwards. */
  readonly notKept: readonly string[];
  /** Sent, and there when the account was read afterwards, whatever the answer to the write showed. */
  readonly kept: readonly string[];
  /** Kept, and shown only to whoever asks for it by name (`returned: request`, RFC 7643 §7). */
  readonly onRequest: readonly string[];
  /** Top attributes that are kept in another form than the answer to a write shows. */
  readonly rewritten: readonly string[];
  /** Of what is not kept, what the answer to a write shows as if it were (Keycloak answers with what it was sent). */
  readonly echoed: readonly string[];
}

export const NOTHING_KNOWN: Retention = {
  notKept: [],
  kept: [],
  onRequest: [],
  rewritten: [],
  echoed: [],
};

/** Paths that are known of one type at one target; beyond, nothing more is learned or read. */
export const MOST_PATHS = 500;

/** The target's own, and what no target shows (RFC 7643 §7, `returned: never`). */
const NEVER_SHOWN: ReadonlySet<string> = new Set(['schemas', 'id', 'meta', 'password']);

/**
 * Paths of what was sent and can be looked for afterwards: simple and multi-valued attributes whole, complex ones by what
 * is in them. `active`: false is none of them: it takes access away, and is compared whatever the target shows.
 */
export const sentPaths = (content: ScimObject): string[] =>
  Object.entries(content).flatMap(([name, value]) => {
    if (NEVER_SHOWN.has(name) || (name === 'active' && value === false)) return [];
    return pathsIn(name, value, name.toLowerCase().startsWith('urn:') ? ':' : '.');
  });

function pathsIn(path: string, value: ScimValue, separator: ':' | '.'): string[] {
  if (isEmpty(value)) return [];
  if (!isObject(value)) return [path];
  return Object.entries(value).flatMap(([name, inner]) => pathsIn(`${path}${separator}${name}`, inner, '.'));
}

/** Empty is the same as absent (RFC 7643 §2.5). */
export function isEmpty(value: ScimValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (isArray(value)) return value.every(isEmpty);
  return isObject(value) && Object.values(value).every(isEmpty);
}

export const isAbsentFrom =
  (held: ScimObject) =>
  (path: string): boolean =>
    isEmpty(valueAt(held, path));

type Kept = Pick<Link, 'content' | 'notKept'>;

/**
 * What of an account is not compared with what it confirmed. What it did not keep, until it is sent again; of a link from
 * before that was noted, what its target does not keep from anybody; what is shown only on request.
 */
export function notCompared({ content = {}, notKept }: Kept, held: ScimObject, known: Retention): string[] {
  const isAbsent = isAbsentFrom(held);
  const paths = sentPaths(content).filter((path) => {
    if (notKept?.includes(path)) return true;
    const isNeverThere = notKept === undefined && known.notKept.includes(path);
    return (isNeverThere || known.onRequest.includes(path)) && isAbsent(path);
  });
  return content['password'] === undefined ? paths : [...paths, 'password'];
}

/** What an account holds as it was sent, although it did not keep it then: the target keeps it from now on. */
export const keptSince = ({ content = {}, notKept }: Kept, held: ScimObject, known: Retention): string[] =>
  sentPaths(content).filter(
    (path) => (notKept ?? known.notKept).includes(path) && covers(valueAt(held, path), valueAt(content, path)),
  );

export const withoutPaths = (content: ScimObject, paths: readonly string[]): ScimObject =>
  paths.reduce(withoutValueAt, content);

/**
 * What an account holds, for a comparison with what it should hold: with what was sent in vain and would be sent again the
 * same. As soon as the target keeps it from anybody, it is sent again.
 */
export function withSentInVain(held: ScimObject, wanted: ScimObject, link: Kept, known: Retention): ScimObject {
  const { content: sent = {}, notKept } = link;
  const isAbsent = isAbsentFrom(held);
  return sentPaths(wanted)
    .filter(isAbsent)
    .filter(
      (path) => known.onRequest.includes(path) || (known.notKept.includes(path) && (notKept?.includes(path) ?? true)),
    )
    .filter((path) => isSameValue(valueAt(sent, path), valueAt(wanted, path), 'unordered'))
    .reduce((filled, path) => withValueAt(filled, path, valueAt(wanted, path) ?? null), held);
}
