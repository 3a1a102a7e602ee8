import type { Request } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import type { ListRequest } from './list.ts';
import type { Selection } from './render.ts';

/** A query parameter that may be given once; an empty one counts as not given. */
export function parameter(request: Request, name: string): string | undefined {
  const value = request.query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string')
    throw new ProvostError('INVALID_VALUE', `The parameter ${name} must be given once.`, { path: name });
  return value;
}

/**
 * The list request of a query string. Parameters that nobody here knows are no mistake: Entra's tenant URL carries
 * `aadOptscim062020` (peers.md 3.3 no. 27).
 *
 * @throws ProvostError `INVALID_VALUE`
 */
export function listRequestOf(request: Request): ListRequest {
  const given = {
    filter: parameter(request, 'filter'),
    sortBy: parameter(request, 'sortBy'),
    sortOrder: parameter(request, 'sortOrder'),
    startIndex: parameter(request, 'startIndex'),
    count: parameter(request, 'count'),
    // Empty is not the same as absent: it asks for the first page by cursor (RFC 9865 §2).
    cursor: request.query['cursor'] === '' ? '' : parameter(request, 'cursor'),
  };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...present, selection: selectionOf(request) };
}

/** @throws ProvostError `INVALID_VALUE` where both are given (RFC 7644 §3.9 allows one) */
export function selectionOf(request: Request): Selection {
  return selection(names(parameter(request, 'attributes')), names(parameter(request, 'excludedAttributes')));
}

/** @throws ProvostError `INVALID_VALUE` where both are given */
export function selection(
  attributes: readonly string[] | undefined,
  excludedAttributes: readonly string[] | undefined,
): Selection {
  if (attributes !== undefined && excludedAttributes !== undefined) {
    throw new ProvostError('INVALID_VALUE', 'Send attributes or excludedAttributes, not both.', {
      path: 'excludedAttributes',
    });
  }
  return {
    ...(attributes === undefined ? {} : { attributes }),
    ...(excludedAttributes === undefined ? {} : { excludedAttributes }),
  };
}

/** Names in one parameter, separated by commas. */
export const names = (list: string | undefined): string[] | undefined =>
  list
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
