import type { TenantId } from '../../domain/ids.ts';
import { parseFilter } from '../../domain/scim/filter/parse-filter.ts';
import { resolveFilter } from '../../domain/scim/filter/resolve-filter.ts';
import type { ScimObject } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { compileFilter } from '../../stores/filter/compile-filter.ts';
import type { ResourceStore } from '../../stores/resources.ts';
import { renderResource, type Selection } from './render.ts';

export const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

/** What a client gets that doesn't say how many it wants, and the most that one page holds. */
export const DEFAULT_PAGE = 100;
export const MAX_PAGE = 1_000;

/** A list request as it came, in a query string or in a search request (RFC 7644 §3.4.2, §3.4.3). */
export interface ListRequest {
  readonly filter?: string;
  readonly sortBy?: string;
  readonly sortOrder?: string;
  readonly startIndex?: string | number;
  readonly count?: string | number;
  readonly cursor?: string;
  readonly selection: Selection;
}

export interface ListResponse {
  readonly schemas: readonly string[];
  readonly totalResults: number;
  readonly startIndex: number;
  readonly itemsPerPage: number;
  readonly Resources: readonly ScimObject[];
}

/** @throws ProvostError `INVALID_FILTER` */
export async function listResources(
  tenant: TenantId,
  type: ResourceTypeDefinition,
  wanted: ListRequest,
  baseUrl: string,
  { resources }: { readonly resources: ResourceStore },
): Promise<ListResponse> {
  const query = wanted.filter === undefined ? {} : compileFilter(resolveFilter(parseFilter(wanted.filter), type));
  // RFC 7644 §3.4.2.4: below 1 means 1; a negative count means 0.
  const startIndex = Math.max(1, wholeNumber(wanted.startIndex, 1));
  const count = Math.min(MAX_PAGE, Math.max(0, wholeNumber(wanted.count, DEFAULT_PAGE)));
  // By id: the one order that an index gives for free and that nothing a client writes can change.
  const page = await resources.list(tenant, type.name, query, { skip: startIndex - 1, limit: count, sort: { _id: 1 } });
  // A page that isn't full is the last one, so its end tells the total; nothing has to be counted.
  const isLast = page.length > 0 ? page.length < count : startIndex === 1 && count > 0;
  const totalResults = isLast ? startIndex - 1 + page.length : await resources.count(tenant, type.name, query);
  return {
    schemas: [LIST_SCHEMA],
    totalResults,
    startIndex,
    itemsPerPage: page.length,
    Resources: page.map((stored) => renderResource(stored, type, baseUrl, wanted.selection)),
  };
}

/** Numbers that make no sense count as not given, as most servers have it: clients send odd ones. */
function wholeNumber(value: string | number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = typeof value === 'number' ? value : Number(value.trim() === '' ? Number.NaN : value);
  return Number.isFinite(number) ? Math.trunc(number) : otherwise;
}
