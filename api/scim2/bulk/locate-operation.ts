import type { BulkMethod } from '../../../domain/bulk/bulk-step.ts';
import { ProvostError } from '../../../domain/errors.ts';
import type { ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { coversScim, type Verb } from '../../../domain/scopes.ts';
import type { SentOperation } from './read-bulk-request.ts';

/** Where an operation goes. */
export interface Place {
  readonly type: ResourceTypeDefinition;
  /** An id, or `bulkId:<name>`; absent for a POST. */
  readonly id?: string;
}

const VERBS = { POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' } as const satisfies Record<
  BulkMethod,
  Verb
>;

/**
 * The resource type, and for all but POST the resource, that the path of an operation names: `/Users`, `/Users/{id}`.
 *
 * @throws ProvostError `INVALID_PATH`, `NOT_FOUND` (no such endpoint)
 */
export function locateOperation(
  { method, path }: Pick<SentOperation, 'method' | 'path'>,
  types: readonly ResourceTypeDefinition[],
): Place {
  const [endpoint = '', id, ...rest] = path
    .replace(/[?#].*$/s, '')
    .replace(/^\/|\/$/g, '')
    .split('/');
  const type = types.find((known) => known.endpoint.toLowerCase() === `/${endpoint}`.toLowerCase());
  if (type === undefined) throw new ProvostError('NOT_FOUND', 'The path names no endpoint of a resource type.');
  if (rest.length > 0 || (method === 'POST') !== (id === undefined) || id === '')
    throw new ProvostError(
      'INVALID_PATH',
      `The path of a ${method} must be ${type.endpoint}${method === 'POST' ? '' : '/{id}'}.`,
    );
  return { type, ...(id === undefined ? {} : { id: decoded(id) }) };
}

/** @throws ProvostError `FORBIDDEN` where the caller has no scope for it */
export function requireScope(scopes: readonly string[], method: BulkMethod, type: ResourceTypeDefinition): void {
  if (coversScim(scopes, VERBS[method], type.name)) return;
  throw new ProvostError(
    'FORBIDDEN',
    `These credentials may not ${VERBS[method]} ${type.name} resources; the scope scim:write is missing.`,
  );
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch (cause) {
    throw new ProvostError('INVALID_PATH', 'The path of the operation is malformed.', {}, { cause });
  }
}
