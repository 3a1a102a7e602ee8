import type { Request } from 'express';
import { GROUP_SCHEMA, USER_SCHEMA } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { ContextDependencies } from '../request-context.ts';
import { findType } from '../scim2/find-type.ts';

/** SCIM 1.1 knows users and groups; resource types of a tenant's own are SCIM 2.0's. */
export const isKnownTo1 = ({ schema }: ResourceTypeDefinition): boolean =>
  schema.id === USER_SCHEMA || schema.id === GROUP_SCHEMA;

/**
 * The resource type that a path's `:endpoint` names.
 *
 * @returns undefined where it names none that SCIM 1.1 has
 */
export async function findType1(
  request: Request,
  dependencies: ContextDependencies,
): Promise<ResourceTypeDefinition | undefined> {
  const type = await findType(request, dependencies);
  return type !== undefined && isKnownTo1(type) ? type : undefined;
}
