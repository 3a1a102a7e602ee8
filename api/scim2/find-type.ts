import type { Request } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { coversScim } from '../../domain/scopes.ts';
import { principalOf } from '../identify/authenticate.ts';
import type { Scim2Dependencies } from './context.ts';

/**
 * The resource type, as the caller's tenant has it, that a path's `:endpoint` names.
 *
 * @returns undefined where it names none
 */
export async function findType(
  request: Request,
  { resourceTypes }: Pick<Scim2Dependencies, 'resourceTypes'>,
): Promise<ResourceTypeDefinition | undefined> {
  const endpoint = `/${String(request.params['endpoint'] ?? '')}`.toLowerCase();
  const types = await resourceTypes(principalOf(request).tenant);
  return types.find((type) => type.endpoint.toLowerCase() === endpoint);
}

/**
 * Every resource type that the caller may list.
 *
 * @throws ProvostError `FORBIDDEN` where there is none
 */
export async function listableTypes(
  request: Request,
  { resourceTypes }: Pick<Scim2Dependencies, 'resourceTypes'>,
): Promise<readonly ResourceTypeDefinition[]> {
  const { tenant, scopes } = principalOf(request);
  const types = (await resourceTypes(tenant)).filter(({ name }) => coversScim(scopes, 'list', name));
  if (types.length === 0)
    throw new ProvostError('FORBIDDEN', 'These credentials may not list resources; the scope scim:read is missing.');
  return types;
}
