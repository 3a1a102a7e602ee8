import type { TargetId, TenantId } from '../../domain/ids.ts';
import { findTarget, type Policy } from '../../domain/policy.ts';
import { HEALTHY, standingOf, type TargetHealth } from '../../domain/target-health.ts';
import type { TargetStateStore } from '../../stores/target-states.ts';
import type { CoreActivities, Persisted } from '../contract.ts';

export interface WaitsDependencies {
  readonly targetStates: Pick<TargetStateStore, 'closedOf'>;
  readonly policies: { current(tenant: TenantId): Promise<Policy> };
  now(): Date;
}

/** How long this process goes on with what it read of a tenant: it only words what a workflow shows. */
const KNOWN_FOR_MS = 250;

/** Tenants of which something is kept before what is over is forgotten. */
const MOST_KEPT = 1_000;

/** Persisting that also learns which targets cannot be called now, so that the workflow can say what it waits for. */
export function withWaits(
  persist: CoreActivities['persist'],
  { targetStates, policies, now }: WaitsDependencies,
): CoreActivities['persist'] {
  const known = new Map<TenantId, { readonly until: number; readonly healths: Map<TargetId, TargetHealth> }>();

  async function healthsOf(tenant: TenantId): Promise<Map<TargetId, TargetHealth>> {
    const held = known.get(tenant);
    if (held !== undefined && held.until > now().getTime()) return held.healths;
    const closed = await targetStates.closedOf(tenant);
    const healths = new Map(closed.map(({ target, health }) => [target, health]));
    if (known.size >= MOST_KEPT)
      for (const [each, { until }] of known) if (until <= now().getTime()) known.delete(each);
    known.set(tenant, { until: now().getTime() + KNOWN_FOR_MS, healths });
    return healths;
  }

  async function waitsOf({ steps }: Persisted, tenant: TenantId, urgent: boolean): Promise<[TargetId, string][]> {
    const [healths, policy] = await Promise.all([healthsOf(tenant), policies.current(tenant)]);
    return steps.flatMap((step): [TargetId, string][] => {
      const target = findTarget(policy, step.target);
      if (target === undefined) return [];
      const standing = standingOf(healths.get(step.target) ?? HEALTHY, target, now().getTime(), urgent);
      return standing.state === 'open' ? [] : [[step.target, standing.because]];
    });
  }

  return async (change) => {
    const persisted = await persist(change);
    if (persisted.steps.length === 0 || persisted.ended) return persisted;
    const waits = await waitsOf(persisted, change.tenant, persisted.urgent ?? change.urgent);
    return waits.length === 0 ? persisted : { ...persisted, waits: Object.fromEntries(waits) };
  };
}
