import type { StoreQuery } from '../filter/compile-filter.ts';
import type { ListOrder } from './order.ts';

/** Where a resource is in an order. It stays a place also when the resource is gone. */
export interface Position {
  readonly id: string;
  /** What is sorted by; absent where the resource has no such value or the order is by id. */
  readonly value?: string | number | boolean;
}

export function positionOf(document: Readonly<Record<string, unknown>>, { field }: ListOrder): Position {
  const id = String(document['_id']);
  const value = field === undefined ? undefined : valueAt(document, field);
  return isSortable(value) ? { id, value } : { id };
}

/** Everything behind a position, as a query that an index on the order's field can begin at. */
export function behind({ direction, field, marker }: ListOrder, { id, value }: Position): StoreQuery {
  const further = direction === 1 ? '$gt' : '$lt';
  const orEqual = direction === 1 ? '$gte' : '$lte';
  const furtherId = { _id: { [further]: id } };
  if (field === undefined) return furtherId;
  if (value === undefined) {
    if (marker === undefined) return furtherId;
    const without = { [marker]: { $exists: false }, ...furtherId };
    // Descending, those without the attribute come first and all the others are behind them.
    return direction === 1 ? without : { $or: [without, { [marker]: true }] };
  }
  const within = { [field]: { [orEqual]: value }, $or: [{ [field]: { [further]: value } }, furtherId] };
  if (marker === undefined) return within;
  return direction === 1 ? { $or: [within, { [marker]: { $exists: false } }] } : within;
}

/** Names in a field's path are encoded, so each dot is a step. */
const valueAt = (document: unknown, field: string): unknown =>
  field
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      document,
    );

const isSortable = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
