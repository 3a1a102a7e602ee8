import { ProvostError } from '../../domain/errors.ts';
import { reversed } from '../../stores/list/order.ts';
import type { ListedResource, ResourceStore } from '../../stores/resources.ts';
import type { Cursor, Cursors } from './cursor.ts';
import type { ListMemory } from './list-memory.ts';
import type { Listing } from './page-by-index.ts';
import { DEFAULT_PAGE, MAX_PAGE } from './page-size.ts';

export interface CursorPage {
  readonly rows: readonly ListedResource[];
  readonly totalResults: number;
  readonly nextCursor?: string;
  readonly previousCursor?: string;
}

/**
 * A page by cursor (RFC 9865). It begins behind the place where the page before it ended, whatever has been written or
 * deleted since: who was there all the time is met exactly once.
 *
 * @throws ProvostError `INVALID_CURSOR`, `EXPIRED_CURSOR`, `INVALID_COUNT`
 */
export async function pageByCursor(
  listing: Listing,
  wanted: { readonly cursor: string; readonly count?: string | number },
  dependencies: { readonly resources: ResourceStore; readonly memory: ListMemory; readonly cursors: Cursors },
): Promise<CursorPage> {
  const { tenant, types, order, digest } = listing;
  const { resources, memory, cursors } = dependencies;
  const count = pageSize(wanted.count);
  const from = wanted.cursor === '' ? undefined : cursors.read(tenant, digest, wanted.cursor);
  const isBackwards = from?.towards === 'previous';
  const found = await resources.list(tenant, types, {
    order: isBackwards ? reversed(order) : order,
    limit: count + 1,
    ...(from === undefined ? {} : { after: from.position }),
  });
  const goesOn = found.length > count;
  const rows = isBackwards ? found.slice(0, count).reverse() : found.slice(0, count);
  const total =
    from?.total ??
    (goesOn ? await memory.total(`${tenant} ${digest}`, () => resources.count(tenant, types)) : rows.length);
  const write = (row: ListedResource | undefined, towards: Cursor['towards']): string | undefined =>
    row && cursors.write(tenant, digest, { position: row.position, towards, total });
  const nextCursor = isBackwards || goesOn ? write(rows.at(-1), 'next') : undefined;
  const previousCursor = (isBackwards ? goesOn : from !== undefined) ? write(rows[0], 'previous') : undefined;
  return {
    rows,
    totalResults: total,
    ...(nextCursor === undefined ? {} : { nextCursor }),
    ...(previousCursor === undefined ? {} : { previousCursor }),
  };
}

/** More than the most is cut down to it: fewer than wanted may always come (RFC 9865 §2). */
function pageSize(count: string | number | undefined): number {
  if (count === undefined) return DEFAULT_PAGE;
  const number = typeof count === 'number' ? count : /^\d+$/.test(count.trim()) ? Number(count) : Number.NaN;
  if (!Number.isInteger(number) || number < 1)
    throw new ProvostError('INVALID_COUNT', `With a cursor, count is a whole number from 1 to ${MAX_PAGE}.`, {
      path: 'count',
    });
  return Math.min(number, MAX_PAGE);
}
