import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWithinWindows, merged, nextOpening, openIntervals } from '../../domain/service-windows.ts';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const at = (text: string): number => Date.parse(text);
const iso = (moment: number): string => new Date(moment).toISOString();

test('without windows a target may always be called', () => {
  assert.equal(isWithinWindows(undefined, 0), true);
  assert.equal(isWithinWindows([], 0), true);
});

test('a window is what the clock on its own wall says', () => {
  const windows = [{ days: [1, 2, 3, 4, 5], from: '09:00', to: '17:00', timeZone: 'Europe/Berlin' }];
  assert.equal(isWithinWindows(windows, at('2026-11-25T07:59:59Z')), false);
  assert.equal(isWithinWindows(windows, at('2026-11-25T08:00:00Z')), true, 'winter: one hour ahead');
  assert.equal(isWithinWindows(windows, at('2026-11-25T16:00:00Z')), false, 'the end is not in it');
  assert.equal(isWithinWindows(windows, at('2026-07-15T07:00:00Z')), true, 'summer: two hours ahead');
  assert.equal(iso(nextOpening(windows, at('2026-11-27T18:00:00Z'))), '2026-11-30T08:00:00.000Z', 'after the weekend');
});

test('a window over midnight belongs to the day on which it begins', () => {
  const windows = [{ days: [5], from: '22:00', to: '06:00', timeZone: 'UTC' }];
  assert.equal(isWithinWindows(windows, at('2026-11-28T05:59:00Z')), true, 'Saturday morning');
  assert.equal(isWithinWindows(windows, at('2026-11-27T05:59:00Z')), false, 'Friday morning');
});

test('a night in which clocks are put back has an hour more, and one in which they go forward an hour less', () => {
  const windows = [{ days: EVERY_DAY, from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' }];
  const hoursOf = (from: string, to: string): number =>
    openIntervals(windows, { from: at(from), to: at(to) }).reduce((sum, night) => sum + night.to - night.from, 0) /
    3_600_000;
  assert.equal(hoursOf('2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z'), 9);
  assert.equal(hoursOf('2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z'), 7);
});

test('a window that ends where it begins lasts a day', () => {
  const windows = [{ days: EVERY_DAY, from: '00:00', to: '00:00', timeZone: 'UTC' }];
  const week = { from: at('2026-11-23T00:00:00Z'), to: at('2026-11-30T00:00:00Z') };
  assert.deepEqual(openIntervals(windows, week), [week]);
});

test('intervals that overlap or touch are one', () => {
  assert.deepEqual(
    merged([
      { from: 5, to: 9 },
      { from: 0, to: 3 },
      { from: 3, to: 4 },
      { from: 6, to: 7 },
    ]),
    [
      { from: 0, to: 4 },
      { from: 5, to: 9 },
    ],
  );
});
