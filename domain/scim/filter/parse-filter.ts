import { type ErrorCode, ProvostError } from '../../errors.ts';
import { type AttributePath, splitAttributePath } from '../attribute-path.ts';
import { nameForMessage } from '../values/parse-value.ts';
import { COMPARISONS, type CompareNode, type Comparison, type Filter } from './ast.ts';
import { type Token, tokenise } from './tokens.ts';

export interface FilterOptions {
  /**
   * Accept values without quotes (`externalId eq jyoung`, peers.md 3.3 no. 17; `displayName Eq Sales Team` of WSO2's
   * client) and in single or typographic ones. Default false.
   */
  readonly tolerant?: boolean;
  /** Longest filter, in characters. Default 4096. */
  readonly maxLength?: number;
  /** Deepest nesting of parentheses, brackets and `not`. Default 20. */
  readonly maxDepth?: number;
  /** Most comparisons. Default 100. */
  readonly maxTerms?: number;
  /** An attribute's name as it is written, as it is to be read. Default: as it is. */
  readonly respell?: (name: string) => string;
}

/** Characters of a filter or path that are read. */
export const LONGEST_FILTER = 4_096;

/**
 * Parses a filter (RFC 7644 §3.4.2.2). `and` binds before `or`; operators and literals in any letter case.
 *
 * @throws ProvostError `INVALID_FILTER`, saying what is wrong at which character
 */
export function parseFilter(text: string, options: FilterOptions = {}): Filter {
  const parser = new FilterParser(text, options, 'INVALID_FILTER');
  const filter = parser.parseOr(0);
  parser.expectEnd();
  return filter;
}

/** A PATCH path (RFC 7644 §3.5.2): an attribute path, or a value path with an optional sub-attribute. */
export interface ParsedPath {
  readonly path: AttributePath;
  readonly filter?: Filter;
}

/** @throws ProvostError `INVALID_PATH`, saying what is wrong at which character */
export function parsePath(text: string, options: FilterOptions = {}): ParsedPath {
  const parser = new FilterParser(text, options, 'INVALID_PATH');
  const parsed = parser.parsePath();
  parser.expectEnd();
  return parsed;
}

