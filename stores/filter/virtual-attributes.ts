import type { ResolvedFilter, ResolvedPath } from '../../domain/scim/filter/resolved.ts';
import type { ResolvedTerm, StoreQuery } from './compile-filter.ts';

/**
 * Attributes that a filter may name and the shadow does not hold, because they are stored elsewhere: a user's groups, a
 * group's members. They are asked for first, and the query that is compiled after that has their answers in it.
 */
export interface VirtualAttributes {
  isVirtual(path: ResolvedPath): boolean;
  /**
   * @param term on a path for which `isVirtual` said yes: a comparison, `pr`, or a filter on elements
   * @returns a query over the resource documents, e.g. `{ _id: { $in: ['…'] } }`
   */
  query(term: ResolvedTerm): Promise<StoreQuery>;
}

/**
 * Looks up every virtual term of a filter.
 *
 * @example
 * const query = compileFilter(filter, { answers: await answerVirtual(filter, virtual) });
 */
export async function answerVirtual(
  filter: ResolvedFilter,
  virtual: VirtualAttributes,
): Promise<ReadonlyMap<ResolvedTerm, StoreQuery>> {
  const terms = virtualTerms(filter, virtual);
  const queries = await Promise.all(terms.map(async (term) => [term, await virtual.query(term)] as const));
  return new Map(queries);
}

function virtualTerms(filter: ResolvedFilter, virtual: VirtualAttributes): ResolvedTerm[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.terms.flatMap((term) => virtualTerms(term, virtual));
    case 'not':
      return virtualTerms(filter.term, virtual);
    default:
      return virtual.isVirtual(filter.path) ? [filter] : [];
  }
}
