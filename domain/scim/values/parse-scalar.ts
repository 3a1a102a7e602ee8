import { ProvostError } from '../../errors.ts';
import type { Deviations } from '../deviation.ts';
import type { AttributeDefinition } from '../schema/definition.ts';
import { isBase64, isLooseBase64 } from './binary.ts';
import { isDateTime, toInstant } from './date-time.ts';

/** Longest simple value, in UTF-16 units: a photo as a data URI fits, a document that grows past 16 MB cannot come of it. */
export const MAX_VALUE_LENGTH = 65_536;

type Scalar = string | number | boolean;

/**
 * One simple value of an attribute, as its type wants it (RFC 7643 §2.3). Strings are kept byte for byte.
 *
 * @throws ProvostError `INVALID_VALUE` naming the path, never the value
 */
export function parseScalar(
  input: unknown,
  attribute: AttributeDefinition,
  path: string,
  deviations: Deviations,
): Scalar {
  switch (attribute.type) {
    case 'boolean':
      return parseBoolean(input, path, deviations);
    case 'integer':
    case 'decimal':
      return parseNumber(input, attribute.type, path, deviations);
    case 'dateTime':
      return parseDateTime(input, path, deviations);
    case 'binary':
      return parseBinary(input, path, deviations);
    default: {
      const text = parseText(input, path, deviations);
      return attribute.uniqueness === 'none' ? text : parseUnique(text, path, deviations);
    }
  }
}

export const emptyPassword = (): ProvostError =>
  new ProvostError('INVALID_VALUE', 'A password must not be empty; leave it out to keep the one that is set.', {
    path: 'password',
  });

const invalid = (path: string, expected: string): ProvostError =>
  new ProvostError('INVALID_VALUE', `${path} must be ${expected}.`, { path });

function parseBoolean(input: unknown, path: string, deviations: Deviations): boolean {
  if (typeof input === 'boolean') return input;
  const truth = typeof input === 'string' ? toBoolean(input) : undefined;
  if (truth === undefined) throw invalid(path, 'true or false');
  deviations.note('coerced-boolean', path, 'INVALID_VALUE', `${path} must be true or false, without quotes.`);
  return truth;
}

/** Entra sends `"True"` and `"False"`, its validator `"true"`: peers.md 3.3 no. 2. */
export const toBoolean = (text: string): boolean | undefined =>
  /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;

function parseNumber(input: unknown, type: 'integer' | 'decimal', path: string, deviations: Deviations): number {
  const expected = type === 'integer' ? 'a whole number' : 'a number';
  let number = input;
  if (typeof input === 'string') {
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(input)) throw invalid(path, expected);
    deviations.note('coerced-number', path, 'INVALID_VALUE', `${path} must be ${expected}, without quotes.`);
    number = Number(input);
  }
  if (typeof number !== 'number' || !Number.isFinite(number)) throw invalid(path, expected);
  if (type === 'integer' && !Number.isSafeInteger(number)) throw invalid(path, expected);
  // JSON has one zero; -0 would come back as 0 and look like a change.
  return number === 0 ? 0 : number;
}

/** What tells resources apart: two that differ by blanks only look the same to everybody. */
function parseUnique(text: string, path: string, deviations: Deviations): string {
  const trimmed = text.trim();
  if (trimmed === text) return text;
  if (trimmed === '') throw invalid(path, 'more than blanks');
  deviations.note('surrounding-blanks', path, 'INVALID_VALUE', `${path} must not begin or end with blanks.`);
  return trimmed;
}

function parseText(input: unknown, path: string, deviations: Deviations): string {
  if (typeof input === 'number' || typeof input === 'boolean') {
    deviations.note('coerced-string', path, 'INVALID_VALUE', `${path} must be a string, in quotes.`);
    // Digits beyond this are lost when JSON is read: what would be stored is not what was sent.
    if (typeof input === 'number' && !(Math.abs(input) <= Number.MAX_SAFE_INTEGER))
      throw invalid(path, 'a string in quotes: the number has more digits than JSON numbers keep');
    return String(input);
  }
  if (typeof input !== 'string') throw invalid(path, 'a string');
  if (input.length > MAX_VALUE_LENGTH) throw invalid(path, `at most ${MAX_VALUE_LENGTH} characters long`);
  if (input.includes('\u0000')) throw invalid(path, 'free of the character U+0000');
  // Half a surrogate pair has no UTF-8 form: it could not be given back as it came.
  if (!input.isWellFormed()) throw invalid(path, 'well-formed Unicode');
  return input;
}

function parseDateTime(input: unknown, path: string, deviations: Deviations): string {
  const expected = 'a dateTime such as 2026-01-31T08:00:00Z';
  if (typeof input !== 'string') throw invalid(path, expected);
  if (isDateTime(input)) return input;
  if (toInstant(input) === undefined) throw invalid(path, expected);
  deviations.note('loose-date-time', path, 'INVALID_VALUE', `${path} must be ${expected}.`);
  return input;
}

function parseBinary(input: unknown, path: string, deviations: Deviations): string {
  const text = typeof input === 'string' ? parseText(input, path, deviations) : undefined;
  if (text === undefined || !isLooseBase64(text)) throw invalid(path, 'base64');
  if (!isBase64(text))
    deviations.note('loose-binary', path, 'INVALID_VALUE', `${path} must be base64 with padding, in one line.`);
  return text;
}
