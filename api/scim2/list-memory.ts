import type { Position } from '../../stores/list/position.ts';

/** Results from which a total is remembered: counting fewer is quick. */
const WORTH_REMEMBERING = 1_000;
const TOTAL_FOR_MS = 10_000;
const WALK_FOR_MS = 300_000;
const MAX_ENTRIES = 10_000;

export type ListMemory = ReturnType<typeof createListMemory>;

/**
 * What one API process remembers of lists for a moment. Nothing depends on it but speed, and how well a walk by index
 * fares while others write; another process does without.
 *
 * - Totals of 1,000 and more, for 10 seconds: a database counts by reading, so that each page would cost what the whole
 *   list costs.
 * - Where a page by index ended, for 5 minutes: the same caller's next page of the same size begins there instead of at
 *   a number that deletions have moved. So a walk by `startIndex` misses nobody who stayed.
 */
export function createListMemory(now: () => number) {
  const totals = new Map<string, { readonly total: number; readonly until: number }>();
  const walks = new Map<string, { readonly end: Position; readonly until: number }>();

  return {
    async total(query: string, count: () => Promise<number>): Promise<number> {
      const known = totals.get(query);
      if (known !== undefined && known.until > now()) return known.total;
      const total = await count();
      if (total >= WORTH_REMEMBERING) remember(totals, query, { total, until: now() + TOTAL_FOR_MS });
      else totals.delete(query);
      return total;
    },

    /** @param walk names caller, query, page size and start index */
    rememberEnd(walk: string, end: Position): void {
      remember(walks, walk, { end, until: now() + WALK_FOR_MS });
    },

    /** @returns the end of the page before, where the caller has just read it */
    endBefore(walk: string): Position | undefined {
      const known = walks.get(walk);
      return known !== undefined && known.until > now() ? known.end : undefined;
    },
  };
}

/** The oldest entry goes where there are too many; a Map keeps the order of insertion. */
function remember<Entry>(entries: Map<string, Entry>, key: string, entry: Entry): void {
  entries.delete(key);
  const oldest = entries.size >= MAX_ENTRIES ? entries.keys().next().value : undefined;
  if (oldest !== undefined) entries.delete(oldest);
  entries.set(key, entry);
}
