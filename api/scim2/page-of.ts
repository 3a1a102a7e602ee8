import type { ListRequest } from './list.ts';
import { wholeNumber } from './page-by-index.ts';
import { DEFAULT_PAGE, MAX_PAGE } from './page-size.ts';

/** A page by `startIndex` and `count` of what is all in memory (RFC 7644 §3.4.2.4). */
export function pageOf<Item>(
  items: readonly Item[],
  wanted: Pick<ListRequest, 'startIndex' | 'count'>,
): { readonly startIndex: number; readonly page: readonly Item[] } {
  const startIndex = Math.max(1, wholeNumber(wanted.startIndex, 1));
  const count = Math.min(MAX_PAGE, Math.max(0, wholeNumber(wanted.count, DEFAULT_PAGE)));
  return { startIndex, page: items.slice(startIndex - 1, startIndex - 1 + count) };
}
