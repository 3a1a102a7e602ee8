import { z } from 'zod';
import { ProvostError } from '../../domain/errors.ts';
import type { ListRequest } from './list.ts';
import { names, selection } from './query.ts';

export const SEARCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

/** Names as an array (RFC 7644 §3.4.3), or as a query string has them. */
const attributeNames = z.union([z.array(z.string()), z.string().transform((list) => names(list) ?? [])]);
const number = z.union([z.number(), z.string()]);

/** A search request's members; others mean nothing and are left alone. Null is the same as absent (RFC 7643 §2.5). */
const searchRequest = z.object({
  schemas: z.array(z.string()),
  attributes: attributeNames.nullish(),
  excludedAttributes: attributeNames.nullish(),
  filter: z.string().nullish(),
  sortBy: z.string().nullish(),
  sortOrder: z.string().nullish(),
  startIndex: number.nullish(),
  count: number.nullish(),
  cursor: z.string().nullish(),
});

/**
 * The list request of a body (RFC 7644 §3.4.3, RFC 9865 §3).
 *
 * @throws ProvostError `INVALID_SYNTAX` where it is no search request
 */
export function parseSearchRequest(body: unknown): ListRequest {
  const parsed = searchRequest.safeParse(body);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join('.') || 'body';
    throw new ProvostError('INVALID_SYNTAX', 'The body is not a search request.', { path });
  }
  const { schemas, attributes, excludedAttributes, ...wanted } = parsed.data;
  if (!schemas.some((schema) => schema.toLowerCase() === SEARCH_SCHEMA.toLowerCase()))
    throw new ProvostError('INVALID_SYNTAX', `A search request has ${SEARCH_SCHEMA} in schemas.`, { path: 'schemas' });
  const given = Object.entries(wanted).filter(
    ([name, value]) => value !== undefined && value !== null && (value !== '' || name === 'cursor'),
  );
  return {
    ...Object.fromEntries(given),
    selection: selection(listOf(attributes), listOf(excludedAttributes)),
  };
}

/** An empty list asks for nothing in particular, as an empty parameter does. */
const listOf = (list: readonly string[] | null | undefined): readonly string[] | undefined =>
  list === null || list === undefined || list.length === 0 ? undefined : list;
