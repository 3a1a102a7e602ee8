import { isProvostError, ProvostError } from '../../domain/errors.ts';
import { operationOn } from '../../domain/scim/patch/operation-on.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';

/** A conflict about a unique value of a PATCH, with the operation that gave the value. Other failures stay as they are. */
export function nameOperation(error: unknown, body: unknown, type: ResourceTypeDefinition): unknown {
  if (!isProvostError(error, 'UNIQUENESS') || error.facts.path === undefined) return error;
  const operation = operationOn(error.facts.path, body, type);
  if (operation === undefined) return error;
  return new ProvostError('UNIQUENESS', `${operation}: ${error.message}`, error.facts, { cause: error });
}
