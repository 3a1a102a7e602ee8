import type { ErrorCode, ProvostError } from './errors.ts';
import type { ResourceId } from './ids.ts';
import type { Target } from './policy.ts';
import { type Interval, isWithinWindows, merged, nextOpening, openIntervals, openTime } from './service-windows.ts';
import type { BreakerPolicy } from './target-rules.ts';

/** What is known of how a target fares. Times are epoch milliseconds. */
export interface TargetHealth {
  /** Different resources that failed since the target last answered anybody. */
  readonly failing: readonly ResourceId[];
  readonly quarantine?: Quarantine;
  readonly pause?: { readonly since: number; readonly by: string };
  /** The target asked, by Retry-After, not to be called before. */
  readonly notBefore?: number;
  /** Past quarantines and pauses, oldest first: a step does not age in them. */
  readonly closures: readonly Interval[];
}

export interface Quarantine {
  readonly since: number;
  readonly code: string;
  /** The target's own words, or ours where it said nothing. */
  readonly message: string;
  /** Probes so far. */
  readonly probes: number;
  readonly nextProbeAt: number;
}

export interface TargetFailure {
  readonly resource: ResourceId;
  readonly code: string;
  readonly message: string;
  readonly at: number;
}

export type StandingName = 'open' | 'paused' | 'quarantined' | 'outside-window' | 'throttled';

/** Whether a target may be called now, and if not, when it may be looked at again. */
export interface TargetStanding {
  readonly state: StandingName;
  readonly since?: number;
  /** Absent where only an operator knows. */
  readonly until?: number;
  /** In quarantine, and the next step that comes may try. */
  readonly probeDue: boolean;
  /** For people: what it waits for and why. Empty where it is open. */
  readonly because: string;
}

export type RunningRules = Pick<Target, 'name' | 'serviceWindows' | 'urgentOutsideWindows'>;

export const HEALTHY: TargetHealth = { failing: [], closures: [] };

/** For targets whose configuration says nothing. */
export const DEFAULT_BREAKER: BreakerPolicy = { failures: 10, probeAfterMs: 30_000, longestProbeMs: 900_000 };

/** Failures of a call that say something of the target, not of one resource. A 500 may be one resource's; ten different ones' are not. */
const TARGET_WIDE: ReadonlySet<ErrorCode> = new Set([
  'TARGET_UNAVAILABLE',
  'TARGET_OUTCOME_UNKNOWN',
  'TARGET_UNAUTHORISED',
  'TARGET_ADDRESS_FORBIDDEN',
]);

/** Failures by which a target shows that it works: it was reached, it knew us, and it refused this one thing. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['TARGET_REJECTED', 'TARGET_CONFLICT', 'TARGET_NOT_FOUND']);

/** What came of a call says of its target: it works, it fails for everybody, it asks to wait, or nothing. */
export type CallMeaning = 'works' | 'fails' | 'asks-to-wait' | 'nothing';

/**
 * Reads a failure that a connector threw. The same codes are used for faults of ours that no call left for, such as a
 * mapping without an answer: those say nothing of the target, and are never asked about here. A refusal counts only with
 * the status that the target gave.
 */
export function meaningOfFailure({ code, facts }: Pick<ProvostError, 'code' | 'facts'>): CallMeaning {
  if (TARGET_WIDE.has(code)) return 'fails';
  if (code === 'TARGET_THROTTLED') return 'asks-to-wait';
  if (facts.targetStatus === undefined) return 'nothing';
  if (REFUSALS.has(code)) return 'works';
  return code === 'TARGET_MISCONFIGURED' ? 'fails' : 'nothing';
}

const KEPT_CLOSURES = 50;

/** A step failed in a way that may be everybody's. In quarantine, the newest reason is kept. */
export function afterFailure(
  health: TargetHealth,
  { resource, code, message, at }: TargetFailure,
  breaker: BreakerPolicy,
): TargetHealth {
  if (health.quarantine !== undefined) return { ...health, quarantine: { ...health.quarantine, code, message } };
  const failing = [...new Set([...health.failing, resource])];
  if (failing.length < breaker.failures) return { ...health, failing };
  return {
    ...health,
    failing: [],
    quarantine: { since: at, code, message, probes: 0, nextProbeAt: at + breaker.probeAfterMs },
  };
}

/** The target did what it was asked, or refused one thing: it works. */
export const afterAnswer = (health: TargetHealth, at: number): TargetHealth => endQuarantine(health, at);

/** An operator knows better. */
export const release = (health: TargetHealth, at: number): TargetHealth => endQuarantine(health, at);

