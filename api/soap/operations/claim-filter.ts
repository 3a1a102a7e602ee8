import type { BoundClaim } from '../../../domain/claims/bind-claim.ts';
import { patternFilter } from '../find/wildcards.ts';

/**
 * Users who have this value of a claim, as a SCIM filter.
 *
 * @param value `*` stands for any characters
 * @returns undefined where it is for everybody
 */
export function claimFilter(
  { mapping, extension, attribute, sub, selectors }: BoundClaim,
  value: string,
): string | undefined {
  const prefix = extension === undefined ? '' : `${extension}:`;
  const leaf = sub ?? attribute;
  if (leaf.type === 'boolean') {
    const wanted = (value.trim().toLowerCase() === 'true') !== (mapping.negated === true);
    return `${prefix}${attribute.name}${sub === undefined ? '' : `.${sub.name}`} eq ${wanted}`;
  }
  if (leaf.type === 'integer' && /^\d{1,9}$/.test(value.trim())) return `${prefix}${attribute.name} eq ${value.trim()}`;
  if (selectors.length === 0 || sub === undefined) {
    const path = `${prefix}${attribute.name}${sub === undefined ? '' : `.${sub.name}`}`;
    return patternFilter(path, value) ?? `${path} pr`;
  }
  const selected = selectors.map((selector) => `${selector.name} eq ${JSON.stringify(selector.value)}`);
  const matched = patternFilter(sub.name, value) ?? `${sub.name} pr`;
  return `${prefix}${attribute.name}[${[...selected, matched].join(' and ')}]`;
}
