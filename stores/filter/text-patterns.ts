/**
 * Tests of a stored text as regular expressions of the server (PCRE), where nothing of the wanted text means anything
 * but itself. Stored texts are folded already, so letter case needs no option, and an anchored one is a range of an index.
 */
export const beginsWith = (text: string): { $regex: string } => ({ $regex: `^${escaped(text)}` });

export const contains = (text: string): { $regex: string } => ({ $regex: escaped(text) });

/** Not `$`: that also matches before a line feed at the end. */
export const endsWith = (text: string): { $regex: string } => ({ $regex: `${escaped(text)}(?![\\s\\S])` });

// A pattern travels as a C string, so U+0000 must not be in it as it is.
const escaped = (text: string): string =>
  text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&').replaceAll('\u0000', '\\x00');
