import type { TenantId } from '../../domain/ids.ts';
import type { StoreQuery } from '../filter/compile-filter.ts';
import type { ListOrder } from './order.ts';
import { behind, type Position } from './position.ts';

/** Resources of one type that a query (over the shadow `k`) selects. */
export interface TypeQuery {
  readonly type: string;
  readonly query: StoreQuery;
}

export interface PageRequest {
  readonly order: ListOrder;
  readonly limit: number;
  /** The page begins behind this place. */
  readonly after?: Position;
  /** Resources to leave out first. Each costs time: a page far into a list is better asked for by `after`. */
  readonly skip?: number;
}

/** What `types` select within a tenant. Types are stored side by side, so several of them are still one query. */
export function selecting(tenant: TenantId, types: readonly TypeQuery[]): StoreQuery {
  const [only, ...others] = types;
  if (only !== undefined && others.length === 0) return { ...only.query, tenant, type: only.type };
  if (types.every(({ query }) => Object.keys(query).length === 0))
    return { tenant, type: { $in: types.map(({ type }) => type) } };
  return { tenant, $or: types.map(({ type, query }) => ({ ...query, type })) };
}

/** Query of one page, to be sorted by its order. */
export function pageQuery(
  tenant: TenantId,
  types: readonly TypeQuery[],
  { order, after }: Pick<PageRequest, 'order' | 'after'>,
): StoreQuery {
  const selected = selecting(tenant, types);
  return after === undefined ? selected : conjoined(selected, behind(order, after));
}

/** Both at once. Side by side where no name meets another, for planners that look at the top only. */
export const conjoined = (left: StoreQuery, right: StoreQuery): StoreQuery =>
  Object.keys(right).some((name) => Object.hasOwn(left, name)) ? { $and: [left, right] } : { ...left, ...right };