/**
 * Takes the right to try a target in quarantine. The next one has to wait twice as long, so that a probe whose worker
 * died is followed by another.
 *
 * @returns undefined where no probe is due
 */
export function claimProbe(health: TargetHealth, at: number, breaker: BreakerPolicy): TargetHealth | undefined {
  const { quarantine } = health;
  if (quarantine === undefined || health.pause !== undefined || quarantine.nextProbeAt > at) return undefined;
  const probes = quarantine.probes + 1;
  const pause = Math.min(breaker.longestProbeMs, breaker.probeAfterMs * 2 ** Math.min(probes, 30));
  return { ...health, quarantine: { ...quarantine, probes, nextProbeAt: at + pause } };
}

/** The right was taken and not used: nothing left for the target. The next step that comes may try. */
export const returnProbe = (health: TargetHealth, at: number): TargetHealth =>
  health.quarantine === undefined
    ? health
    : {
        ...health,
        quarantine: { ...health.quarantine, probes: Math.max(0, health.quarantine.probes - 1), nextProbeAt: at },
      };

/** No probe before `until`. Outside quarantine it does nothing. */
export const extendQuarantine = (health: TargetHealth, until: number): TargetHealth =>
  health.quarantine === undefined ? health : { ...health, quarantine: { ...health.quarantine, nextProbeAt: until } };

export const pause = (health: TargetHealth, by: string, at: number): TargetHealth =>
  health.pause === undefined ? { ...health, pause: { since: at, by } } : health;

export function resume(health: TargetHealth, at: number): TargetHealth {
  const { pause: paused, ...rest } = health;
  return paused === undefined ? health : { ...rest, closures: withClosure(health, { from: paused.since, to: at }) };
}

/** A later moment that the target named counts; an earlier one shortens nothing. */
export const afterThrottle = (health: TargetHealth, until: number): TargetHealth =>
  (health.notBefore ?? 0) >= until ? health : { ...health, notBefore: until };

/** Where a target stands for a step. Urgent ones pass its service windows if its operator said so, and nothing else. */
export function standingOf(
  health: TargetHealth,
  { name, serviceWindows, urgentOutsideWindows }: RunningRules,
  now: number,
  urgent: boolean,
): TargetStanding {
  if (health.pause !== undefined) {
    const { since } = health.pause;
    return { state: 'paused', since, probeDue: false, because: `${name} is paused since ${iso(since)}` };
  }
  if (health.quarantine !== undefined) return quarantined(health.quarantine, name, now);
  if (!(urgent && urgentOutsideWindows === true) && !isWithinWindows(serviceWindows, now)) {
    const until = nextOpening(serviceWindows, now);
    const because = `${name} is outside its service windows, next ${iso(until)}`;
    return { state: 'outside-window', until, probeDue: false, because };
  }
  if (health.notBefore !== undefined && health.notBefore > now) {
    const until = health.notBefore;
    return {
      state: 'throttled',
      until,
      probeDue: false,
      because: `${name} asked not to be called before ${iso(until)}`,
    };
  }
  return { state: 'open', probeDue: false, because: '' };
}

/** Milliseconds of a time in which the target could have been called: what a step ages by. */
export function openMsBetween(
  health: TargetHealth,
  { serviceWindows }: Pick<Target, 'serviceWindows'>,
  between: Interval,
): number {
  const current = [health.pause?.since, health.quarantine?.since].flatMap((from) =>
    from === undefined ? [] : [{ from, to: between.to }],
  );
  return openTime(openIntervals(serviceWindows, between), merged([...health.closures, ...current]));
}

function quarantined({ since, message, nextProbeAt }: Quarantine, name: string, now: number): TargetStanding {
  const probeDue = nextProbeAt <= now;
  return {
    state: 'quarantined',
    since,
    until: Math.max(nextProbeAt, now),
    probeDue,
    because: `${name} is quarantined since ${iso(since)}: ${message} Next probe ${probeDue ? 'now' : iso(nextProbeAt)}`,
  };
}

function endQuarantine(health: TargetHealth, at: number): TargetHealth {
  const { quarantine, ...rest } = health;
  if (quarantine === undefined) return health.failing.length === 0 ? health : { ...health, failing: [] };
  return { ...rest, failing: [], closures: withClosure(health, { from: quarantine.since, to: at }) };
}

const withClosure = ({ closures }: TargetHealth, closure: Interval): readonly Interval[] =>
  [...closures, closure].slice(-KEPT_CLOSURES);

const iso = (at: number): string => new Date(at).toISOString();
