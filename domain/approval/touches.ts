/** Stands for every attribute. */
export const EVERYTHING = '*';

/** @returns whether two changes touch an attribute in common; names ignore case (RFC 7643 §2.1) */
export function overlap(some: readonly string[], others: readonly string[]): boolean {
  if (some.length === 0 || others.length === 0) return false;
  if (some.includes(EVERYTHING) || others.includes(EVERYTHING)) return true;
  const folded = new Set(others.map((name) => name.toLowerCase()));
  return some.some((name) => folded.has(name.toLowerCase()));
}
