import { foldCase } from '../../../domain/scim/fold-case.ts';

/**
 * A name with `*` (any characters) and `?` (any one) as a SCIM filter. What begins with text begins on an index; the
 * filter may let through more than the pattern where that has several stars, so {@link matchesPattern} has the last word.
 *
 * @param attribute a path, or a sub-attribute within a value path
 * @returns undefined where the pattern is for everything
 */
export function patternFilter(attribute: string, pattern: string): string | undefined {
  if (!/[*?]/.test(pattern)) return `${attribute} eq ${JSON.stringify(pattern)}`;
  const pieces = pattern.split(/[*?]+/);
  const terms = pieces.flatMap((piece, index) => {
    if (piece === '') return [];
    const operator = index === 0 ? 'sw' : index === pieces.length - 1 ? 'ew' : 'co';
    return [`${attribute} ${operator} ${JSON.stringify(piece)}`];
  });
  return terms.length === 0 ? undefined : terms.join(' and ');
}

/** Whether a name fits the pattern. Letter case does not count. Goes through both once for each star at most. */
export function matchesPattern(name: string, pattern: string): boolean {
  const text = [...foldCase(name)];
  const wanted = [...foldCase(pattern)];
  let at = 0;
  let next = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    if (wanted[next] === '*') {
      star = next;
      resume = at;
      next += 1;
    } else if (next < wanted.length && (wanted[next] === '?' || wanted[next] === text[at])) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      next = star + 1;
    } else {
      return false;
    }
  }
  return wanted.slice(next).every((character) => character === '*');
}
