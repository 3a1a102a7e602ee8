import type { ProvisioningPattern } from './mapping.ts';

/** What the parts of a pattern stand for. */
export interface PatternFacts {
  /** As the resource has it, with or without its user store's domain. */
  readonly userName: string;
  readonly tenant: string;
  readonly identityProvider: string;
}

const TOKENS = ['UD', 'UN', 'TD', 'IDP'] as const;
type Token = (typeof TOKENS)[number];

const PRIMARY = 'PRIMARY';

/** @returns the parts in their order, or why it is no pattern: WSO2 fails on it at each user instead */
export function tokensOf(pattern: string): readonly Token[] | string {
  if (!/^\s*\{.*\}\s*$/.test(pattern)) return 'Put the parts into braces, as in {UD,UN,TD,IDP} or {UD}-{UN}.';
  const named = [...pattern.matchAll(/[A-Za-z]+/g)].map(([name]) => name.toUpperCase());
  const unknown = named.find((name) => !(TOKENS as readonly string[]).includes(name));
  if (unknown !== undefined) return `${unknown} is none of UD, UN, TD and IDP.`;
  return named.length === 0 ? 'It has no part.' : (named as Token[]);
}

/**
 * An account's name by WSO2's user id pattern. As there, the separator goes from every value but the user's name, and
 * the whole is lower case; with a domain every `@` becomes a dot and `@domain` is appended, unless it ends so. The
 * separator is text, and not the regular expression that WSO2 makes of it.
 */
export function nameByPattern({ pattern, separator = '_', domain }: ProvisioningPattern, facts: PatternFacts): string {
  const tokens = tokensOf(pattern);
  if (typeof tokens === 'string') return '';
  const at = facts.userName.indexOf('/');
  const values: Readonly<Record<Token, string>> = {
    UD: at > 0 ? facts.userName.slice(0, at) : PRIMARY,
    UN: facts.userName.slice(at + 1),
    TD: facts.tenant,
    IDP: facts.identityProvider,
  };
  const part = (token: Token): string =>
    token === 'UN' || separator === '' ? values[token] : values[token].replaceAll(separator, '');
  const name = tokens.map(part).join(separator).toLowerCase();
  const ending = domain === undefined || domain === '' ? undefined : `@${domain.replace(/^@/, '').toLowerCase()}`;
  return ending === undefined || name.endsWith(ending) ? name : `${name.replaceAll('@', '.')}${ending}`;
}
