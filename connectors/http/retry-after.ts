/** A target that names a later moment than this is asked again anyway. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

/**
 * `Retry-After` (RFC 9110 §10.2.3): seconds or an HTTP date.
 *
 * @returns undefined where it is absent or not understood
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  // Some gateways send fractions of a second.
  const wait = /^\d+(\.\d+)?$/.test(text) ? Math.ceil(Number(text) * 1000) : dateOf(text) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_MS) : undefined;
}

/** Only a text with a month's name: `Date.parse` also takes `-5` for a date. */
const dateOf = (text: string): number => (/[A-Za-z]{3}/.test(text) ? Date.parse(text) : Number.NaN);
