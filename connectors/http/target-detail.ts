import { isRecord } from '../../domain/scim/json.ts';

const LONGEST = 500;
const MOST_VALUES = 2_000;
const E_MAIL = /[^\s"'<>(),;:]+@[^\s"'<>(),;:]+\.[^\s"'<>(),;:]+/gu;

/**
 * What a target said about a failure, fit for a log and for an operator's eyes: 500 characters, and `…` for every value
 * that the request carried, its credentials included, and for whatever looks like an e-mail address. What remains is
 * the target's own wording and the names of attributes.
 *
 * @param said the target's explanation
 * @param carried the request's body, the parts of its address, its secrets
 */
export function targetDetail(said: string, carried: readonly unknown[]): string {
  // Values go before the text is cut, so that none is left in half.
  const stripped = withoutValues(said, textsIn(carried)).replace(E_MAIL, '…');
  const plain = stripped.replace(/\s+/g, ' ').trim();
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST - 1)}…` : plain;
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

function withoutValues(said: string, values: ReadonlySet<string>): string {
  // The longest first: a name inside an address goes with the address.
  const longestFirst = [...values].sort((left, right) => right.length - left.length).slice(0, MOST_VALUES);
  if (longestFirst.length === 0) return said;
  const alternatives = longestFirst.map((value) =>
    // Short ones only as words of their own, or every "a" of the sentence would go.
    value.length > 3 ? escapeRegExp(value) : `(?<![\\p{L}\\p{N}])${escapeRegExp(value)}(?![\\p{L}\\p{N}])`,
  );
  return said.replace(new RegExp(alternatives.join('|'), 'giu'), '…');
}

/** All values, and what a target may quote of them: the words of a name, the local part of an address. */
function textsIn(carried: readonly unknown[]): ReadonlySet<string> {
  const texts = new Set<string>();
  const pending: unknown[] = [...carried];
  while (pending.length > 0 && texts.size < MOST_VALUES * 4) {
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

function formsOf(value: string): string[] {
  const text = value.trim();
  const words = text.split(/[\s@<>,;"\\]+/u).filter((word) => word.length > 2);
  const forms = [text, ...words, JSON.stringify(text).slice(1, -1), encodeURIComponent(text.toWellFormed())];
  return forms.filter((form) => form !== '');
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
