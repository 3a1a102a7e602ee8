import { isRecord } from '../../domain/scim/json.ts';

const LONGEST = 500;
/** Of a longer explanation, only this many characters are looked at: a target may send a megabyte. */
const LOOKED_AT = 4_096;
const MOST_VALUES = 20_000;
const LEFT_OUT = '…';

/**
 * What a target said about a failure, fit for a log and for an operator's eyes: 500 characters, and `…` for every value
 * that the request carried, its credentials included, and for whatever looks like an e-mail address. What remains is
 * the target's own wording and the names of attributes.
 *
 * @param said the target's explanation
 * @param carried the request's body, the parts of its address, its secrets
 */
export function targetDetail(said: string, carried: readonly unknown[]): string {
  const text = beginningOf(said);
  const stripped = withoutAddresses(withoutValues(text, textsIn(carried)));
  const plain = stripped.replace(/\s+/g, ' ').trim();
  const isCut = plain.length > LONGEST || text.length < said.length;
  return isCut ? `${plain.slice(0, LONGEST - 1)}${LEFT_OUT}` : plain;
}

/** Explanation in an error body, by the names that SCIM 2.0, SCIM 1.1, OAuth 2.0 and habit give it. */
export function explanationIn(body: unknown): string | undefined {
  if (!isRecord(body)) return undefined;
  const errors: unknown = body['Errors'] ?? body['errors'];
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const places = [body, isRecord(body['error']) ? body['error'] : undefined, isRecord(first) ? first : undefined];
  for (const place of places) {
    for (const name of ['detail', 'error_description', 'description', 'message', 'error']) {
      const said = place?.[name];
      if (typeof said === 'string' && said !== '') return said;
    }
  }
  return undefined;
}

/** Cut at white space, so that no value is left in half. A text without any may be one value: nothing of it is kept. */
function beginningOf(said: string): string {
  if (said.length <= LOOKED_AT) return said;
  for (let end = LOOKED_AT; end > 0; end -= 1) if (/\s/.test(said.charAt(end))) return said.slice(0, end);
  return '';
}

/** A word with an @ inside it may be an address, whatever else it is. */
const withoutAddresses = (text: string): string =>
  text.replace(/[^\s"'<>(),;:]+/gu, (word) => {
    const at = word.indexOf('@');
    return at > 0 && at < word.length - 1 ? LEFT_OUT : word;
  });

/** Values are looked for one by one, in time that grows with the text alone: no pattern is made of what others sent. */
function withoutValues(text: string, values: ReadonlySet<string>): string {
  const folded = foldEach(text);
  const isLeftOut = new Uint8Array(text.length);
  for (const value of values) markValue(folded, foldEach(value), isLeftOut);
  let rest = '';
  for (let at = 0; at < text.length; at += 1) {
    if (isLeftOut[at] === 0) rest += text.charAt(at);
    else if (at === 0 || isLeftOut[at - 1] === 0) rest += LEFT_OUT;
  }
  return rest;
}

function markValue(text: string, value: string, isLeftOut: Uint8Array): void {
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + value.length)) {
    const end = at + value.length;
    // Short ones only as words of their own, or every "a" of the sentence would go.
    const isWord = !isWordPart(text.charAt(at - 1)) && !isWordPart(text.charAt(end));
    if (value.length > 3 || isWord) isLeftOut.fill(1, at, end);
  }
}

const isWordPart = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);

/** Letter case does not count, and every character keeps its place. */
const foldEach = (text: string): string =>
  [...text]
    .map((character) => {
      const lower = character.toLowerCase();
      return lower.length === character.length ? lower : character;
    })
    .join('');

/** All values, and what a target may quote of them: the words of a name, the local part of an address. */
function textsIn(carried: readonly unknown[]): ReadonlySet<string> {
  const texts = new Set<string>();
  const pending: unknown[] = [...carried];
  while (pending.length > 0 && texts.size < MOST_VALUES) {
    const value = pending.pop();
    if (typeof value === 'string') for (const form of formsOf(value)) texts.add(form);
    else if (typeof value === 'number') texts.add(String(value));
    else if (Array.isArray(value)) for (const element of value) pending.push(element);
    else if (isRecord(value)) {
      for (const [name, inner] of Object.entries(value)) if (!WORDS_OF_SCIM.has(name)) pending.push(inner);
    }
  }
  return texts;
}

/** Attributes whose values are SCIM's own words, which help to understand a message. */
const WORDS_OF_SCIM = new Set(['schemas', 'op', 'path', 'type', '$ref']);

/** A value that is longer than what is looked at can only be quoted in part. */
function formsOf(value: string): string[] {
  const text = value.trim().slice(0, LOOKED_AT);
  const words = text.split(/[\s@<>,;"\\]+/u).filter((word) => word.length > 2);
  const whole = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text.toWellFormed())];
  return [...whole, ...words].filter((form) => form !== '' && form.length <= LOOKED_AT);
}
