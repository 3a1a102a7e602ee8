import type { PageRequest, TypeQuery } from './list-query.ts';

/** Ids that a page of so many is taken from at once; of more, only the page's own are asked for. */
const MANY = 1_000;

/** @returns the ids that a query asks for, where it asks for nothing else and of one type */
export function idsAlone(types: readonly TypeQuery[]): readonly string[] | undefined {
  const [only, ...others] = types;
  if (only === undefined || others.length > 0 || Object.keys(only.query).join() !== '_id') return undefined;
  const asked = only.query['_id'];
  const ids = typeof asked === 'object' && asked !== null && '$in' in asked ? asked.$in : undefined;
  return Array.isArray(ids) ? (ids as readonly string[]) : undefined;
}

/**
 * A page of many ids in the order of ids, as a query for the page's own: the members of a large group are listed so.
 *
 * @returns undefined where the query is another
 */
export function fewerIds(
  types: readonly TypeQuery[],
  page: PageRequest,
): { readonly types: readonly TypeQuery[]; readonly page: PageRequest } | undefined {
  const ids = idsAlone(types);
  const [type] = types;
  const { order, after, limit } = page;
  if (ids === undefined || type === undefined || ids.length <= MANY || order.field !== undefined) return undefined;
  const isBehind = (id: string): boolean =>
    after === undefined || (order.direction === 1 ? id > after.id : id < after.id);
  const sorted = ids.filter(isBehind).sort();
  if (order.direction === -1) sorted.reverse();
  const skip = page.skip ?? 0;
  const own = sorted.slice(skip, skip + limit);
  if (own.length === ids.length) return undefined;
  return { types: [{ type: type.type, query: { _id: { $in: own } } }], page: { order, limit } };
}
