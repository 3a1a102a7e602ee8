import { ProvostError } from '../../domain/errors.ts';
import type { ScimObject } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { findResourceType } from '../../domain/scim/schema/resource-types.ts';
import type { ListedResource } from '../../stores/resources.ts';
import type { RequestContext } from '../request-context.ts';
import type { Scim2Dependencies } from './context.ts';
import { CURSOR_LIFETIME_SECONDS, createCursors, digestOf } from './cursor.ts';
import { isLooseFilter, queriesFor } from './list-filter.ts';
import { createListMemory } from './list-memory.ts';
import { orderFor } from './list-order.ts';
import { pageByCursor } from './page-by-cursor.ts';
import { type Listing, pageByIndex } from './page-by-index.ts';
import { renderResource, type Selection } from './render.ts';

export const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

/** A list request as it came, in a query string or in a search request (RFC 7644 §3.4.2, §3.4.3; RFC 9865). */
export interface ListRequest {
  readonly filter?: string;
  readonly sortBy?: string;
  readonly sortOrder?: string;
  readonly startIndex?: string | number;
  readonly count?: string | number;
  /** Given, also empty: pages by cursor; `startIndex` counts for nothing then. */
  readonly cursor?: string;
  readonly selection: Selection;
}

export interface ListResponse {
  readonly schemas: readonly string[];
  readonly totalResults: number;
  /** Of a page by index only. */
  readonly startIndex?: number;
  readonly itemsPerPage: number;
  readonly nextCursor?: string;
  readonly previousCursor?: string;
  readonly Resources: readonly ScimObject[];
}

/** Answers list requests; see {@link createLister}. */
export type Lister = ReturnType<typeof createLister>;

type ListerDependencies = Pick<
  Scim2Dependencies,
  'resources' | 'virtual' | 'computed' | 'sealer' | 'cursorLifetimeSeconds' | 'observeDeviations' | 'now'
>;

/** Lists resources of one type or of several. One for a process: it remembers a little between two pages. */
export function createLister(dependencies: ListerDependencies) {
  const { resources, sealer, now } = dependencies;
  const memory = createListMemory(() => now().getTime());
  const cursors = sealer && createCursors(sealer, dependencies.cursorLifetimeSeconds ?? CURSOR_LIFETIME_SECONDS, now);

  /**
   * @param types those that the caller may list; one, or all for a query at the root
   * @throws ProvostError `INVALID_FILTER`, `INVALID_VALUE`, `INVALID_CURSOR`, `EXPIRED_CURSOR`, `INVALID_COUNT`
   */
  return async function list(
    context: RequestContext,
    types: readonly ResourceTypeDefinition[],
    wanted: ListRequest,
    baseUrl: string,
  ): Promise<ListResponse> {
    const { principal, serviceProvider } = context;
    const { tenant } = principal;
    const mode = serviceProvider.conformance;
    const { filter, sortBy, sortOrder, cursor, selection } = wanted;
    const queries = await queriesFor(filter, tenant, types, mode, dependencies);
    if (mode === 'observed' && filter !== undefined && isLooseFilter(filter, types))
      dependencies.observeDeviations(context, [{ code: 'loose-filter' }]);
    const listing: Listing = {
      tenant,
      types: queries,
      order: orderFor(wanted, tenant, types, dependencies),
      digest: digestOf([types.map(({ name }) => name), filter, sortBy, sortOrder]),
      caller: principal.credential,
    };
    const render = async (rows: readonly ListedResource[]): Promise<ScimObject[]> => {
      const shown = rows.map((row) => ({ ...row, type: typeOf(row, types) }));
      const computed = await dependencies.computed?.(tenant, shown, baseUrl, selection);
      return shown.map((row) => renderResource(row, row.type, baseUrl, selection, computed?.get(row.id)));
    };

    if (cursor === undefined) {
      const { rows, totalResults, startIndex } = await pageByIndex(listing, wanted, { resources, memory });
      return {
        schemas: [LIST_SCHEMA],
        totalResults,
        startIndex,
        itemsPerPage: rows.length,
        Resources: await render(rows),
      };
    }
    if (cursors === undefined)
      throw new ProvostError('INVALID_CURSOR', 'This server pages by startIndex only.', { path: 'cursor' });
    const { rows, totalResults, ...links } = await pageByCursor(
      listing,
      { ...wanted, cursor },
      { resources, memory, cursors },
    );
    return { schemas: [LIST_SCHEMA], totalResults, itemsPerPage: rows.length, ...links, Resources: await render(rows) };
  };
}

function typeOf({ type }: ListedResource, types: readonly ResourceTypeDefinition[]): ResourceTypeDefinition {
  const found = findResourceType(types, type);
  if (found === undefined) throw new Error(`a list of other types has a ${type} in it`);
  return found;
}
