import { type ErrorCode, ProvostError } from '../../errors.ts';
import { closingMarks, endOfLooseString, toJsonString } from './loose-string.ts';

/** A piece of a filter. `position` counts from 1. A word is a name, an operator, a number or a literal. */
export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly position: number }
  | { readonly kind: 'string'; readonly text: string; readonly value: string; readonly position: number }
  | { readonly kind: '(' | ')' | '[' | ']'; readonly text: string; readonly position: number }
  | { readonly kind: 'end'; readonly text: string; readonly position: number };

const isMark = (character: string): character is '(' | ')' | '[' | ']' => '()[]'.includes(character);

/**
 * Cuts a filter into tokens.
 *
 * @param tolerant takes strings in single and typographic quotes, as WSO2's clients and people write them
 * @throws ProvostError with `code` on a string that does not end or is not JSON
 */
export function tokenise(text: string, code: ErrorCode, tolerant = false): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    const marks = tolerant ? closingMarks(character) : undefined;
    if (/\s/.test(character)) {
      at += 1;
    } else if (isMark(character)) {
      tokens.push({ kind: character, text: character, position: at + 1 });
      at += 1;
    } else if (character === '"') {
      const end = endOfString(text, at, code);
      tokens.push({ kind: 'string', text: '"…"', value: readString(text.slice(at, end), at, code), position: at + 1 });
      at = end;
    } else if (marks !== undefined) {
      const end = endOfLooseString(text, at, marks) ?? unclosed(at, code);
      const value = readString(toJsonString(text.slice(at, end)), at, code);
      tokens.push({ kind: 'string', text: '"…"', value, position: at + 1 });
      at = end;
    } else {
      const start = at;
      while (at < text.length && !/[\s()[\]"]/.test(text.charAt(at))) at += 1;
      tokens.push({ kind: 'word', text: text.slice(start, at), position: start + 1 });
    }
  }
  tokens.push({ kind: 'end', text: '', position: text.length + 1 });
  return tokens;
}

function endOfString(text: string, start: number, code: ErrorCode): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text.charAt(at) === '\\') at += 1;
    else if (text.charAt(at) === '"') return at + 1;
  }
  return unclosed(start, code);
}

function unclosed(start: number, code: ErrorCode): never {
  throw new ProvostError(code, `The string that begins at character ${start + 1} has no closing quote.`);
}

function readString(literal: string, start: number, code: ErrorCode): string {
  const where = `The string at character ${start + 1}`;
  let value: unknown;
  try {
    value = JSON.parse(literal);
  } catch {
    throw new ProvostError(code, `${where} is not a JSON string: check its backslashes and control characters.`);
  }
  if (typeof value !== 'string' || value.includes('\u0000') || !value.isWellFormed())
    throw new ProvostError(code, `${where} is not well-formed text.`);
  return value;
}
