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

/** How a target fares, for people. */
export function viewOfTargetState(
  target: Target,
  health: TargetHealth,
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
  };
}

const iso = (at: number): string => new Date(at).toISOString();
