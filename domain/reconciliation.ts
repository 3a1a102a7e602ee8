import { isArray, isObject } from './scim/json.ts';
import type { ScimObject, ScimValue } from './scim/resource.ts';

/**
 * How an account at a target and what is known here can stand to each other.
 *
 * `changed`: the account holds other values than it last confirmed. `missing`: it confirmed one and has none any more.
 * `active-again`: it was disabled because nobody should have it, and is active. `unlinked`: it is nobody's here, and
 * matches one resource. `ambiguous`: it matches several. `unknown`: it matches none. `members-differ`: of a group, others
 * are in it than should be.
 */
export type Situation =
  | 'changed'
  | 'missing'
  | 'active-again'
  | 'unlinked'
  | 'ambiguous'
  | 'unknown'
  | 'members-differ';

/**
 * `report`: nothing but telling. `push`: the target gets what it should hold. `adopt`: what the target holds becomes
 * ours: values, the account of a resource, or a new resource. `delete`: the account goes. `park`: a person decides.
 */
export type ReconciliationAction = 'report' | 'push' | 'adopt' | 'delete' | 'park';

/** What can be done about each situation; the first is done where nothing else is configured. */
export const ACTIONS: Readonly<Record<Situation, readonly ReconciliationAction[]>> = {
  changed: ['report', 'push', 'adopt', 'park'],
  missing: ['report', 'push', 'park'],
  'active-again': ['report', 'push', 'park'],
  unlinked: ['report', 'adopt', 'park'],
  ambiguous: ['report', 'park'],
  unknown: ['report', 'adopt', 'delete', 'park'],
  'members-differ': ['report', 'push', 'park'],
};

export const SITUATIONS = Object.keys(ACTIONS) as readonly Situation[];

/** What a target's reconciliation does, and when it runs by itself. */
export interface ReconciliationPolicy {
  readonly actions?: Readonly<Partial<Record<Situation, ReconciliationAction>>>;
  /** Most differences that one run acts on; all beyond wait for a person. Default {@link DEFAULT_MOST_CHANGES}. */
  readonly mostChanges?: number;
  /** Absent: it runs when somebody starts it. */
  readonly schedule?: {
    /** Five fields: minute, hour, day of month, month, weekday. */
    readonly cron: string;
    /** IANA name. */
    readonly timeZone: string;
  };
}

/** Somebody who empties a target by mistake shall not empty everything else. */
export const DEFAULT_MOST_CHANGES = 100;

export const actionFor = ({ actions }: ReconciliationPolicy, situation: Situation): ReconciliationAction =>
  actions?.[situation] ?? ACTIONS[situation][0] ?? 'report';

/**
 * Attributes of which a target holds something else than it confirmed. What it holds besides is not ours to judge.
 *
 * @param shown values that the target showed in the place of those that were sent, such as a name in lower case
 * @returns their names, sorted; an extension's is its URN
 */
export const driftedAttributes = (confirmed: ScimObject, held: ScimObject, shown: ScimObject = {}): string[] =>
  Object.keys(confirmed)
    .filter((name) => name !== 'schemas' && !covers(held[name], confirmed[name]) && !isAsShown(name, held, shown))
    .sort();

const isAsShown = (name: string, held: ScimObject, shown: ScimObject): boolean =>
  shown[name] !== undefined && covers(held[name], shown[name]);

/**
 * Of what was sent, the attributes that a target shows with another value, such as a name in lower case. What it does not
 * show is not known; what it left as it was before was not taken, and `active` means access: neither is another way of
 * writing the same.
 *
 * @param before what the target held until then
 */
export function shownOtherwise(sent: ScimObject, shown: ScimObject, before: ScimObject = {}): ScimObject {
  const names = Object.keys(sent).filter((name) => name !== 'schemas' && name !== 'active');
  return Object.fromEntries(
    names.flatMap((name) => {
      const written = writtenOtherwise(sent[name], shown[name]);
      const isLeft = before[name] !== undefined && covers(before[name], written) && covers(written, before[name]);
      return written === undefined || isLeft ? [] : [[name, written] as const];
    }),
  );
}

function writtenOtherwise(sent: ScimValue | undefined, shown: ScimValue | undefined): ScimValue | undefined {
  if (sent === undefined || sent === null || shown === undefined || shown === null) return undefined;
  if (isArray(sent) !== isArray(shown) || isObject(sent) !== isObject(shown)) return undefined;
  // Fewer values than were sent is a target's way; more may be some that were to go.
  if (isArray(sent) && isArray(shown) && (shown.length === 0 || shown.length > sent.length)) return undefined;
  const written = isObject(sent) && isObject(shown) ? { ...sent, ...pickPresent(shown, Object.keys(sent)) } : shown;
  return covers(written, sent) ? undefined : written;
}

const pickPresent = (object: ScimObject, names: readonly string[]): ScimObject =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = object[name];
      return value === undefined || value === null ? [] : [[name, value] as const];
    }),
  );

/** What a target holds, in the words in which it was sent where the target only writes it differently. */
export const asSent = (held: ScimObject, sent: ScimObject, shown: ScimObject): ScimObject =>
  Object.fromEntries(
    Object.entries(held).map(([name, value]) => {
      const original = sent[name];
      return [name, original !== undefined && isAsShown(name, held, shown) ? original : value];
    }),
  );

/** Whether `held` has everything that `wanted` asks for; what it has besides is not ours. */
export function covers(held: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(held) &&
      held.length === wanted.length &&
      wanted.every((element) => held.some((other) => covers(other, element)))
    );
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof held !== 'object' || held === null) return false;
    const object = held as Record<string, unknown>;
    return Object.entries(wanted).every(([name, value]) => name === 'schemas' || covers(object[name], value));
  }
  return held === wanted;
}
