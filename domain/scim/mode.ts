/**
 * How literally a client is taken. One setting of a service provider:
 *
 * - `strict`: RFC 7643/7644 to the letter; what deviates is refused with a message that says how to mend it
 * - `tolerant`: the dialects of real clients are understood; what cannot be understood but does no harm is dropped
 * - `observed`: like tolerant, and every deviation is counted for the console
 *
 * Parsers treat the last two alike and always return the deviations; counting them is the caller's.
 */
export type Mode = 'strict' | 'tolerant' | 'observed';
