import { parseFilter } from '../../../domain/scim/filter/parse-filter.ts';
import { resolveFilter } from '../../../domain/scim/filter/resolve-filter.ts';
import type { ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { findCoreAttribute } from '../../../domain/scim/schema/find-attribute.ts';
import { compileFilter } from '../../../stores/filter/compile-filter.ts';
import type { TypeQuery } from '../../../stores/list/list-query.ts';
import { orderBy } from '../../../stores/list/order.ts';
import type { Position } from '../../../stores/list/position.ts';
import type { ListedResource } from '../../../stores/resources.ts';
import type { Call } from '../call.ts';

/** Most resources read at once. */
const PAGE = 1_000;

/**
 * A SCIM filter within one store as a query.
 *
 * @param filter undefined for everything
 * @throws ProvostError `INVALID_FILTER`
 */
export function queryFor(type: ResourceTypeDefinition, store: string, filter: string | undefined): TypeQuery {
  const compiled =
    filter === undefined ? {} : compileFilter(resolveFilter(parseFilter(filter), type, { mode: 'tolerant' }));
  return { type: type.name, query: { ...compiled, store } };
}

/**
 * Resources in the order of their names, a page at a time, until there are enough of those that count.
 *
 * @param most what is given at most
 */
export async function listNamed(
  call: Call,
  query: TypeQuery,
  { most, counts = () => true }: { readonly most: number; readonly counts?: (found: ListedResource) => boolean },
): Promise<ListedResource[]> {
  const { dependencies, principal, types } = call;
  const type = query.type === types.user.name ? types.user : types.group;
  const named = findCoreAttribute(type, query.type === types.user.name ? 'userName' : 'displayName');
  if (named === undefined) throw new Error(`a ${query.type} has no name`);
  const order = orderBy({ attribute: named }, 1);
  const found: ListedResource[] = [];
  let after: Position | undefined;
  while (found.length < most) {
    const limit = Math.min(PAGE, Math.max(most - found.length, 100));
    const rows = await dependencies.resources.list(principal.tenant, [query], {
      order,
      limit,
      ...(after === undefined ? {} : { after }),
    });
    found.push(...rows.filter(counts));
    after = rows.at(-1)?.position;
    if (rows.length < limit) break;
  }
  return found.slice(0, most);
}
