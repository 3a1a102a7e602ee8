import type { DeviationCode } from '../../../../domain/scim/deviation.ts';
import type { Mode } from '../../../../domain/scim/mode.ts';
import { applyPatch } from '../../../../domain/scim/patch/apply-patch.ts';
import { normalisePatch } from '../../../../domain/scim/patch/normalise-patch.ts';
import { PATCH_SCHEMA } from '../../../../domain/scim/patch/read-operations.ts';
import {
  ENTERPRISE_USER_SCHEMA,
  GROUP_SCHEMA,
  type Resource,
  type ScimObject,
  USER_SCHEMA,
} from '../../../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../../../domain/scim/schema/definition.ts';
import { USER_TYPE } from '../../../../domain/scim/schema/resource-types.ts';

export const patchBody = (...operations: readonly unknown[]) => ({ schemas: [PATCH_SCHEMA], Operations: operations });

export interface Patched {
  readonly resource: Resource;
  readonly changed: boolean;
  readonly password: string | undefined;
  readonly deviations: readonly DeviationCode[];
}

/** What a PATCH request makes of a resource, from the body to the result. */
export function patched(
  before: Resource,
  body: unknown,
  mode: Mode = 'tolerant',
  type: ResourceTypeDefinition = USER_TYPE,
): Patched {
  const { operations, password, deviations } = normalisePatch(body, type, mode);
  const applied = applyPatch(before, operations, type, mode);
  const codes = [...deviations, ...applied.deviations].map(({ code }) => code);
  return { resource: applied.resource, changed: applied.changed, password, deviations: [...new Set(codes)].sort() };
}

export function user(attributes: ScimObject = {}): Resource {
  const schemas = [USER_SCHEMA, ...(ENTERPRISE_USER_SCHEMA in attributes ? [ENTERPRISE_USER_SCHEMA] : [])];
  return { schemas, userName: 'bjensen', ...attributes };
}

export const group = (attributes: ScimObject = {}): Resource => ({
  schemas: [GROUP_SCHEMA],
  displayName: 'Tour Guides',
  ...attributes,
});
