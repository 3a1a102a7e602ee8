import { ProvostError } from '../../errors.ts';
import type { ResolvedFilter } from '../filter/resolved.ts';
import { isArray } from '../json.ts';
import type { ScimValue } from '../resource.ts';
import { maxValues } from '../values/parse-value.ts';
import type { AttributeTarget } from './patch-target.ts';

/** Passes over a full attribute by a filter of one comparison. */
const MAX_PASSES = 200;
/** What reading one element costs beside comparing it, in comparisons. */
const OVERHEAD = 4;

/**
 * What one request may cost. A thousand operations, each with a filter of twenty comparisons on a thousand elements,
 * took 6 to 12 seconds of a worker; ordinary requests come nowhere near.
 */
export class WorkLimit {
  #left = MAX_PASSES * (1 + OVERHEAD);

  /** @throws ProvostError `TOO_MANY` */
  spend(held: ScimValue | undefined, { attribute, filter }: AttributeTarget): void {
    if (!isArray(held)) return;
    const cost = filter === undefined ? 1 : countComparisons(filter) + OVERHEAD;
    this.#left -= (held.length / maxValues(attribute)) * cost;
    if (this.#left < 0)
      throw new ProvostError('TOO_MANY', `Too many operations on ${attribute.name} in one request: send fewer.`, {
        path: attribute.name,
      });
  }
}

function countComparisons(filter: ResolvedFilter): number {
  if (filter.kind === 'and' || filter.kind === 'or')
    return filter.terms.reduce((count, term) => count + countComparisons(term), 0);
  return filter.kind === 'not' ? countComparisons(filter.term) : 1;
}
