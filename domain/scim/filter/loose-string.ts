/** What people and their text editors write for quotes. A string that one of a kind begins ends with any of that kind. */
const KINDS = ["'\u2018\u2019\u201a\u201b", '\u201c\u201d\u201e\u201f\u00ab\u00bb'] as const;

/** The marks that end a string which this character begins. @returns undefined where it begins none */
export const closingMarks = (character: string): string | undefined =>
  KINDS.find((marks) => character !== '' && marks.includes(character));

/**
 * Where a string in other than double quotes ends: at a mark with nothing more of the word behind it, so that
 * `'O'Brien'` is one string.
 *
 * @param start where its opening mark is
 * @returns the place behind its closing mark; undefined where there is none
 */
export function endOfLooseString(text: string, start: number, marks: string): number | undefined {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') at += 1;
    else if (marks.includes(character) && /^[\s()[\]]?$/.test(text.charAt(at + 1))) return at + 1;
  }
  return undefined;
}

/** The same string as JSON writes it. */
export function toJsonString(literal: string): string {
  const content = literal.slice(1, -1).replace(/\\[\s\S]|"/g, (piece) => {
    if (piece === '"') return '\\"';
    return closingMarks(piece.charAt(1)) === undefined ? piece : piece.charAt(1);
  });
  return `"${content}"`;
}
