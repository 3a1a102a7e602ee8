import { isOfAccount } from '../account.ts';
import { ProvostError } from '../errors.ts';
import type { ResolvedFilter } from '../scim/filter/resolved.ts';
import { readTarget } from '../scim/patch/patch-target.ts';
import type { AttributeDefinition, ResourceTypeDefinition } from '../scim/schema/definition.ts';
import { findAttribute, isServerComputed } from '../scim/schema/find-attribute.ts';
import type { ClaimMapping } from './claim-mapping.ts';

/** A sub-attribute that the elements of a claim have, and its value: `type` `work`. */
export interface Selector {
  readonly name: string;
  readonly value: string | number | boolean;
}

/** A mapping whose attribute has been found in the user's schema. */
export interface BoundClaim {
  readonly mapping: ClaimMapping;
  /** URN of the extension that holds the attribute. */
  readonly extension?: string;
  readonly attribute: AttributeDefinition;
  readonly sub?: AttributeDefinition;
  /** What selects elements of a multi-valued attribute; an element has all of them. */
  readonly selectors: readonly Selector[];
  readonly isWritable: boolean;
}

/**
 * Finds what a mapping's path names.
 *
 * @throws ProvostError `INVALID_PATH`, `INVALID_FILTER`: the resource type has no such attribute, it is not simple, or
 *   its filter is more than `a eq "x" and b eq "y"`
 */
export function bindClaim(mapping: ClaimMapping, type: ResourceTypeDefinition): BoundClaim {
  const target = readTarget(mapping.attribute, type, 'strict');
  if (target === undefined || target.kind !== 'attribute') throw unsuitable(`${type.name} has no such attribute`);
  const { extension, attribute, filter } = target;
  const sub =
    target.sub ?? (attribute.type === 'complex' ? findAttribute(attribute.subAttributes, 'value') : undefined);
  const leaf = sub ?? attribute;
  if (leaf.type === 'complex') throw unsuitable('it is complex, so name one of its sub-attributes');
  if (leaf.returned === 'never') throw unsuitable('it is never shown');
  if (mapping.negated === true && leaf.type !== 'boolean') throw unsuitable('only a boolean can be negated');
  if (mapping.multiValued === true && !attribute.multiValued) throw unsuitable('it has one value only');
  return {
    mapping,
    ...(extension === undefined ? {} : { extension }),
    attribute,
    ...(sub === undefined ? {} : { sub }),
    selectors: filter === undefined ? [] : selectorsOf(filter),
    isWritable:
      mapping.readOnly !== true &&
      (isOfAccount(extension, attribute) || ![attribute, leaf].some(isServerComputed)) &&
      attribute.name !== 'userName',
  };
}

function selectorsOf(filter: ResolvedFilter): readonly Selector[] {
  if (filter.kind === 'and') return filter.terms.flatMap(selectorsOf);
  const name = filter.kind === 'compare' && filter.operator === 'eq' ? filter.path.keys[0] : undefined;
  if (filter.kind !== 'compare' || name === undefined) throw unsuitable('its filter may only say eq, joined by and');
  return [{ name, value: filter.raw }];
}

const unsuitable = (reason: string): ProvostError =>
  new ProvostError('INVALID_PATH', `A claim cannot be mapped so: ${reason}.`, { path: 'attribute' });
