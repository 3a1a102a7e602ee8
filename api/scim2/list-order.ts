import { ProvostError } from '../../domain/errors.ts';
import type { TenantId } from '../../domain/ids.ts';
import { type BoundPath, bindPath, respellName, splitAttributePath } from '../../domain/scim/attribute-path.ts';
import { COMMON_ATTRIBUTES } from '../../domain/scim/schema/common.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { findAttribute } from '../../domain/scim/schema/find-attribute.ts';
import { isSearchable } from '../../domain/scim/shadow.ts';
import { BY_ID, type Direction, type ListOrder, orderBy } from '../../stores/list/order.ts';
import type { FilterDependencies } from './list-filter.ts';

export interface WantedOrder {
  readonly sortBy?: string;
  readonly sortOrder?: string;
}

/**
 * The order that a client wants (RFC 7644 §3.4.2.3). Without `sortBy`, by id.
 *
 * @throws ProvostError `INVALID_VALUE` for what cannot be sorted by; the RFC keeps invalidPath for PATCH
 */
export function orderFor(
  { sortBy, sortOrder }: WantedOrder,
  tenant: TenantId,
  types: readonly ResourceTypeDefinition[],
  { virtual }: FilterDependencies,
): ListOrder {
  const direction = directionOf(sortOrder);
  if (sortBy === undefined) return BY_ID;
  const [type, ...others] = types;
  const path = type === undefined ? undefined : splitAttributePath(respellName(sortBy, type));
  const bound = type === undefined || path === undefined ? undefined : bindPath(path, type);
  if (type === undefined || bound === undefined) throw fail(`${nameOf(types)} no attribute of that name`);
  const sortable = comparable(bound);
  if (virtual?.(tenant, type)?.isVirtual(toResolved(sortable))) throw fail('it is not stored with the resource');
  if (others.length > 0 && !isCommon(sortable))
    throw fail('across resource types, id, externalId, meta.created and meta.lastModified can be sorted by');
  return orderBy(sortable, direction);
}

function directionOf(sortOrder: string | undefined): Direction {
  switch (sortOrder?.toLowerCase()) {
    case undefined:
    case 'ascending':
      return 1;
    case 'descending':
      return -1;
    default:
      throw new ProvostError('INVALID_VALUE', 'sortOrder is ascending or descending.', { path: 'sortOrder' });
  }
}

/** A complex attribute is sorted by its `value`, as it is compared by it. */
function comparable(bound: BoundPath): BoundPath {
  const { attribute } = bound;
  const sub = bound.sub ?? (attribute.type === 'complex' ? findAttribute(attribute.subAttributes, 'value') : undefined);
  if (attribute.type === 'complex' && sub === undefined) throw fail('it is complex; name one of its sub-attributes');
  const leaf = sub ?? attribute;
  const isServerMade = attribute.name === 'meta' && (leaf.name === 'location' || leaf.name === 'version');
  if (!isSearchable(attribute) || !isSearchable(leaf) || attribute.name === 'schemas' || isServerMade)
    throw fail('it cannot be sorted by');
  return sub === undefined ? bound : { ...bound, sub };
}

const isCommon = ({ extension, attribute }: BoundPath): boolean =>
  extension === undefined && COMMON_ATTRIBUTES.includes(attribute);

const toResolved = ({ extension, attribute, sub }: BoundPath) => ({
  keys: [...(extension === undefined ? [] : [extension]), attribute.name, ...(sub === undefined ? [] : [sub.name])],
  attribute: sub ?? attribute,
});

const nameOf = (types: readonly ResourceTypeDefinition[]): string =>
  types.length === 1 ? `${types[0]?.name} has` : 'there is';

const fail = (reason: string): ProvostError =>
  new ProvostError('INVALID_VALUE', `The list cannot be sorted so: ${reason}.`, { path: 'sortBy' });
