import type { Direction } from './order.ts';

/** A condition on `_id`. Every range has one: some planners take an index on ids only then. */
export type IdRange = Readonly<Record<string, string>>;

/** Ids are spread evenly over their first 12 hexadecimal digits: they are random or digests (api/change-request.ts). */
export const PLACES = 2 ** 48;

/** Each range is so much wider than the one before: what is asked for may be rare. */
const WIDENING = 4;

/**
 * All ids behind `after` as ranges that follow each other, the last one open. A server that sorts whatever a query
 * selects has little to sort then; one that reads an index in order reads the same as without.
 *
 * @param width of the first range, in places
 */
export function* idRanges(direction: Direction, after: string | undefined, width: number): Generator<IdRange> {
  const up = direction === 1;
  let edge: IdRange = after === undefined ? (up ? { $gt: '' } : {}) : { [up ? '$gt' : '$lt']: after };
  let place = after === undefined ? (up ? 0 : PLACES) : placeOf(after);
  for (let step = Math.max(1, Math.round(width)); place !== undefined; step *= WIDENING) {
    place += up ? step : -step;
    if (place >= PLACES || place <= 0) break;
    const bound = idAt(place);
    yield { ...edge, [up ? '$lt' : '$gte']: bound };
    edge = { [up ? '$gte' : '$lt']: bound };
  }
  yield up ? edge : { $gt: '', ...edge };
}

/** @returns undefined for an id of another form */
export function placeOf(id: string): number | undefined {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-/.exec(id) ?? [];
  return high === undefined || low === undefined ? undefined : Number.parseInt(high + low, 16);
}

/** The beginning of the first id at a place. */
function idAt(place: number): string {
  const hex = place.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