class FilterParser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #respell: (name: string) => string;
  readonly #code: ErrorCode;
  readonly #tolerant: boolean;
  readonly #maxDepth: number;
  readonly #maxTerms: number;
  #at = 0;
  #terms = 0;
  #withinElement = false;

  constructor(text: string, options: FilterOptions, code: ErrorCode) {
    const { tolerant = false, maxLength = LONGEST_FILTER, maxDepth = 20, maxTerms = 100 } = options;
    const { respell = (name) => name } = options;
    if (text.length > maxLength) throw new ProvostError(code, `It is longer than ${maxLength} characters.`);
    this.#text = text;
    this.#tokens = tokenise(text, code, tolerant);
    this.#respell = respell;
    this.#code = code;
    this.#tolerant = tolerant;
    this.#maxDepth = maxDepth;
    this.#maxTerms = maxTerms;
  }

  parseOr(depth: number): Filter {
    return this.#parseLogical('or', () => this.#parseLogical('and', () => this.#parseTerm(depth)));
  }

  parsePath(): ParsedPath {
    const token = this.#next();
    const path = this.#readPath(token);
    if (this.#peek().kind !== '[') return { path };
    if (path.sub !== undefined) throw this.#unexpected(this.#peek(), 'the end of the path');
    const filter = this.#parseElement(0);
    const sub = this.#readSub();
    return { path: sub === undefined ? path : { ...path, sub }, filter };
  }

  expectEnd(): void {
    const token = this.#peek();
    if (token.kind !== 'end') throw this.#unexpected(token, 'and, or, or the end');
  }

  #parseLogical(kind: 'and' | 'or', parseTerm: () => Filter): Filter {
    const first = parseTerm();
    const terms = [first];
    while (this.#isWord(kind)) {
      this.#next();
      terms.push(parseTerm());
    }
    return terms.length === 1 ? first : { kind, terms, position: first.position };
  }

  #parseTerm(depth: number): Filter {
    if (depth > this.#maxDepth) throw this.#fail(`It is nested more than ${this.#maxDepth} levels deep.`);
    const token = this.#next();
    if (token.kind === '(') {
      const inner = this.parseOr(depth + 1);
      this.#expect(')');
      return inner;
    }
    if (token.kind === 'word' && token.text.toLowerCase() === 'not' && this.#peek().kind === '(') {
      this.#next();
      const term = this.parseOr(depth + 1);
      this.#expect(')');
      return { kind: 'not', term, position: token.position };
    }
    const path = this.#readPath(token);
    return this.#peek().kind === '[' ? this.#parseValuePath(path, token, depth) : this.#parseTest(path, token.position);
  }

  /** `emails[type eq "work"]`, also followed by `.value eq "x"`, which then is about the same element. */
  #parseValuePath(path: AttributePath, start: Token, depth: number): Filter {
    if (this.#withinElement) throw this.#unexpected(this.#peek(), 'an operator');
    if (path.sub !== undefined) throw this.#unexpected(this.#peek(), 'an operator');
    const inner = this.#parseElement(depth);
    const subToken = this.#peek();
    const sub = this.#readSub();
    const filter: Filter =
      sub === undefined
        ? inner
        : {
            kind: 'and',
            terms: [inner, this.#parseTest({ name: sub }, subToken.position)],
            position: inner.position,
          };
    return { kind: 'element', path, filter, position: start.position };
  }

  #parseElement(depth: number): Filter {
    this.#expect('[');
    this.#withinElement = true;
    const filter = this.parseOr(depth + 1);
    this.#withinElement = false;
    this.#expect(']');
    return filter;
  }

  #parseTest(path: AttributePath, position: number): Filter {
    this.#terms += 1;
    if (this.#terms > this.#maxTerms) throw this.#fail(`It has more than ${this.#maxTerms} comparisons.`);
    const token = this.#next();
    const word = token.kind === 'word' ? token.text.toLowerCase() : '';
    if (word === 'pr') return { kind: 'present', path, position };
    const operator = COMPARISONS.find((comparison) => comparison === word);
    if (operator === undefined) throw this.#unexpected(token, `an operator (${COMPARISONS.join(', ')}, pr)`);
    return this.#parseComparison(path, operator, position);
  }

  #parseComparison(path: AttributePath, operator: Comparison, position: number): CompareNode {
    const token = this.#next();
    const node = { kind: 'compare', path, operator, position } as const;
    if (token.kind === 'string') return { ...node, value: token.value, text: token.value };
    if (token.kind !== 'word') throw this.#unexpected(token, 'a value');
    const text = this.#tolerant ? this.#readWords(token) : token.text;
    const folded = text.toLowerCase();
    if (folded === 'true' || folded === 'false') return { ...node, value: folded === 'true', text };
    if (folded === 'null') return { ...node, value: null, text };
    const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isFinite(number)) return { ...node, value: number, text };
    if (this.#tolerant && text.isWellFormed() && !text.includes('\u0000')) return { ...node, value: text, text };
    throw this.#fail(`The value at character ${token.position} must be in double quotes.`);
  }

  /** A value without quotes goes on to what can only be the next part of the filter: `Sales Team`. */
  #readWords(first: Token): string {
    let end = first.position + first.text.length;
    for (
      let token = this.#peek();
      token.kind === 'word' && !this.#isWord('and') && !this.#isWord('or');
      token = this.#peek()
    ) {
      this.#next();
      end = token.position + token.text.length;
    }
    return this.#text.slice(first.position - 1, end - 1);
  }

  #readPath(token: Token): AttributePath {
    const path = token.kind === 'word' ? splitAttributePath(this.#respell(token.text)) : undefined;
    if (path === undefined) throw this.#unexpected(token, 'an attribute');
    return path;
  }

  #readSub(): string | undefined {
    const token = this.#peek();
    if (token.kind !== 'word' || !token.text.startsWith('.')) return undefined;
    this.#next();
    const path = splitAttributePath(token.text.slice(1));
    if (path === undefined || path.sub !== undefined || path.urn !== undefined)
      throw this.#unexpected(token, 'a sub-attribute');
    return path.name;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', position: 0 };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #isWord(word: string): boolean {
    const token = this.#peek();
    return token.kind === 'word' && token.text.toLowerCase() === word;
  }

  #expect(kind: ')' | '[' | ']'): void {
    const token = this.#next();
    if (token.kind !== kind) throw this.#unexpected(token, kind);
  }

  #unexpected(token: Token, expected: string): ProvostError {
    const found = token.kind === 'end' ? 'it ends' : `there is ${nameForMessage(token.text)}`;
    return this.#fail(`Expected ${expected} at character ${token.position}, but ${found}.`);
  }

  #fail(message: string): ProvostError {
    return new ProvostError(this.#code, message);
  }
}
