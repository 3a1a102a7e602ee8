import { DateTime } from 'luxon';
import type { ServiceWindow } from './target-rules.ts';

/** Epoch milliseconds, `to` not included. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

const DAY_MS = 86_400_000;
/** A window that opens once a week opens within this, whatever the clocks do. */
const LOOK_AHEAD_MS = 9 * DAY_MS;

/**
 * When within a time a target may be called: merged, in order. Without windows, always. Luxon knows what a wall clock
 * shows: a window of 22:00–06:00 lasts seven hours in the night in which clocks go forward.
 */
export function openIntervals(windows: readonly ServiceWindow[] | undefined, { from, to }: Interval): Interval[] {
  if (windows === undefined || windows.length === 0) return [{ from, to }];
  const found = windows
    .flatMap((window) => occurrences(window, from, to))
    .map((occurrence) => ({ from: Math.max(occurrence.from, from), to: Math.min(occurrence.to, to) }))
    .filter((occurrence) => occurrence.from < occurrence.to);
  return merged(found);
}

/** Whether a target may be called now. */
export const isWithinWindows = (windows: readonly ServiceWindow[] | undefined, now: number): boolean =>
  openIntervals(windows, { from: now, to: now + 1 }).length > 0;

/** @returns when a target may be called next; `now` where it may already */
export const nextOpening = (windows: readonly ServiceWindow[] | undefined, now: number): number =>
  openIntervals(windows, { from: now, to: now + LOOK_AHEAD_MS })[0]?.from ?? now + LOOK_AHEAD_MS;

/** Intervals that overlap or touch become one. */
export function merged(intervals: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && from <= last.to)
      result[result.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else result.push({ from, to });
  }
  return result;
}

/** Milliseconds of `open` that none of `closures` takes away. Both are merged. */
export function openTime(open: readonly Interval[], closures: readonly Interval[]): number {
  let total = 0;
  for (const interval of open) {
    total += interval.to - interval.from;
    for (const closure of closures) {
      total -= Math.max(0, Math.min(interval.to, closure.to) - Math.max(interval.from, closure.from));
    }
  }
  return total;
}

function occurrences({ days, from, to, timeZone }: ServiceWindow, begin: number, end: number): Interval[] {
  const found: Interval[] = [];
  const [opens, closes] = [timeOf(from), timeOf(to)];
  const overMidnight = closes.hour * 60 + closes.minute <= opens.hour * 60 + opens.minute;
  // A window that began yesterday may still be open.
  let day = DateTime.fromMillis(begin, { zone: timeZone }).startOf('day').minus({ days: 1 });
  for (; day.toMillis() < end; day = day.plus({ days: 1 })) {
    if (!days.includes(day.weekday)) continue;
    const last = overMidnight ? day.plus({ days: 1 }) : day;
    found.push({ from: day.set(opens).toMillis(), to: last.set(closes).toMillis() });
  }
  return found;
}

function timeOf(text: string): { readonly hour: number; readonly minute: number } {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return { hour, minute };
}
