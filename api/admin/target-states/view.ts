import type { z } from 'zod';
import type { Target } from '../../../domain/policy.ts';
import { standingOf, type TargetHealth } from '../../../domain/target-health.ts';
import type { Readable } from '../route.ts';
import type { targetState } from './schemas.ts';

export interface Counts {
  readonly waitingSteps: number;
  readonly stagedDeletions: number;
  readonly deletionsInWindow?: number;
}

/** Attributes of one type of accounts that a target does not keep. */
export interface NotKept {
  readonly resourceType: string;
  readonly attributes: readonly string[];
}

export interface KnownTarget {
  readonly target: Target;
  readonly health: TargetHealth;
  readonly notKept: readonly NotKept[];
}

/** How a target fares, for people. */
export function viewOfTargetState(
  { target, health, notKept }: KnownTarget,
  counts: Counts,
  now: number,
): Readable<z.input<typeof targetState>> {
  const { state, because, since, until } = standingOf(health, target, now, false);
  const { quarantine, pause, failing } = health;
  return {
    target: target.id,
    name: target.name,
    state,
    because,
    ...(since === undefined ? {} : { since: iso(since) }),
    ...(until === undefined ? {} : { until: iso(until) }),
    ...(quarantine === undefined
      ? {}
      : { code: quarantine.code, targetSaid: quarantine.message, probes: quarantine.probes }),
    ...(pause === undefined ? {} : { pausedBy: pause.by }),
    failing: failing.length,
    ...counts,
    ...viewOfNotKept(notKept.filter(({ attributes }) => attributes.length > 0)),
  };
}

function viewOfNotKept(notKept: readonly NotKept[]) {
  if (notKept.length === 0) return {};
  const words = notKept.map(({ resourceType, attributes }) => `${attributes.join(', ')} (${resourceType})`);
  return {
    doesNotKeep: notKept.map(({ resourceType, attributes }) => ({ resourceType, attributes: [...attributes].sort() })),
    remark: `Does not keep: ${words.join('; ')}.`,
  };
}

const iso = (at: number): string => new Date(at).toISOString();
