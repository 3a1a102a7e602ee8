const STRICT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})?$/;
// Entra's validator writes time zones in several forms: peers.md 3.3 no. 31.
const LOOSE =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)? ?([Zz]|[+-]\d{2}(?::?\d{2})?)?$/;

/** A valid xsd:dateTime with date and time (RFC 7643 §2.3.5). */
export const isDateTime = (text: string): boolean => STRICT.test(text) && toInstant(text) !== undefined;

/**
 * The instant of a dateTime as ISO 8601 in UTC with milliseconds, so that text order is time order. Without a time zone
 * it is taken as UTC. Finer fractions of a second are cut off.
 *
 * @returns undefined where it is no date, also for one that the calendar does not have
 */
export function toInstant(text: string): string | undefined {
  const match = LOOSE.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (hour === undefined || minute === undefined || second === undefined) return undefined;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  const isMidnightAfter = hour === 24 && minute === 0 && second === 0;
  if ((hour > 23 && !isMidnightAfter) || minute > 59 || second > 59) return undefined;
  const offset = offsetMinutes(match[8] ?? 'Z');
  if (offset === undefined) return undefined;
  const milliseconds = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  local.setUTCHours(hour, minute - offset, second, milliseconds);
  const instant = local.toISOString();
  // A year before 0 or after 9999 is written with a sign and would break the order of texts.
  return instant.length === 24 ? instant : undefined;
}

const daysIn = (year: number, month: number): number => {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
};

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
