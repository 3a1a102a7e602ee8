import type { BoundPath } from '../../domain/scim/attribute-path.ts';
import { isAlwaysThere, SORT_FIRST, SORT_HAS } from '../../domain/scim/sort-keys.ts';
import { encodeKey } from '../../domain/scim/stored-form.ts';

export type Direction = 1 | -1;

/** The order of a list. Ties are broken by id, so that it is the same each time and a page can begin after any resource. */
export interface ListOrder {
  readonly direction: Direction;
  /** Stored field that is sorted by; absent: by id alone. */
  readonly field?: string;
  /** Field that is `true` where a resource has the attribute; absent where every resource has it. */
  readonly marker?: string;
}

/** The one order that an index gives for free and that nothing a client writes can change. */
export const BY_ID: ListOrder = { direction: 1 };

/**
 * Order by one attribute (RFC 7644 §3.4.2.3): a multi-valued one by its primary value, else its first; resources without
 * the attribute last when ascending and first when descending.
 */
export function orderBy({ extension, attribute, sub }: BoundPath, direction: Direction): ListOrder {
  if (attribute.name === 'id' && extension === undefined) return { direction };
  const names = [...(extension === undefined ? [] : [extension]), attribute.name, ...(sub ? [sub.name] : [])];
  const path = names.map(encodeKey).join('.');
  return {
    direction,
    field: attribute.multiValued ? `k.${SORT_FIRST}.${path}` : `k.${path}`,
    ...(extension === undefined && isAlwaysThere(attribute) ? {} : { marker: `k.${SORT_HAS}.${path}` }),
  };
}

/** As MongoDB sorts: it puts what is absent first, so the marker is sorted by the other way round. */
export function sortOf({ direction, field, marker }: ListOrder): Record<string, Direction> {
  return {
    ...(marker === undefined ? {} : { [marker]: opposite(direction) }),
    ...(field === undefined ? {} : { [field]: direction }),
    _id: direction,
  };
}

/** The same list from its end. */
export const reversed = (order: ListOrder): ListOrder => ({ ...order, direction: opposite(order.direction) });

const opposite = (direction: Direction): Direction => (direction === 1 ? -1 : 1);
