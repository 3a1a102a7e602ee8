import type { TenantId } from '../../domain/ids.ts';
import { findServiceProvider, type Policy } from '../../domain/policy.ts';
import type { Deviation } from '../../domain/scim/deviation.ts';
import type { DeviationTally } from '../../stores/deviation-tally.ts';
import type { Principal } from '../identify/principal.ts';
import type { Scim2Dependencies } from './context.ts';

export interface DeviationObserverDependencies {
  readonly policies: { current(tenant: TenantId): Promise<Policy> };
  readonly observe: DeviationTally['observe'];
  observeDeviation(code: string): void;
}

/** Counts deviations of clients whose service provider is `observed`: for its administrator, and for who operates all. */
export function createDeviationObserver({
  policies,
  observe,
  observeDeviation,
}: DeviationObserverDependencies): Scim2Dependencies['observeDeviations'] {
  const count = async ({ tenant, serviceProvider }: Principal, deviations: readonly Deviation[]): Promise<void> => {
    const { id, conformance } = findServiceProvider(await policies.current(tenant), serviceProvider);
    if (conformance !== 'observed') return;
    observe({ tenant, serviceProvider: id }, deviations);
    for (const { code } of deviations) observeDeviation(code);
  };
  return (principal, deviations) => {
    // Nobody waits for a count, and none is worth a failed request.
    if (deviations.length > 0) count(principal, deviations).catch(() => undefined);
  };
}
