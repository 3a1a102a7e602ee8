import { ProvostError } from '../../domain/errors.ts';

/** Objects and arrays within one another. What is taken here needs a dozen; recursion over more would end the stack. */
const DEEPEST = 64;

/**
 * JSON that somebody sent, bounded in depth. A number that has no finite value is refused: `1e400` would be read as
 * Infinity, which no JSON can say again.
 *
 * @throws ProvostError `INVALID_SYNTAX`, `INVALID_VALUE`
 */
export function parseJson(text: string): unknown {
  const { isDeep, hasLargeNumber } = measure(text);
  if (isDeep)
    throw new ProvostError('INVALID_SYNTAX', `The request body is nested too deeply: ${DEEPEST} levels are the most.`);
  const value = parse(text);
  if (hasLargeNumber && !hasFiniteNumbers(value))
    throw new ProvostError('INVALID_VALUE', 'A number in the request body is too large.');
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ProvostError('INVALID_SYNTAX', 'The request body is not valid JSON.', {}, { cause });
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Looks at the text once, before anything is built of it. */
function measure(text: string): { readonly isDeep: boolean; readonly hasLargeNumber: boolean } {
  let depth = 0;
  let digits = 0;
  let hasLargeNumber = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) {
      at = endOfString(text, at);
      digits = 0;
    } else if (character >= 0x30 && character <= 0x39) {
      digits += 1;
      // The largest finite number has 309 digits.
      if (digits > 300) hasLargeNumber = true;
    } else {
      if (digits > 0 && (character === 0x65 || character === 0x45)) hasLargeNumber = true;
      digits = 0;
      if (character === 0x7b || character === 0x5b) {
        depth += 1;
        if (depth > DEEPEST) return { isDeep: true, hasLargeNumber };
      } else if (character === 0x7d || character === 0x5d) {
        depth -= 1;
      }
    }
  }
  return { isDeep: false, hasLargeNumber };
}

/** @returns where the closing quote is, or the text's end */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === BACKSLASH) at += 1;
    else if (character === QUOTE) return at;
  }
  return text.length;
}

/** Whether every number in it is finite. */
function hasFiniteNumbers(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(hasFiniteNumbers);
}
