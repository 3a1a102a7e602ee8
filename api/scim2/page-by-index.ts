import type { TenantId } from '../../domain/ids.ts';
import type { TypeQuery } from '../../stores/list/list-query.ts';
import type { ListOrder } from '../../stores/list/order.ts';
import type { ListedResource, ResourceStore } from '../../stores/resources.ts';
import type { ListMemory } from './list-memory.ts';
import { DEFAULT_PAGE, MAX_PAGE } from './page-size.ts';

/** What is listed, apart from which page of it. */
export interface Listing {
  readonly tenant: TenantId;
  readonly types: readonly TypeQuery[];
  readonly order: ListOrder;
  /** Digest of all of it as the client asked for it. */
  readonly digest: string;
  /** Credential of the caller. */
  readonly caller: string;
}

export interface IndexPage {
  readonly rows: readonly ListedResource[];
  readonly startIndex: number;
  readonly totalResults: number;
}

/** A page by `startIndex` and `count` (RFC 7644 §3.4.2.4): below 1 means 1, a negative count means 0. */
export async function pageByIndex(
  listing: Listing,
  wanted: { readonly startIndex?: string | number; readonly count?: string | number },
  { resources, memory }: { readonly resources: ResourceStore; readonly memory: ListMemory },
): Promise<IndexPage> {
  const { tenant, types, order, digest, caller } = listing;
  const startIndex = Math.max(1, wholeNumber(wanted.startIndex, 1));
  const count = Math.min(MAX_PAGE, Math.max(0, wholeNumber(wanted.count, DEFAULT_PAGE)));
  const walk = (start: number): string => `${tenant} ${caller} ${digest} ${count} ${start}`;
  const after = startIndex === 1 ? undefined : memory.endBefore(walk(startIndex));
  const from = after === undefined ? { skip: startIndex - 1 } : { after };
  // One more than wanted, which tells whether the page is the last one.
  const found = count === 0 ? [] : await resources.list(tenant, types, { order, limit: count + 1, ...from });
  const rows = found.slice(0, count);
  const last = rows.at(-1);
  const hasMore = found.length > count;
  if (hasMore && last !== undefined) memory.rememberEnd(walk(startIndex + count), last.position);
  // The end of a list tells its length, if its beginning was counted off. Then nothing has to be counted.
  const isTold = count > 0 && !hasMore && after === undefined && (rows.length > 0 || startIndex === 1);
  const totalResults = isTold
    ? startIndex - 1 + rows.length
    : await memory.total(`${tenant} ${digest}`, () => resources.count(tenant, types));
  return { rows, startIndex, totalResults };
}

/** Numbers that make no sense count as not given, as most servers have it: clients send odd ones. */
export function wholeNumber(value: string | number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = typeof value === 'number' ? value : Number(value.trim() === '' ? Number.NaN : value);
  // Past what the wire can carry there is no page anyway.
  return Number.isFinite(number) ? Math.trunc(Math.max(-1, Math.min(number, 2_147_483_647))) : otherwise;
}
