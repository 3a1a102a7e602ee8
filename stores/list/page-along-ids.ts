import { type IdRange, idRanges, PLACES, placeOf } from './id-ranges.ts';
import type { Direction } from './order.ts';

export interface AlongIds {
  readonly direction: Direction;
  readonly after?: string;
  readonly limit: number;
}

interface WithId {
  readonly _id: string;
}

/** Resources that a tenant is taken to have before anything is known of it. */
const AT_FIRST = 10_000;
/** A first range is made for so many times the resources that are wanted: seldom too few, never many. */
const AMPLE = 1.5;
const MOST_REMEMBERED = 10_000;

export type PageAlongIds = ReturnType<typeof createPageAlongIds>;

/**
 * Reads pages in the order of ids, a range of ids at a time, so that a page costs the same however much there is. How
 * close together the ids of a list are is remembered from its last page; nothing but speed depends on it.
 */
export function createPageAlongIds() {
  const placesPerResource = new Map<string, number>();

  function learn(key: string, rows: readonly WithId[], { direction, after }: AlongIds): void {
    const from = after === undefined ? (direction === 1 ? 0 : PLACES) : placeOf(after);
    const to = placeOf(rows.at(-1)?._id ?? '');
    if (from === undefined || to === undefined) return;
    if (placesPerResource.size >= MOST_REMEMBERED) placesPerResource.clear();
    placesPerResource.set(key, Math.abs(to - from) / rows.length);
  }

  /**
   * @param key names the list, so that what was learnt of it counts for its next page
   * @param read one range, in the page's direction, at most so many
   */
  return async function pageAlongIds<Row extends WithId>(
    key: string,
    page: AlongIds,
    read: (range: IdRange, limit: number) => Promise<readonly Row[]>,
  ): Promise<readonly Row[]> {
    const { direction, after, limit } = page;
    const width = (placesPerResource.get(key) ?? PLACES / AT_FIRST) * limit * AMPLE;
    const rows: Row[] = [];
    for (const range of idRanges(direction, after, width)) {
      rows.push(...(await read(range, limit - rows.length)));
      if (rows.length === limit) {
        learn(key, rows, page);
        break;
      }
    }
    return rows;
  };
}
