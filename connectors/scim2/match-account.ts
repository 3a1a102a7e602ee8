import { foldCase } from '../../domain/scim/fold-case.ts';
import { isArray, isObject } from '../../domain/scim/json.ts';
import type { ScimObject, ScimValue } from '../../domain/scim/resource.ts';
import type { MatchedValue, MatchRule } from '../connector.ts';

/** The core attributes in which letter case counts (RFC 7643 §3.1). */
const CASE_EXACT = /^(id|externalId)$/i;

/**
 * The filter that finds a match, its value quoted as JSON is (RFC 7644 §3.4.2.2): strict targets refuse anything else.
 * Only characters that JSON must escape are; the rest stays, since some targets don't read `\u`.
 */
export const matchFilter = ({ and = [], ...first }: MatchRule): string =>
  [first, ...and]
    .map(({ attribute, value }) => `${attribute} eq ${JSON.stringify(value.toWellFormed())}`)
    .join(' and ');

/**
 * The same for targets that take what is between the quotes as it is (scimmy), where it makes a difference and can be
 * written: `CORP\ada`.
 */
export const unescapedFilter = ({ attribute, value, and = [] }: MatchRule): string | undefined =>
  and.length === 0 && value.includes('\\') && !/["\p{Cc}]/u.test(value)
    ? `${attribute} eq "${value.toWellFormed()}"`
    : undefined;

/** Whether an account that a target returned is one that was asked for: some ignore the filter, or match parts. */
export const isMatch = (content: ScimObject, { and = [], ...first }: MatchRule): boolean =>
  [first, ...and].every((wanted) => holds(content, wanted));

function holds(content: ScimObject, { attribute, value }: MatchedValue): boolean {
  const sameAs = (other: ScimValue): boolean => {
    if (typeof other !== 'string') return String(other) === value;
    return CASE_EXACT.test(attribute) ? other === value : foldCase(other) === foldCase(value);
  };
  return valuesAt(content, namesOf(attribute)).some(sameAs);
}

/** `urn:…:User:manager.value` → the URN, then the names. */
function namesOf(attribute: string): string[] {
  const urnEnd = attribute.toLowerCase().startsWith('urn:') ? attribute.lastIndexOf(':') : -1;
  const names = attribute.slice(urnEnd + 1).split('.');
  return urnEnd === -1 ? names : [attribute.slice(0, urnEnd), ...names];
}

function valuesAt(value: ScimValue | undefined, names: readonly string[]): ScimValue[] {
  if (value === undefined || value === null) return [];
  if (isArray(value)) return value.flatMap((element) => valuesAt(element, names));
  const [name, ...deeper] = names;
  if (isObject(value)) {
    // `emails eq "…"` means their value (RFC 7644 §3.4.2.2).
    const wanted = (name ?? 'value').toLowerCase();
    const held = Object.keys(value).find((each) => each.toLowerCase() === wanted);
    return held === undefined ? [] : valuesAt(value[held], deeper);
  }
  return name === undefined ? [value] : [];
}
