import type { Request } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { coversScim } from '../../domain/scopes.ts';
import { type ContextDependencies, contextOf } from '../request-context.ts';

/**
 * The resource type, as the caller's tenant has it, that a path's `:endpoint` names.
 *
 * @returns undefined where it names none
 */
export async function findType(
  request: Request,
  dependencies: ContextDependencies,
): Promise<ResourceTypeDefinition | undefined> {
  const endpoint = `/${String(request.params['endpoint'] ?? '')}`.toLowerCase();
  const { types } = await contextOf(request, dependencies);
  return types.find((type) => type.endpoint.toLowerCase() === endpoint);
}

/**
 * Every resource type that the caller may list.
 *
 * @throws ProvostError `FORBIDDEN` where there is none
 */
export async function listableTypes(
  request: Request,
  dependencies: ContextDependencies,
): Promise<readonly ResourceTypeDefinition[]> {
  const { principal, types: all } = await contextOf(request, dependencies);
  const types = all.filter(({ name }) => coversScim(principal.scopes, 'list', name));
  if (types.length === 0)
    throw new ProvostError('FORBIDDEN', 'These credentials may not list resources; the scope scim:read is missing.');
  return types;
}
