import type { DeviationTally } from '../../stores/deviation-tally.ts';
import type { Scim2Dependencies } from './context.ts';

export interface DeviationObserverDependencies {
  readonly observe: DeviationTally['observe'];
  observeDeviation(code: string): void;
}

/** Counts deviations of clients whose service provider is `observed`: for its administrator, and for who operates all. */
export function createDeviationObserver({
  observe,
  observeDeviation,
}: DeviationObserverDependencies): Scim2Dependencies['observeDeviations'] {
  return ({ principal, serviceProvider: { id, conformance } }, deviations) => {
    if (conformance !== 'observed' || deviations.length === 0) return;
    observe({ tenant: principal.tenant, serviceProvider: id }, deviations);
    for (const { code } of deviations) observeDeviation(code);
  };
}
